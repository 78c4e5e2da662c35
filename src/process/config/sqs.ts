import type { SqsConnection } from '../../ingest/sqs/client.ts';
import type { Settings } from './settings.ts';

/** How to reach SQS. Without a key in the environment the SDK looks for credentials by itself. */
export function sqsConnection(settings: Settings): SqsConnection {
  const { awsRegion: region, sqsEndpoint, awsAccessKeyId, awsSecretAccessKey, awsSessionToken } = settings;
  const connection: SqsConnection = { region };
  if (sqsEndpoint !== null) connection.endpoint = sqsEndpoint;
  if (awsAccessKeyId !== null && awsSecretAccessKey !== null)
    connection.credentials = {
      accessKeyId: awsAccessKeyId,
      secretAccessKey: awsSecretAccessKey,
      ...(awsSessionToken !== null && { sessionToken: awsSessionToken }),
    };
  return connection;
}
