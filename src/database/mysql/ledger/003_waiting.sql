-- Events that wait for a change of another row's identity; whoever looks here wakes them, so that nobody has to try them
-- again and again. An event leaves in the transaction that applies it. `source_key` and what stands before it: the
-- event's own row. `awaited_…`: the row it waits for, by its key on one of the two sides, and the version its identity
-- had, -1 where there was none; a change of its own row ends the wait as well, and `own_version` is the version that
-- one's identity had. `seen_at`, `woken_at`: when it was last found to have to wait, and last woken.
CREATE TABLE IF NOT EXISTS waiting_events (
  event_id VARCHAR(36) NOT NULL,
  pipeline VARCHAR(50) NOT NULL,
  entity_type VARCHAR(50) NOT NULL,
  source_side VARCHAR(50) NOT NULL,
  source_key VARCHAR(512) NOT NULL,
  target_side VARCHAR(50) NOT NULL,
  awaited_entity VARCHAR(50) NOT NULL,
  awaited_side VARCHAR(50) NOT NULL,
  awaited_key VARCHAR(512) NOT NULL,
  awaited_version BIGINT NOT NULL,
  own_version BIGINT NOT NULL,
  entered_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
  seen_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
  woken_at DATETIME(6),
  PRIMARY KEY (event_id),
  KEY waiting_events_row (pipeline, entity_type, source_side, source_key),
  KEY waiting_events_seen_at (seen_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;
