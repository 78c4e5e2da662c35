import type { Client } from '@temporalio/client';
import type { LedgerDatabase } from '../database/engine-database.ts';
import type { TracedIdentity, TracedRow } from '../database/trace-row.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Route } from '../pipeline/route.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { resolveSides } from '../process/config/sides.ts';
import { closeDatabases, openDatabases } from '../process/databases.ts';
import type { Databases } from '../process/databases.ts';
import { workflowLink } from '../process/web-ui.ts';
import { eventsOfRow } from './events-of-row.ts';
import { keptSince } from './kept-since.ts';
import type { NamedRow } from './named-row.ts';
import { identityView, timeline } from './row-timeline.ts';
import type { Way } from './row-timeline.ts';
import { runsOf } from './row-runs.ts';
import type { RowKey, RowTrace } from './row-trace.ts';
import { Unreadable } from './unreadable.ts';

/** Outcomes of one direction that are shown. */
const most = 500;

/** `rows`: with the values of both rows as they are now. `since`: outcomes and conflicts noted then or later, ISO 8601 UTC. */
export interface TraceRowOptions {
  rows: boolean;
  since: string | null;
}

/** Everything that the ledgers of both sides and Temporal know of one row. */
export async function traceOfRow(
  client: Client,
  named: NamedRow,
  options: TraceRowOptions,
): Promise<RowTrace> {
  const environment = loadEnvironment();
  const settings = loadSettings(environment);
  const { pipeline, entity, routes } = named;
  const databases = openDatabases(resolveSides(pipeline, environment), {
    ...settings,
    poolSize: 1,
    originMarks: false,
  });
  try {
    const ways = await waysOf(databases, named);
    const keys = keysOf(named.row, ways);
    const unreadable = new Unreadable();
    const open = await eventsOfRow(client, { pipeline: pipeline.name, entity }, keys, unreadable);
    const leftOut = [...open.leftOut];
    const known = await Promise.all(
      ways.map(async ({ route, identities }): Promise<Way> => {
        const { source, target } = route;
        const events = await onLedger(databases, target.side, (ledger) =>
          ledger.traceRow({
            row: tracedRow(route, keys),
            eventIds: open.eventIds,
            since: options.since,
            limit: most,
          }),
        );
        if (events.processed.length >= most)
          leftOut.push(`only the newest ${most} events from ${source.side} to ${target.side} are shown`);
        return { from: source.side, to: target.side, identities, events };
      }),
    );
    const ids = known.flatMap(({ events: { processed, conflicts, waiting } }) =>
      [processed, conflicts, waiting].flatMap((each) => each.map(({ eventId }) => eventId)),
    );
    const runs = await runsOf(client, [...new Set([...ids, ...open.eventIds])], unreadable);
    return {
      pipeline: pipeline.name,
      entity,
      keys,
      identities: known.flatMap(({ identities }) => identities.map(identityView)),
      moments: timeline({
        pipeline: pipeline.name,
        ways: known,
        deletedByApp: await deletesByApps(databases, named, keys),
        runs,
        keptSince: await keptSince(client),
        link: (workflowId) => workflowLink(settings, workflowId),
      }),
      left_out: [...leftOut, ...unreadable.told()],
      ...(options.rows && { rows: await rowsNow(databases, routes, keys) }),
    };
  } finally {
    await closeDatabases(databases);
  }
}

/** Nothing was found but, perhaps, the rows themselves. */
export const isUnknownRow = ({ identities, moments }: RowTrace): boolean =>
  identities.length === 0 && moments.length === 0;

/** Identities of the row by direction, by the key that was asked for. */
const waysOf = (databases: Databases, { routes, row }: NamedRow) =>
  Promise.all(
    routes.map(async (route) => ({
      route,
      identities: await onLedger(databases, route.target.side, (ledger) =>
        ledger.traceIdentities(tracedRow(route, [row])),
      ),
    })),
  );

const tracedRow = ({ pipeline, entity, source, target }: Route, keys: readonly RowKey[]): TracedRow => {
  const on = (side: string) => keys.filter((each) => each.side === side).map(({ key }) => key);
  return {
    pipeline,
    entity,
    sourceSide: source.side,
    targetSide: target.side,
    sourceKeys: on(source.side),
    targetKeys: on(target.side),
  };
};

/** The key asked for, and those the ledgers pair it with. */
function keysOf(asked: RowKey, ways: readonly { identities: readonly TracedIdentity[] }[]): RowKey[] {
  const paired = ways.flatMap(({ identities }) =>
    identities.flatMap(({ sourceSide, sourceKey, targetSide, targetKey }) => [
      { side: sourceSide, key: sourceKey },
      ...(targetKey === null ? [] : [{ side: targetSide, key: targetKey }]),
    ]),
  );
  const others = paired.filter(({ side }) => side !== asked.side);
  return [asked, ...new Map(others.map((each) => [JSON.stringify(each), each])).values()];
}

async function deletesByApps(
  databases: Databases,
  { pipeline, entity, routes }: NamedRow,
  keys: readonly RowKey[],
) {
  const withLedger = keys.filter(({ side }) => routes.some(({ target }) => target.side === side));
  const found = await Promise.all(
    withLedger.map(async ({ side, key }) => ({
      side,
      clock: await onLedger(databases, side, (ledger) =>
        ledger.findLocalTombstone({ pipeline: pipeline.name, entity, side, key }),
      ),
    })),
  );
  return found.flatMap(({ side, clock }) => (clock === null ? [] : [{ side, clock }]));
}

/** Of sides whose table holds the rows. */
async function rowsNow(databases: Databases, routes: readonly Route[], keys: readonly RowKey[]) {
  const tables = routes.flatMap(({ source, target, loads }) => (loads ? [source, target] : [source]));
  const rows = keys.map(async ({ side, key }) => {
    const table = tables.find((each) => each.side === side);
    if (!table) return [];
    const row = await databases.get(side)!.findRow(table, key);
    return [{ side, key, clock: row?.clock == null ? null : String(row.clock), values: row?.values ?? null }];
  });
  return (await Promise.all(rows)).flat();
}

async function onLedger<T>(
  databases: Databases,
  side: string,
  ask: (ledger: LedgerDatabase) => Promise<T>,
): Promise<T> {
  try {
    return await ask(databases.get(side)!);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    throw new Error(`the ledger of ${side} cannot be read, or not in time: --since asks for less`, {
      cause: error,
    });
  }
}
