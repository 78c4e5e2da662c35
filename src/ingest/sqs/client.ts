import { SQSClient } from '@aws-sdk/client-sqs';

export interface SqsConnection {
  region: string;
  /** Absent: the region's own. */
  endpoint?: string;
  /** Absent: found as the AWS SDK finds them. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

// Which Node.js Tandem runs on is its own to say, and not a warning of the SDK in its log.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

/** Seconds of the longest poll SQS knows. */
export const longestPollSeconds = 20;

/** A client of SQS. A call ends in any case: a connection nobody answers on is given up some time after the longest poll. */
export const createSqs = (connection: SqsConnection): SQSClient =>
  new SQSClient({
    ...connection,
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 3000,
      requestTimeout: longestPollSeconds * 1000 + 10_000,
      throwOnRequestTimeout: true,
    },
  });

/** The name in a queue's address. */
export const queueNameOf = (url: string): string => new URL(url).pathname.split('/').at(-1) ?? '';
