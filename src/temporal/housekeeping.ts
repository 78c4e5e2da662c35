/** Input of `housekeeping`. */
export interface HousekeepingInput {
  pipeline: string;
  /** How long the ledgers remember events and tombstones at least. */
  retentionDays: number;
}

/** What one run came to; the next one goes on from it. */
export interface HousekeepingResult {
  /** Every workflow that ended before was looked at, ISO 8601. */
  lookedUntil: string;
  /** When the ledgers were last purged, ISO 8601; null before the first time. */
  purgedAt: string | null;
  vanished: VanishedReport;
  /** Null where it was not due, or failed. */
  purged: PurgeReport | null;
}

export interface VanishedReport {
  /** Workflows that ended without completing. */
  looked: number;
  /** Dead letters opened for them. */
  opened: number;
  /** Temporal no longer has the input of so many: their events can be told by id only. */
  unreadable: number;
}

export interface PurgeReport {
  /** Rows of `processed_events`, of `local_tombstones` and of `entity_mappings`. */
  events: number;
  tombstones: number;
  identities: number;
  /** Why not everything could be looked at; null where it could. */
  kept: string | null;
}

export interface HousekeepingActivities {
  /** Opens a dead letter for every `syncChange` that ended without completing since, and has none. Null: as far back as Temporal knows. */
  openVanished(input: { pipeline: string; from: string | null }): Promise<VanishedReport>;
  /** Forgets what the ledgers need not know any more. */
  purgeLedgers(input: { pipeline: string; retentionDays: number }): Promise<PurgeReport>;
}
