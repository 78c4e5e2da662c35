import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import { mapStored, storedReferences } from '../pipeline/transform.ts';
import { applyEvent } from './apply-event.ts';
import { identityKey } from './identity-key.ts';
import { parentKeys } from './resolve-identity.ts';
import type { ApplyDeps } from './resolve-identity.ts';

/**
 * Settles an event of a one-way entity whose position cannot be trusted: what its source row holds now is at least as new
 * as the event, so that is brought to the target, or the row's end. It does not raise the position and outranks nothing
 * that was applied since the read began: then it throws `contention`, and is to be tried again.
 */
export async function applyByReading(deps: ApplyDeps, event: ChangeEvent): Promise<ApplyResult> {
  const { route, source, target } = deps;
  const known = await target.findIdentity(identityKey(route, route.entity, event.primary_key));
  const row = await source.findRow(route.source, event.primary_key);
  const alive = event.operation === 'DELETE' ? 'UPDATE' : event.operation;
  return applyEvent(
    deps,
    { ...event, operation: row ? alive : 'DELETE' },
    { row: row && mapStored(route, row.values), before: null },
    {
      targetKey: known?.targetKey ?? null,
      references: row ? await parentKeys(deps, storedReferences(route, row.values)) : {},
      echo: false,
    },
    { counter: known?.counter ?? 0n },
  );
}
