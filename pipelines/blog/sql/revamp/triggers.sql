-- What Tandem's triggers do for every writer but Tandem itself (the session user sync_service):
--   insert  stamps `source`, starts the row clock above everything this key ever was
--   update  of a mapped column stamps `source`, raises the clock; any other leaves both as they are
--   delete  deletes the children first, so that each has a trigger of its own, and keeps a tombstone
-- MySQL cannot replace a trigger in one step, and a write between DROP and CREATE would go unseen. So a trigger's
-- name ends in its version: a changed one is created under the next number, then the one before is dropped. That
-- both fire for a moment is harmless.
-- They write to the ledger: run `tandem migrate` first.

DELIMITER //

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

CREATE TRIGGER IF NOT EXISTS revamp_users_tandem_insert_v1 BEFORE INSERT ON revamp_users FOR EACH ROW
BEGIN
  IF SUBSTRING_INDEX(USER(), '@', 1) <> 'sync_service' THEN
    SET NEW.source = 'revamp';
    SET NEW.sync_clock = tandem.clock_now_v1();
    -- A generated key is new. Only one the app names itself can have a history; REPLACE comes here before its delete.
    IF NEW.id <> 0
      AND (EXISTS (SELECT 1 FROM revamp_users WHERE id = NEW.id) OR tandem.knows_delete_v1('blog', 'users', 'revamp', NEW.id))
    THEN
      SET NEW.sync_clock = GREATEST(NEW.sync_clock,
        COALESCE((SELECT sync_clock + 2 FROM revamp_users WHERE id = NEW.id FOR SHARE), 0),
        tandem.clock_above_v1('blog', 'users', 'revamp', NEW.id));
    END IF;
  END IF;
END
//
CREATE TRIGGER IF NOT EXISTS revamp_users_tandem_update_v2 BEFORE UPDATE ON revamp_users FOR EACH ROW
BEGIN
  IF SUBSTRING_INDEX(USER(), '@', 1) <> 'sync_service' THEN
    IF NEW.id <=> OLD.id AND NEW.user_name <=> OLD.user_name AND NEW.email_address <=> OLD.email_address
      AND NEW.display_name <=> OLD.display_name AND NEW.mobile <=> OLD.mobile AND NEW.account_status <=> OLD.account_status
      AND NEW.created_at <=> OLD.created_at AND NEW.updated_at <=> OLD.updated_at
    THEN
      SET NEW.source = OLD.source;
      SET NEW.sync_clock = OLD.sync_clock;
    ELSE
      SET NEW.source = 'revamp';
      SET NEW.sync_clock = GREATEST(tandem.clock_now_v1(), OLD.sync_clock + 1);
      IF NEW.updated_at = OLD.updated_at THEN
        SET NEW.updated_at = tandem.instant_now_v1();
      END IF;
      IF NEW.id <> OLD.id THEN
        SET NEW.sync_clock = GREATEST(NEW.sync_clock, OLD.sync_clock + 2,
          tandem.clock_above_v1('blog', 'users', 'revamp', NEW.id));
        -- To the old key this is a delete, one below the new version: as the other side keeps it.
        CALL tandem.record_local_tombstone_v1('blog', 'users', 'revamp', OLD.id, NEW.sync_clock - 2);
        CALL tandem.move_identity_v2('blog', 'users', 'revamp', OLD.id, NEW.id);
      END IF;
    END IF;
  END IF;
END
//
DROP TRIGGER IF EXISTS revamp_users_tandem_update_v1
//
CREATE TRIGGER IF NOT EXISTS revamp_users_tandem_delete_v1 BEFORE DELETE ON revamp_users FOR EACH ROW
BEGIN
  IF SUBSTRING_INDEX(USER(), '@', 1) <> 'sync_service' THEN
    DELETE FROM revamp_likes WHERE liker_id = OLD.id;
    DELETE FROM revamp_posts WHERE author_id = OLD.id;
    CALL tandem.record_local_tombstone_v1('blog', 'users', 'revamp', OLD.id, OLD.sync_clock);
  END IF;
END
//

CREATE TRIGGER IF NOT EXISTS revamp_posts_tandem_insert_v1 BEFORE INSERT ON revamp_posts FOR EACH ROW
BEGIN
  IF SUBSTRING_INDEX(USER(), '@', 1) <> 'sync_service' THEN
    SET NEW.source = 'revamp';
    SET NEW.sync_clock = tandem.clock_now_v1();
    -- A generated key is new. Only one the app names itself can have a history; REPLACE comes here before its delete.
    IF NEW.id <> 0
      AND (EXISTS (SELECT 1 FROM revamp_posts WHERE id = NEW.id) OR tandem.knows_delete_v1('blog', 'posts', 'revamp', NEW.id))
    THEN
      SET NEW.sync_clock = GREATEST(NEW.sync_clock,
        COALESCE((SELECT sync_clock + 2 FROM revamp_posts WHERE id = NEW.id FOR SHARE), 0),
        tandem.clock_above_v1('blog', 'posts', 'revamp', NEW.id));
    END IF;
  END IF;
