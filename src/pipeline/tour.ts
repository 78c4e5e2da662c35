import type { SqlRow } from './tools.ts';

/** What a step of a tour came to, for its line in the table. */
export interface StepReport {
  /** From the app's commit to the row being visible on the other side, milliseconds. */
  milliseconds?: number;
  /** Rows that took so long together; default 1. The median is taken of single rows. */
  rows?: number;
  /** Instead of `milliseconds`: how long each of several rows took, one after another. */
  each?: readonly number[];
  /** The event to look up; its link and query line are printed. */
  eventId?: string;
  note?: string;
}

/** What a pipeline's tour may do: act as the apps do, and look. Every wait ends with an error that says what did not come. */
export interface TourTools {
  /** Different in every run, so that a tour can be taken again on the same databases. */
  run: string;
  step(title: string, body: () => Promise<StepReport>): Promise<void>;
  /** Runs one statement as the side's app. */
  app(side: string, statement: string, parameters?: readonly unknown[]): Promise<SqlRow[]>;
  /** Runs one statement as the side's administrator. */
  admin(side: string, statement: string, parameters?: readonly unknown[]): Promise<SqlRow[]>;
  /** Waits until the query's first row is accepted; default: until there is one. */
  see(
    side: string,
    query: string,
    parameters?: readonly unknown[],
    accept?: (row: SqlRow | undefined) => boolean,
  ): Promise<SqlRow>;
  /** Milliseconds since the last statement of `app` was committed. */
  sinceWrite(): number;
  /** The event last applied to a side's rows of an entity. */
  lastEvent(side: string, entity: string): Promise<string>;
  /** Sum of the end offsets of all topics of the pipeline's sides. */
  records(): Promise<bigint>;
  /** Asks an endpoint of the pipeline; null where there is no answer to it (404). */
  ask<T>(path: string): Promise<T | null>;
  /** Waits until something is so. */
  until(what: string, look: () => Promise<boolean>): Promise<void>;
  /** Waits for the message that tells of an event on a topic of the event bus; its data. */
  published(topic: string, eventId: string): Promise<Readonly<Record<string, unknown>>>;
  /** Waits for a dead letter of the entity raised in this tour. */
  deadLetter(entity: string): Promise<{ eventId: string; reason: string }>;
  retry(eventId: string): Promise<void>;
}

/** A guided tour through a pipeline: the default export of `pipelines/<name>/tour.ts`. */
export interface Tour {
  /** The role each side's app writes as. */
  apps: Record<string, string>;
  take(tools: TourTools): Promise<void>;
}

export const defineTour = (tour: Tour): Tour => tour;
