/** A record as its feed delivered it. */
export interface RawRecord {
  key: Buffer | null;
  /** Null is a Kafka tombstone. */
  value: Buffer | null;
  headers: Readonly<Record<string, string>>;
  /** Place in its partition, or id of the message. */
  offset?: string | undefined;
}
