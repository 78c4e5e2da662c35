import type { ChangeEvent, Operation } from '../change/event.ts';
import type { Outcome } from '../change/outcome.ts';
import type { Row } from '../change/value.ts';
import type { Tools } from './tools.ts';

/** What an effect is told of the event that was applied. */
export interface EffectContext {
  event: ChangeEvent;
  outcome: Outcome;
  /** Canonical key of the target row. */
  targetKey: string | null;
  /** What the event brought, as the target's columns; references are the source's keys. Null where the row is gone. */
  row: Row | null;
  /** What was there before it, in the same form, as far as the event tells: null where it does not. */
  before: Row | null;
}

/** Something done after a row was applied, at least once; `event.event_id` tells repetitions apart. */
export interface ActionDefinition {
  name: string;
  /** The entity whose applied events it follows, in either direction. */
  entity: string;
  /** Follows also a change that came after newer ones of its row and was not applied: what it says of the row's past is true. */
  afterStale?: boolean;
  /**
   * Told of what was applied together: one event, or those of a batch, several of one row in their order. Rejects with a
   * `SyncError` to be retried under its class; with anything else it counts as `bug`. What a batch could not do is done again event by event.
   */
  run(applied: readonly EffectContext[], tools: Tools): Promise<void>;
}

export const effect = (definition: ActionDefinition): ActionDefinition => definition;

/** An applied change as a message tells it: the row as it is by then, which a later change may have made. */
export interface PublishedChange {
  eventId: string;
  /** DELETE also where the row is gone by now. */
  operation: Operation;
  /** Canonical keys of the row. */
  sourceKey: string;
  targetKey: string;
  /** The target row, as `jsonRow` writes it; null where it is not there, nor kept as deleted. */
  data: Readonly<Record<string, unknown>> | null;
  /** Raised by everything that is applied of the row: of two messages about one row the larger is the newer. */
  version: number;
  /** Commit time of the event on the source, ISO 8601. */
  timestamp: string;
}

/**
 * A message to the event bus after each applied change of a one-way entity, at least once, the event id as its id. Never an
 * older version of a row after a newer one.
 */
export interface PublicationDefinition {
  name: string;
  entity: string;
  topic: string;
  /** The message's data. */
  message(change: PublishedChange): Readonly<Record<string, unknown>>;
}

export const publish = (definition: PublicationDefinition): PublicationDefinition => definition;

export type EffectDefinition = ActionDefinition | PublicationDefinition;
