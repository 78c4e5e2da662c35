import { z } from 'zod';
import { endpoint } from '../../src/pipeline/endpoints.ts';
import { queueStatuses } from './cache-keys.ts';
import { userCallContext, userClaims } from './context.ts';
import { eligibleUsers, lenders, queueEntries } from './queue.ts';

const largestId = 2n ** 63n - 1n;

/** As the dialler's BIGINT holds. */
const userId = z.object({
  id: z
    .string()
    .regex(/^\d{1,19}$/)
    .refine((text) => BigInt(text) <= largestId),
});

export const endpoints = [
  endpoint({
    path: '/users/:id/context',
    parameters: userId,
    get: ({ id }, tools) => userCallContext(id, tools),
  }),
  endpoint({ path: '/users/:id/claims', parameters: userId, get: ({ id }, tools) => userClaims(id, tools) }),
  endpoint({
    path: '/queue/:status',
    parameters: z.object({ status: z.enum(queueStatuses) }),
    get: ({ status }, tools) => queueEntries(status, tools),
  }),
  endpoint({ path: '/eligible-users', parameters: z.object({}), get: (_, tools) => eligibleUsers(tools) }),
  endpoint({ path: '/lenders', parameters: z.object({}), get: (_, tools) => lenders(tools) }),
];
