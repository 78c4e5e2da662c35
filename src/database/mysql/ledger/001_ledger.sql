-- Tandem's tables in this server. Run with the ledger's database selected. MySQL commits each statement by itself,
-- so every one can run again after a crash between two.
-- Clocks are microseconds since the epoch; times are UTC whatever the writer's session says.
-- One collation for every column: comparisons are exact, and a trigger needs one cast only.

-- Which row of the other side is which row here.
CREATE TABLE IF NOT EXISTS entity_mappings (
  pipeline VARCHAR(50) NOT NULL,
  entity_type VARCHAR(50) NOT NULL,
  source_side VARCHAR(50) NOT NULL,
  source_key VARCHAR(512) NOT NULL,
  target_side VARCHAR(50) NOT NULL,
  target_key VARCHAR(512),
  epoch BIGINT,
  position VARCHAR(255),
  source_ts DATETIME(6),
  version BIGINT NOT NULL DEFAULT 0,
  effect_position VARCHAR(255),
  clock BIGINT,
  clock_side VARCHAR(50),
  row_hash VARCHAR(64),
  tombstone_clock BIGINT,
  tombstone_side VARCHAR(50),
  created_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
  updated_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
  PRIMARY KEY (pipeline, entity_type, source_side, source_key, target_side),
  UNIQUE KEY entity_mappings_target (pipeline, entity_type, target_side, target_key, source_side)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- Every event that was decided; a redelivery reads its outcome here.
CREATE TABLE IF NOT EXISTS processed_events (
  event_id VARCHAR(36) NOT NULL,
  pipeline VARCHAR(50) NOT NULL,
  entity_type VARCHAR(50) NOT NULL,
  outcome VARCHAR(30) NOT NULL,
  target_key VARCHAR(512),
  processed_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
  PRIMARY KEY (event_id),
  KEY processed_events_processed_at (processed_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- Rows this side's own app deleted; written by the pipelines' delete triggers, as the larger of the clocks.
CREATE TABLE IF NOT EXISTS local_tombstones (
  pipeline VARCHAR(50) NOT NULL,
  entity_type VARCHAR(50) NOT NULL,
  side VARCHAR(50) NOT NULL,
  row_key VARCHAR(512) NOT NULL,
  clock BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
  PRIMARY KEY (pipeline, entity_type, side, row_key),
  KEY local_tombstones_created_at (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- Both versions of every conflict; the rows are JSON text of canonical values.
CREATE TABLE IF NOT EXISTS conflicts (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  event_id VARCHAR(36) NOT NULL,
  pipeline VARCHAR(50) NOT NULL,
  entity_type VARCHAR(50) NOT NULL,
  target_side VARCHAR(50) NOT NULL,
  target_key VARCHAR(512),
  type VARCHAR(40) NOT NULL,
  verdict VARCHAR(20) NOT NULL,
  incoming_clock BIGINT NOT NULL,
  incoming_side VARCHAR(50) NOT NULL,
  incoming_row LONGTEXT,
  existing_clock BIGINT,
  existing_side VARCHAR(50),
  existing_row LONGTEXT,
  created_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
  KEY conflicts_event_id (event_id),
  KEY conflicts_created_at (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;
