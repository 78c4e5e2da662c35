import type { Client } from '@temporalio/client';
import { forgetDeleted, forgetEvents, tombstoneLimit } from '../apply/forget.ts';
import type { HousekeepingActivities, PurgeReport } from '../temporal/housekeeping.ts';
import { deadLetterId, workflowTypes } from '../temporal/names.ts';
import type { ActivityDeps } from './deps.ts';

const day = 86_400_000;

/**
 * Forgets events and tombstones older than the retention, which is never taken shorter than what the topics really
 * keep: an event may not come again once it is forgotten. Events of open workflows and dead letters stay; tombstones
 * stay while an older change may still come (`tombstoneLimit`).
 */
export function purgeLedgersActivity(deps: ActivityDeps): HousekeepingActivities['purgeLedgers'] {
  return async ({ pipeline, retentionDays }) => {
    const report: PurgeReport = { events: 0, tombstones: 0, identities: 0, kept: null };
    const topicsMs = await deps.upstream.retentionMs();
    if (topicsMs === null) return { ...report, kept: 'a topic keeps its records for ever' };
    const now = Date.now();
    const retentionMs = Math.max(retentionDays * day, topicsMs);
    const open = await openWork(deps.client, pipeline);
    const before = new Date(now - retentionMs);
    for (const ledger of deps.ledgers.values())
      report.events += await forgetEvents(ledger, { pipeline, before, except: open.events });

    const captured = await deps.upstream.captured();
    if (captured === null)
      return { ...report, kept: 'tombstones: a connector does not tell what it has captured' };
    for (const route of deps.pipeline.routes.filter(({ twoWay }) => twoWay)) {
      const oldestOpen = Math.min(open.oldest(route.entity), open.oldest(''));
      const limit = tombstoneLimit({
        now,
        retentionMs,
        topicsMs,
        captured,
        oldestOpen: Number.isFinite(oldestOpen) ? oldestOpen : null,
      });
      if (limit === null) continue;
      const { tombstones, identities } = await forgetDeleted({
        source: deps.databases.get(route.source.side)!,
        target: deps.databases.get(route.target.side)!,
        ledger: deps.ledgers.get(route.target.side)!,
        before: new Date(limit),
        route,
      });
      report.tombstones += tombstones;
      report.identities += identities;
    }
    return report;
  };
}

/** What is open in Temporal: the event ids, and when the oldest of each entity began ('' for records nobody could parse). */
async function openWork(client: Client, pipeline: string) {
  const events = new Set<string>();
  const oldest = new Map<string, number>();
  const types = [workflowTypes.syncChange, workflowTypes.deadLetter].map((type) => `'${type}'`).join(', ');
  const query = `WorkflowType IN (${types}) AND ExecutionStatus = 'Running' AND TandemPipeline = '${pipeline}'`;
  for await (const { workflowId, startTime, searchAttributes } of client.workflow.list({
    query,
    pageSize: 1000,
  })) {
    const prefix = deadLetterId('');
    events.add(workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : workflowId);
    const entity = String(searchAttributes['TandemEntity']?.[0] ?? '');
    oldest.set(entity, Math.min(oldest.get(entity) ?? Infinity, startTime.getTime()));
  }
  return { events, oldest: (entity: string) => oldest.get(entity) ?? Infinity };
}
