/** Names of cached values, and for how long they are kept, seconds. */
export const keys = {
  context: (userId: string) => `user:${userId}:context`,
  claims: (userId: string) => `user:${userId}:claims`,
  eligibleUsers: 'eligible_users',
  queue: (status: QueueStatus) => `queue:${status}`,
  lenders: 'lenders',
} as const;

export const ttl = { user: 900, eligibleUsers: 300, queue: 300, static: 3600 } as const;

export const queueStatuses = ['queued', 'assigned'] as const;
export type QueueStatus = (typeof queueStatuses)[number];

export const ofUser = (userId: string): string[] => [keys.context(userId), keys.claims(userId)];

/** What shows who is to be called. */
export const ofQueue: readonly string[] = [keys.eligibleUsers, ...queueStatuses.map(keys.queue)];
