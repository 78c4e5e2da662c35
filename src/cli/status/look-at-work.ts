import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import type { OldestUnapplied } from '../../observability/lag.ts';
import { listed } from '../../observability/oldest-open.ts';
import { OpenWork } from '../../observability/open-work.ts';
import type { CompiledPipeline, Route } from '../../pipeline/route.ts';
import { workflowTypes } from '../../temporal/names.ts';
import type { SearchAttribute } from '../../temporal/names.ts';
import type { OpenEvents } from './report.ts';
import { nothingOpen, tally } from './tally.ts';
import type { OpenWorkflow } from './tally.ts';

/** What Temporal holds of a pipeline. */
export interface WorkLook {
  all: OpenEvents;
  of: (route: Route) => OpenEvents;
  /** See `OldestUnapplied`. */
  oldest: OldestUnapplied;
}

const { syncChange, syncBatch, deadLetter } = workflowTypes;

/** Counts at a time: visibility answers a namespace only so many calls a second. */
const atOnce = 5;

/** Asks Temporal's visibility: by one list call where no more than `few` are open, else by counting. */
export async function lookAtWork(
  client: Client,
  pipeline: CompiledPipeline,
  few = listed,
): Promise<WorkLook> {
  const work = new OpenWork(client, pipeline);
  const query = queryOf([syncChange, syncBatch, deadLetter], pipeline);
  const { count } = await client.workflow.count(query);
  const [open] = await Promise.all([
    count <= few ? listOpen(client, query) : countOpen(client, pipeline),
    work.refresh(),
  ]);
  return { ...open, oldest: work.oldest() };
}

const queryOf = (types: readonly string[], { name }: CompiledPipeline, condition = '') =>
  `WorkflowType IN (${types.map((type) => `'${type}'`).join(', ')}) AND ExecutionStatus = 'Running' AND TandemPipeline = '${name}'${condition}`;

/** Events that failed and are tried again, wait or are held. */
export const inTroubleQuery = (pipeline: CompiledPipeline) =>
  queryOf([syncChange], pipeline, ' AND TandemErrorClass IS NOT NULL');

type Open = Pick<WorkLook, 'all' | 'of'>;

async function listOpen({ workflow }: Client, query: string): Promise<Open> {
  const open: OpenWorkflow[] = [];
  for await (const { type, typedSearchAttributes } of workflow.list({ query, pageSize: listed })) {
    const of = (name: SearchAttribute) => typedSearchAttributes.get({ name, type: 'KEYWORD' }) ?? null;
    open.push({
      type,
      entity: of('TandemEntity'),
      side: of('TandemSide'),
      errorClass: of('TandemErrorClass'),
    });
  }
  return {
    all: tally(open),
    of: ({ entity, source }) =>
      tally(open.filter((each) => each.entity === entity && each.side === source.side)),
  };
}

async function countOpen({ workflow }: Client, pipeline: CompiledPipeline): Promise<Open> {
  const limit = pLimit(atOnce);
  const count = (types: readonly string[], condition: string) =>
    limit(async () => (await workflow.count(queryOf(types, pipeline, condition))).count);
  const countWhere = async (condition: string): Promise<OpenEvents> => {
    const [inFlight, failed, waiting, deadLetters] = await Promise.all([
      count([syncChange, syncBatch], condition),
      count([syncChange], `${condition} AND TandemErrorClass IS NOT NULL`),
      count([syncChange], `${condition} AND TandemErrorClass = 'waiting_for_row'`),
      count([deadLetter], condition),
    ]);
    return { inFlight, retrying: Math.max(0, failed - waiting), waiting, deadLetters };
  };
  const ofRoutes = pipeline.routes.map(async (route) => {
    const { entity, source } = route;
    return [
      route,
      await countWhere(` AND TandemEntity = '${entity}' AND TandemSide = '${source.side}'`),
    ] as const;
  });
  const [all, ...counted] = await Promise.all([countWhere(''), ...ofRoutes]);
  const byRoute = new Map(counted);
  return { all, of: (route) => byRoute.get(route) ?? nothingOpen };
}
