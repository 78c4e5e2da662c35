import { v5 } from 'uuid';
import type { Operation, Position } from './event.ts';

const namespace = '6f1d2c1e-54c5-5f0e-9d3e-2f0f6f1b8a11';

export interface EventIdentity {
  pipeline: string;
  entity: string;
  side: string;
  /** `schema.table` on the source. */
  table: string;
  key: string;
  position: Position;
  operation: Operation;
}

/** Deterministic per consumer: every delivery of one change gives one id, two pipelines on one table give two. */
export function eventId(of: EventIdentity): string {
  const { pipeline, entity, side, table, key, position, operation } = of;
  return v5(
    JSON.stringify([pipeline, entity, side, table, key, position.epoch, position.order, operation]),
    namespace,
  );
}

/** Id of the read of a row by a run that reads many: the same however often the run has to begin anew with it. */
export const readId = (
  of: { pipeline: string; entity: string; side: string; key: string },
  run: string,
): string => v5(JSON.stringify([of.pipeline, of.entity, of.side, of.key, 'read', run]), namespace);

/** Id of a hint that came in a message: the same at every delivery of it. `table` as the message names it. */
export const hintId = (
  of: { pipeline: string; entity: string; side: string; table: string; key: string },
  message: string,
): string =>
  v5(JSON.stringify([of.pipeline, of.entity, of.side, of.table, of.key, 'hint', message]), namespace);

/** Id of a pair of rows that are in conflict, by their keys; the side that wins ties first. */
export const conflictId = (pipeline: string, entity: string, keys: readonly [string, string]): string =>
  v5(JSON.stringify([pipeline, entity, 'conflict', ...keys]), namespace);

/** Id of the change that an operator's choice between two versions is: which side's, and the clocks of both. */
export const decisionId = (conflict: string, take: string, clocks: readonly string[]): string =>
  v5(JSON.stringify([conflict, 'decision', take, ...clocks]), namespace);

/** Id of what brings a corrected row back to the side whose event was corrected. */
export const correctionId = (event: string): string => v5(JSON.stringify([event, 'correction']), namespace);

/** Id of a record that could not be parsed: the place where it lies. */
export function recordId(pipeline: string, topic: string, partition: number, offset: string): string {
  return v5(JSON.stringify([pipeline, topic, partition, offset]), namespace);
}
