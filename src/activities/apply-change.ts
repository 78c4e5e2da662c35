import type { SyncActivities } from '../temporal/messages.ts';

type Verbs = Pick<SyncActivities, 'transformChange' | 'resolveIdentity' | 'upsertRow'>;

/** What is fine takes this way: the failure of a verb is told as that verb's own. */
export function applyChangeActivity(verbs: Verbs): SyncActivities['applyChange'] {
  return async (input) => {
    const transformed = await verbs.transformChange(input);
    const identity = await verbs.resolveIdentity(input);
    return verbs.upsertRow({ ...input, transformed, identity });
  };
}
