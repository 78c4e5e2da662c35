import { z } from 'zod';
import type { WireValue } from './value.ts';

const wireValue: z.ZodType<WireValue> = z.lazy(() =>
  z.union([z.string(), z.boolean(), z.null(), z.array(wireValue), z.record(z.string(), wireValue)]),
);

export const operations = ['CREATE', 'UPDATE', 'DELETE'] as const;

/** Raised when a field's meaning changes, with an upcaster for the one before; a field more is optional instead. */
export const eventVersion = '1.0.0';

/** One captured row change: the seeds' event contract and what correctness needs beside it. */
export const changeEvent = z.strictObject({
  /** UUIDv5, see `eventId`; the workflow id. The same record gives the same id at every delivery. */
  event_id: z.uuid(),
  /** Version of this schema. What other builds wrote goes through `upcast`. */
  event_version: z.literal(eventVersion),
  pipeline: z.string(),
  /** Name of the entity in its pipeline. */
  entity_type: z.string(),
  operation: z.enum(operations),
  /** Canonical key of the row on its side, see `keyText`. */
  primary_key: z.string(),
  /** The key before a primary-key change; absent when the key did not change. */
  previous_key: z.string().optional(),
  /** After image; for a DELETE the last image before it, as far as the log carries one. */
  payload: z.record(z.string(), wireValue),
  /** Columns whose value before the change differed; null when the log carries no before image. */
  before: z.record(z.string(), wireValue).nullable(),
  /** The side where the change happened. */
  source: z.string(),
  /** Commit time on the source, ISO 8601 UTC. */
  timestamp: z.iso.datetime({ offset: false }),
  /** Where in the side's log; `order` sorts as a string and is comparable within one row and epoch. */
  position: z.strictObject({ epoch: z.int(), order: z.string() }),
  /** Row clock of the version this event brings, microseconds since the epoch; a DELETE's is before + 1. Null where the table keeps no clock. */
  clock: z.string().regex(/^\d+$/).nullable(),
  /** Origin mark the writer's session carried (`tandem_1`, a GTID tag); null for an ordinary writer or where unknown. */
  origin: z.string().nullable(),
  /** True for a read (snapshot, backfill): it never outranks a streamed change. */
  snapshot: z.boolean(),
});

export type ChangeEvent = z.infer<typeof changeEvent>;
export type Operation = ChangeEvent['operation'];
export type Position = ChangeEvent['position'];
