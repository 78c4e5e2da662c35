import { applyByReading } from '../apply/apply-by-reading.ts';
import { applyEvent } from '../apply/apply-event.ts';
import { applyHint } from '../apply/apply-hint.ts';
import { bringBack } from '../apply/bring-back.ts';
import { clockAhead } from '../apply/clock-ahead.ts';
import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import { UnclearPosition } from '../apply/position.ts';
import { resolveIdentity } from '../apply/resolve-identity.ts';
import { SyncError } from '../errors/sync-error.ts';
import { transformChange } from '../pipeline/transform.ts';
import type { SyncActivities } from '../temporal/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { enteringWaitingRoom } from './entering-waiting-room.ts';
import { hasEffects } from './has-effects.ts';
import { pauseForRestart, refusePaused } from './hold.ts';
import { raiseConflict } from './raise-conflict.ts';
import { applyDepsOf, eventOf, routeOf } from './route-of.ts';
import { settledEvent } from '../apply/settled-event.ts';

/** Exactly once in effect: the ledger answers a second run with the stored outcome. */
export function upsertRowActivity(deps: ActivityDeps): SyncActivities['upsertRow'] {
  return async ({ subject, waited = false, ...given }) => {
    refusePaused(deps, subject);
    const route = { ...routeOf(deps, subject), waited };
    const event = await eventOf(deps, subject);
    // The markers of a reference stand for nothing.
    const { transformed, identity } =
      subject.kind === 'event' ? given : { transformed: null, identity: null };
    const edited = subject.kind === 'event' && subject.edited === true;
    const settled = () => (edited ? event : settledEvent(route.source, route.route, event));
    const apply = async () => {
      if (subject.kind === 'hint') return applyHint(route, subject);
      return applyEvent(
        route,
        event,
        transformed ?? transformChange(route.route, await settled()),
        identity ?? (await resolveIdentity(route, event)),
      ).catch(async (error: unknown) => {
        if (!(error instanceof UnclearPosition)) throw error;
        if (edited) throw unordered(event);
        if (error.restarted) await pauseForRestart(deps, event);
        return applyByReading(route, event);
      });
    };
    const applied = await (waited ? enteringWaitingRoom(route, event, apply) : apply());
    await raiseConflict(deps, route, event, applied);
    if (edited && route.route.twoWay)
      await bringBack(applyDepsOf(deps, event.entity_type, route.route.target.side), event, applied);
    const result = flagged(deps, event, applied);
    deps.observer.applied(event, result, (Date.now() - Date.parse(event.timestamp)) / 1000);
    if (hasEffects(deps, event, result)) return { ...result, effects: true };
    deps.fuse.succeeded(event.entity_type);
    return result;
  };
}

/** Its row is not read instead, as that holds what was corrected. */
const unordered = ({ entity_type: entity }: ChangeEvent) =>
  new SyncError(
    'data',
    `position and commit time of a corrected change of ${entity} disagree on whether it is new: correct the source row, then retry with reread`,
  );

function flagged(
  { maxClockSkewSeconds }: ActivityDeps,
  event: ChangeEvent,
  result: ApplyResult,
): ApplyResult {
  const ahead = result.replayed ? null : clockAhead(event, maxClockSkewSeconds, Date.now());
  return ahead === null ? result : { ...result, clock_ahead_seconds: ahead };
}
