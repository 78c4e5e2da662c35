import type { ChangeEvent } from '../../change/event.ts';
import type { ApplyResult } from '../../change/outcome.ts';
import type { ApplyDeps } from '../resolve-identity.ts';
import { mirrorRow } from './mirror-row.ts';
import { offerRow } from './offer-row.ts';

/**
 * Applies an event of an entity without row clocks, under `side:<name>`. The event only says which row to look at: what
 * its row holds now is compared with what the ledgers say the other side was given. A changed key is the end of a row
 * and the beginning of another. An event that comes again compares all the same, unless an operator discarded it.
 */
export async function applyUnclocked(deps: ApplyDeps, event: ChangeEvent): Promise<ApplyResult> {
  const { route, target } = deps;
  const processed = await target.findProcessed(event.event_id);
  if (processed?.outcome === 'discarded')
    return { outcome: 'discarded', target_key: processed.targetKey, replayed: true };
  const bring = route.policy === `side:${route.source.side}` ? mirrorRow : offerRow;
  const { previous_key: previous, ...now } = event;
  if (previous !== undefined) await bring(deps, { ...now, primary_key: previous }, { part: true });
  return bring(deps, now, { part: false });
}
