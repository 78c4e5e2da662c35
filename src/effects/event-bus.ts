/** A message about one change, as it goes to a bus. */
export interface Message {
  topic: string;
  /** Of the change event: the same at every repetition. */
  id: string;
  /** Which pipeline says it, `tandem/<pipeline>`. */
  source: string;
  /** Key of the row it is about. */
  subject: string;
  /** Commit time of the change, ISO 8601. */
  time: string;
  data: Readonly<Record<string, unknown>>;
  change: RowChange;
}

/** The row that a message tells of, by the tables' own names. */
export interface RowChange {
  /** On the source. */
  table: string;
  targetTable: string;
  /** Canonical key on the source. */
  key: string;
  operation: 'CREATE' | 'UPDATE' | 'DELETE';
  /** In the target's columns; null where it is not there, nor kept as deleted. */
  row: Readonly<Record<string, unknown>> | null;
  /** Of two about one row the larger is the newer. */
  version: number;
}

/** Where effects publish to. */
export interface EventBus {
  /**
   * Resolves once the bus holds the message durably; at least once. Throws `unavailable` where it does not take it, after
   * a few seconds at the latest.
   */
  publish(message: Message): Promise<void>;
  /** Throws `unavailable` where it does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
