import type { ChangeEvent } from '../change/event.ts';
import type { Database } from '../database/contract.ts';
import { doubtfulColumns } from '../pipeline/doubtful.ts';
import type { Route } from '../pipeline/route.ts';

/**
 * The event with every doubtful value as its source row holds it. A row that is gone, or is another version by now, is
 * left alone: the event of that change follows, and is settled itself.
 */
export async function settledEvent(source: Database, route: Route, event: ChangeEvent): Promise<ChangeEvent> {
  const doubtful = doubtfulColumns(route, event);
  if (doubtful.length === 0) return event;
  const row = await source.findRow(route.source, event.primary_key);
  if (row === null || (event.clock !== null && row.clock !== BigInt(event.clock))) return event;
  const settled = doubtful.map(({ name }) => [name, row.values[name] ?? null] as const);
  return { ...event, payload: { ...event.payload, ...Object.fromEntries(settled) } };
}
