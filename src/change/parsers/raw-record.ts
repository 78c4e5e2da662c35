/** A record as its feed delivered it. */
export interface RawRecord {
  key: Buffer | null;
  /** Null is a Kafka tombstone. */
  value: Buffer | null;
  headers: Readonly<Record<string, string>>;
  /** Place in its partition, where the feed has one. */
  offset?: string | undefined;
}
