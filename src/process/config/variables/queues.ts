import { z } from 'zod';
import { text } from '../variable.ts';
import type { Variable } from '../variable.ts';

export const queueVariables = {
  awsRegion: {
    name: 'AWS_REGION',
    schema: z.string().regex(/^[a-z0-9-]+$/, 'must be the name of a region'),
    default: 'us-east-1',
    description:
      'Region of the queues of sides whose feed is sqs. Credentials are found as the AWS SDK for JavaScript finds them.',
  },
  sqsEndpoint: {
    name: 'SQS_ENDPOINT',
    schema: text.httpUrl,
    description: "Address of SQS, where it is not the region's own: a local one, or a VPC endpoint.",
  },
} as const satisfies Record<string, Variable>;
