import { standingConflict, takeSource } from '../apply/row-conflict.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { DeadLetterActivities } from '../temporal/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { fitting } from './raise-conflict.ts';
import { applyDepsOf } from './route-of.ts';

export function decideConflictActivity(deps: ActivityDeps): DeadLetterActivities['decideConflict'] {
  return async ({ subject, take }) => {
    const from = applyDepsOf(deps, subject.entity, take);
    try {
      const result = await takeSource(from, subject);
      return { state: 'settled', outcome: result?.outcome ?? null };
    } catch (error) {
      if (!(error instanceof SyncError) || error.errorClass !== 'contention') throw error;
      const keyOn = (side: string) => subject.versions.find((version) => version.side === side)!.key;
      const { source, target } = from.route;
      const now = await standingConflict(from, {
        sourceKey: keyOn(source.side),
        targetKey: keyOn(target.side),
      });
      if (!now) return { state: 'settled', outcome: null };
      const changed = now.subject.versions.some(
        ({ clock }, index) => clock !== subject.versions[index]!.clock,
      );
      if (!changed) throw error;
      return { state: 'changed', subject: fitting(now.subject) };
    }
  };
}
