
-- Microseconds since the epoch; the session's time zone does not matter.
CREATE FUNCTION IF NOT EXISTS tandem.clock_now_v1() RETURNS BIGINT
  NOT DETERMINISTIC NO SQL
  RETURN TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))
//
-- The instant now, with its offset: a wall-clock time of a zone with summer time can mean two.
CREATE FUNCTION IF NOT EXISTS tandem.instant_now_v1() RETURNS VARCHAR(40)
  NOT DETERMINISTIC NO SQL
  RETURN CONCAT(UTC_TIMESTAMP(6), '+00:00')
//
-- Whether the ledger knows a delete of this key, by the app or by Tandem.
CREATE FUNCTION IF NOT EXISTS tandem.knows_delete_v1(
  of_pipeline VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin,
  of_entity VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin,
  of_side VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin,
  of_key VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin
) RETURNS BOOLEAN
  READS SQL DATA
  RETURN EXISTS (
      SELECT 1 FROM tandem.local_tombstones
      WHERE pipeline = of_pipeline AND entity_type = of_entity AND side = of_side AND row_key = of_key
    ) OR EXISTS (
      SELECT 1 FROM tandem.entity_mappings
      WHERE pipeline = of_pipeline AND entity_type = of_entity AND target_side = of_side AND target_key = of_key
        AND tombstone_clock IS NOT NULL)
//
-- The least clock a row with this key may start with: above the app's own delete of it and above Tandem's.
-- Reads the newest commit, not the transaction's snapshot, which may be older than the delete.
CREATE FUNCTION IF NOT EXISTS tandem.clock_above_v1(
  of_pipeline VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin,
  of_entity VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin,
  of_side VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin,
  of_key VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin
) RETURNS BIGINT
  READS SQL DATA
  RETURN 1 + GREATEST(
    COALESCE((SELECT clock FROM tandem.local_tombstones
      WHERE pipeline = of_pipeline AND entity_type = of_entity AND side = of_side AND row_key = of_key FOR SHARE), 0),
    COALESCE((SELECT MAX(tombstone_clock) FROM tandem.entity_mappings
      WHERE pipeline = of_pipeline AND entity_type = of_entity AND target_side = of_side AND target_key = of_key
      FOR SHARE), 0))
//
-- The app's own delete has the clock one above the row it deleted, in the tombstone as in the change event.
CREATE PROCEDURE IF NOT EXISTS tandem.record_local_tombstone_v1(
  of_pipeline VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin,
  of_entity VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin,
  of_side VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin,
  of_key VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin,
  row_clock BIGINT
)
  MODIFIES SQL DATA
  INSERT INTO tandem.local_tombstones (pipeline, entity_type, side, row_key, clock, created_at)
  VALUES (of_pipeline, of_entity, of_side, of_key, row_clock + 1, UTC_TIMESTAMP(6)) AS fresh
  ON DUPLICATE KEY UPDATE
    clock = GREATEST(local_tombstones.clock, fresh.clock), created_at = fresh.created_at
//

-- The identity of a row whose key its own app changes, and its claim where this is an entity's first side: what the other
-- side does next to the row still finds it. A key that another row has had keeps that row's, since its delete is still on
-- the way.
CREATE PROCEDURE IF NOT EXISTS tandem.move_identity_v2(
  of_pipeline VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin,
  of_entity VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin,
  of_side VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin,
  old_key VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin,
  new_key VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin
)
  MODIFIES SQL DATA
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM tandem.entity_mappings
    WHERE pipeline = of_pipeline AND entity_type = of_entity AND target_side = of_side AND target_key = new_key FOR SHARE
  ) THEN
    UPDATE tandem.entity_mappings SET target_key = new_key
      WHERE pipeline = of_pipeline AND entity_type = of_entity AND target_side = of_side AND target_key = old_key;
  END IF;
  IF NOT EXISTS (
    SELECT 1 FROM tandem.identity_claims
    WHERE pipeline = of_pipeline AND entity_type = of_entity AND fixed_key = new_key FOR SHARE
  ) THEN
    UPDATE tandem.identity_claims SET fixed_key = new_key
      WHERE pipeline = of_pipeline AND entity_type = of_entity AND fixed_key = old_key;
  END IF;
END
//