END
//
CREATE TRIGGER IF NOT EXISTS revamp_posts_tandem_update_v2 BEFORE UPDATE ON revamp_posts FOR EACH ROW
BEGIN
  IF SUBSTRING_INDEX(USER(), '@', 1) <> 'sync_service' THEN
    IF NEW.id <=> OLD.id AND NEW.author_id <=> OLD.author_id AND NEW.title <=> OLD.title
      AND NEW.content <=> OLD.content AND NEW.created_at <=> OLD.created_at AND NEW.updated_at <=> OLD.updated_at
    THEN
      SET NEW.source = OLD.source;
      SET NEW.sync_clock = OLD.sync_clock;
    ELSE
      SET NEW.source = 'revamp';
      SET NEW.sync_clock = GREATEST(tandem.clock_now_v1(), OLD.sync_clock + 1);
      IF NEW.updated_at = OLD.updated_at THEN
        SET NEW.updated_at = tandem.instant_now_v1();
      END IF;
      IF NEW.id <> OLD.id THEN
        SET NEW.sync_clock = GREATEST(NEW.sync_clock, OLD.sync_clock + 2,
          tandem.clock_above_v1('blog', 'posts', 'revamp', NEW.id));
        -- To the old key this is a delete, one below the new version: as the other side keeps it.
        CALL tandem.record_local_tombstone_v1('blog', 'posts', 'revamp', OLD.id, NEW.sync_clock - 2);
        CALL tandem.move_identity_v2('blog', 'posts', 'revamp', OLD.id, NEW.id);
      END IF;
    END IF;
  END IF;
END
//
DROP TRIGGER IF EXISTS revamp_posts_tandem_update_v1
//
CREATE TRIGGER IF NOT EXISTS revamp_posts_tandem_delete_v1 BEFORE DELETE ON revamp_posts FOR EACH ROW
BEGIN
  IF SUBSTRING_INDEX(USER(), '@', 1) <> 'sync_service' THEN
    DELETE FROM revamp_likes WHERE article_id = OLD.id;
    CALL tandem.record_local_tombstone_v1('blog', 'posts', 'revamp', OLD.id, OLD.sync_clock);
  END IF;
END
//

CREATE TRIGGER IF NOT EXISTS revamp_likes_tandem_insert_v1 BEFORE INSERT ON revamp_likes FOR EACH ROW
BEGIN
  IF SUBSTRING_INDEX(USER(), '@', 1) <> 'sync_service' THEN
    SET NEW.source = 'revamp';
    SET NEW.sync_clock = tandem.clock_now_v1();
    -- A generated key is new. Only one the app names itself can have a history; REPLACE comes here before its delete.
    IF NEW.id <> 0
      AND (EXISTS (SELECT 1 FROM revamp_likes WHERE id = NEW.id) OR tandem.knows_delete_v1('blog', 'likes', 'revamp', NEW.id))
    THEN
      SET NEW.sync_clock = GREATEST(NEW.sync_clock,
        COALESCE((SELECT sync_clock + 2 FROM revamp_likes WHERE id = NEW.id FOR SHARE), 0),
        tandem.clock_above_v1('blog', 'likes', 'revamp', NEW.id));
    END IF;
  END IF;
END
//
CREATE TRIGGER IF NOT EXISTS revamp_likes_tandem_update_v2 BEFORE UPDATE ON revamp_likes FOR EACH ROW
BEGIN
  IF SUBSTRING_INDEX(USER(), '@', 1) <> 'sync_service' THEN
    IF NEW.id <=> OLD.id AND NEW.liker_id <=> OLD.liker_id AND NEW.article_id <=> OLD.article_id
      AND NEW.created_at <=> OLD.created_at AND NEW.updated_at <=> OLD.updated_at
    THEN
      SET NEW.source = OLD.source;
      SET NEW.sync_clock = OLD.sync_clock;
    ELSE
      SET NEW.source = 'revamp';
      SET NEW.sync_clock = GREATEST(tandem.clock_now_v1(), OLD.sync_clock + 1);
      IF NEW.updated_at = OLD.updated_at THEN
        SET NEW.updated_at = tandem.instant_now_v1();
      END IF;
      IF NEW.id <> OLD.id THEN
        SET NEW.sync_clock = GREATEST(NEW.sync_clock, OLD.sync_clock + 2,
          tandem.clock_above_v1('blog', 'likes', 'revamp', NEW.id));
        -- To the old key this is a delete, one below the new version: as the other side keeps it.
        CALL tandem.record_local_tombstone_v1('blog', 'likes', 'revamp', OLD.id, NEW.sync_clock - 2);
        CALL tandem.move_identity_v2('blog', 'likes', 'revamp', OLD.id, NEW.id);
      END IF;
    END IF;
  END IF;
END
//
DROP TRIGGER IF EXISTS revamp_likes_tandem_update_v1
//
DROP PROCEDURE IF EXISTS tandem.move_identity_v1
//
CREATE TRIGGER IF NOT EXISTS revamp_likes_tandem_delete_v1 BEFORE DELETE ON revamp_likes FOR EACH ROW
BEGIN
  IF SUBSTRING_INDEX(USER(), '@', 1) <> 'sync_service' THEN
    CALL tandem.record_local_tombstone_v1('blog', 'likes', 'revamp', OLD.id, OLD.sync_clock);
  END IF;
END
//

DELIMITER ;

-- The identities by the names of the two sides.
CREATE OR REPLACE VIEW tandem.blog_entity_mappings AS
SELECT entity_type,
  CAST(IF(target_side = 'legacy', target_key, source_key) AS SIGNED) AS legacy_id,
  CAST(IF(target_side = 'revamp', target_key, source_key) AS SIGNED) AS revamp_id,
  created_at
FROM tandem.entity_mappings
WHERE pipeline = 'blog' AND target_key IS NOT NULL;
