import { z } from 'zod';
import { text } from '../variable.ts';
import type { Variable } from '../variable.ts';

export const queueVariables = {
  awsRegion: {
    name: 'AWS_REGION',
    schema: z.string().regex(/^[a-z0-9-]+$/, 'must be the name of a region'),
    default: 'us-east-1',
    description: 'Region of the queues of sides whose feed is sqs.',
  },
  sqsEndpoint: {
    name: 'SQS_ENDPOINT',
    schema: text.httpUrl,
    description: "Address of SQS, where it is not the region's own: a local one, or a VPC endpoint.",
  },
  awsAccessKeyId: {
    name: 'AWS_ACCESS_KEY_ID',
    schema: text.any,
    description:
      'Access key for the queues; unset: credentials are found as the AWS SDK for JavaScript finds them (profile, role).',
  },
  awsSecretAccessKey: {
    name: 'AWS_SECRET_ACCESS_KEY',
    schema: text.any,
    secret: true,
    description: 'Its secret.',
  },
  awsSessionToken: {
    name: 'AWS_SESSION_TOKEN',
    schema: text.any,
    secret: true,
    description: 'Session token, where `AWS_ACCESS_KEY_ID` is a temporary one.',
  },
} as const satisfies Record<string, Variable>;
