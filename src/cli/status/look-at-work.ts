import type { Client } from '@temporalio/client';
import { OpenWork } from '../../observability/open-work.ts';
import type { OldestUnapplied } from '../../observability/lag.ts';
import type { CompiledPipeline, Route } from '../../pipeline/route.ts';
import { workflowTypes } from '../../temporal/names.ts';
import type { OpenEvents } from './report.ts';

/** What Temporal holds of a pipeline. */
export interface WorkLook {
  all: OpenEvents;
  of: (route: Route) => OpenEvents;
  /** See `OldestUnapplied`. */
  oldest: OldestUnapplied;
}

const none: OpenEvents = { inFlight: 0, retrying: 0, waiting: 0, deadLetters: 0 };

const isOpen = (events: OpenEvents) => events.inFlight > 0 || events.deadLetters > 0;

/** Asks Temporal's visibility: a few counts, and some for each direction of an entity where anything is open. */
export async function lookAtWork(client: Client, pipeline: CompiledPipeline): Promise<WorkLook> {
  const of = `TandemPipeline = '${pipeline.name}'`;
  const work = new OpenWork(client, pipeline);
  const [all] = await Promise.all([countOpen(client, of), work.refresh()]);
  const counted = new Map<Route, OpenEvents>();
  if (isOpen(all))
    await Promise.all(
      pipeline.routes.map(async (route) => {
        const own = `${of} AND TandemEntity = '${route.entity}' AND TandemSide = '${route.source.side}'`;
        counted.set(route, await countOpen(client, own));
      }),
    );
  return { all, of: (route) => counted.get(route) ?? none, oldest: work.oldest() };
}

async function countOpen({ workflow }: Client, of: string): Promise<OpenEvents> {
  const count = async (types: readonly string[], condition = '') => {
    const named = types.map((type) => `'${type}'`).join(', ');
    const query = `WorkflowType IN (${named}) AND ExecutionStatus = 'Running' AND ${of}${condition}`;
    return (await workflow.count(query)).count;
  };
  const { syncChange, syncBatch, deadLetter } = workflowTypes;
  const [inFlight, failed, waiting, deadLetters] = await Promise.all([
    count([syncChange, syncBatch]),
    count([syncChange], ' AND TandemErrorClass IS NOT NULL'),
    count([syncChange], ` AND TandemErrorClass = 'waiting_for_row'`),
    count([deadLetter]),
  ]);
  return { inFlight, retrying: Math.max(0, failed - waiting), waiting, deadLetters };
}
