-- What Tandem's triggers do for every writer but Tandem itself (the session user sync_service):
--   insert  stamps `source`, starts the row clock above everything this key ever was
--   update  of a mapped column stamps `source`, raises the clock; any other leaves both as they are
--   delete  deletes the children first, so that each has a trigger of its own, and keeps a tombstone
-- The functions are the same for every two-way pipeline; the triggers below give them the names.
-- They write to the ledger: run `tandem migrate` first.
BEGIN;

CREATE SCHEMA IF NOT EXISTS tandem;

-- The least clock a row with this key may start with: above the app's own delete of it and above Tandem's.
CREATE OR REPLACE FUNCTION tandem.clock_above(pipeline text, entity text, side text, key text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- A snapshot that may be older than the delete: a tombstone changed since then fails with 40001, as any row would.
  IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
    PERFORM FROM tandem.local_tombstones AS t
      WHERE t.pipeline = $1 AND t.entity_type = $2 AND t.side = $3 AND t.row_key = $4 FOR SHARE;
    PERFORM FROM tandem.entity_mappings AS m
      WHERE m.pipeline = $1 AND m.entity_type = $2 AND m.target_side = $3 AND m.target_key = $4 FOR SHARE;
  END IF;
  RETURN 1 + greatest(
    (SELECT t.clock FROM tandem.local_tombstones AS t
      WHERE t.pipeline = $1 AND t.entity_type = $2 AND t.side = $3 AND t.row_key = $4),
    (SELECT max(m.tombstone_clock) FROM tandem.entity_mappings AS m
      WHERE m.pipeline = $1 AND m.entity_type = $2 AND m.target_side = $3 AND m.target_key = $4));
END $$;

-- The app's own delete has the clock one above the row it deleted, in the tombstone as in the change event.
CREATE OR REPLACE FUNCTION tandem.record_local_tombstone(pipeline text, entity text, side text, key text, row_clock bigint)
RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO tandem.local_tombstones AS t (pipeline, entity_type, side, row_key, clock)
  VALUES ($1, $2, $3, $4, $5 + 1)
  ON CONFLICT (pipeline, entity_type, side, row_key)
  DO UPDATE SET clock = greatest(t.clock, excluded.clock), created_at = excluded.created_at
$$;

-- The identity of a row whose key its own app changes, and its claim: what the other side does next to the row still finds
-- it. A key that another row has had keeps that row's, since its delete is still on the way.
CREATE OR REPLACE FUNCTION tandem.move_identity(pipeline text, entity text, side text, old_key text, new_key text)
RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  UPDATE tandem.entity_mappings AS m SET target_key = $5
    WHERE m.pipeline = $1 AND m.entity_type = $2 AND m.target_side = $3 AND m.target_key = $4
      AND NOT EXISTS (SELECT FROM tandem.entity_mappings AS o
        WHERE o.pipeline = $1 AND o.entity_type = $2 AND o.target_side = $3 AND o.target_key = $5);
  UPDATE tandem.identity_claims AS c SET fixed_key = $5
    WHERE c.pipeline = $1 AND c.entity_type = $2 AND c.fixed_key = $4
      AND NOT EXISTS (SELECT FROM tandem.identity_claims AS o
        WHERE o.pipeline = $1 AND o.entity_type = $2 AND o.fixed_key = $5)
$$;

-- Arguments: pipeline, entity, side.
CREATE OR REPLACE FUNCTION tandem.stamp_insert() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Waits for an open delete of this key, whose tombstone is not to be seen before it is committed.
  EXECUTE format('SELECT FROM %I.%I WHERE id = $1 FOR SHARE', TG_TABLE_SCHEMA, TG_TABLE_NAME) USING NEW.id;
  NEW.source := TG_ARGV[2];
  NEW.sync_clock := greatest(
    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
    tandem.clock_above(TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], NEW.id::text));
  RETURN NEW;
END $$;

-- No arguments. Comes before stamp_update, which runs only when a mapped column changed.
CREATE OR REPLACE FUNCTION tandem.keep_marks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.source := OLD.source;
  NEW.sync_clock := OLD.sync_clock;
  RETURN NEW;
END $$;

-- Arguments: pipeline, entity, side.
CREATE OR REPLACE FUNCTION tandem.stamp_update() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.source := TG_ARGV[2];
  NEW.sync_clock := greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, OLD.sync_clock + 1);
  IF NEW.updated_at = OLD.updated_at THEN
    NEW.updated_at := now();
  END IF;
  IF NEW.id <> OLD.id THEN
    NEW.sync_clock := greatest(NEW.sync_clock, OLD.sync_clock + 2,
      tandem.clock_above(TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], NEW.id::text));
    -- To the old key this is a delete, one below the new version: as the other side keeps it.
    PERFORM tandem.record_local_tombstone(TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], OLD.id::text, NEW.sync_clock - 2);
    PERFORM tandem.move_identity(TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], OLD.id::text, NEW.id::text);
  END IF;
  RETURN NEW;
END $$;

-- Arguments: pipeline, entity, side, then a pair of table and column for each table that refers to this one.
CREATE OR REPLACE FUNCTION tandem.record_delete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  FOR child IN 3 .. TG_NARGS - 2 BY 2 LOOP
    EXECUTE format('DELETE FROM %I.%I WHERE %I = $1', TG_TABLE_SCHEMA, TG_ARGV[child], TG_ARGV[child + 1]) USING OLD.id;
  END LOOP;
  PERFORM tandem.record_local_tombstone(TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], OLD.id::text, OLD.sync_clock);
  RETURN OLD;
END $$;

REVOKE ALL ON FUNCTION tandem.clock_above(text, text, text, text),
  tandem.record_local_tombstone(text, text, text, text, bigint),
  tandem.move_identity(text, text, text, text, text),
  tandem.stamp_insert(), tandem.keep_marks(), tandem.stamp_update(), tandem.record_delete() FROM PUBLIC;

-- Triggers of one kind fire in the order of their names: the prefix puts Tandem's after the app's own.
CREATE OR REPLACE TRIGGER zz_tandem_1_insert BEFORE INSERT ON legacy_users FOR EACH ROW
  WHEN (session_user <> 'sync_service') EXECUTE FUNCTION tandem.stamp_insert('blog', 'users', 'legacy');
CREATE OR REPLACE TRIGGER zz_tandem_2_keep BEFORE UPDATE ON legacy_users FOR EACH ROW
  WHEN (session_user <> 'sync_service') EXECUTE FUNCTION tandem.keep_marks();
CREATE OR REPLACE TRIGGER zz_tandem_3_update BEFORE UPDATE ON legacy_users FOR EACH ROW
  WHEN (session_user <> 'sync_service' AND
    (OLD.id, OLD.username, OLD.email, OLD.full_name, OLD.phone_number, OLD.status, OLD.created_at, OLD.updated_at)
    IS DISTINCT FROM
    (NEW.id, NEW.username, NEW.email, NEW.full_name, NEW.phone_number, NEW.status, NEW.created_at, NEW.updated_at))
  EXECUTE FUNCTION tandem.stamp_update('blog', 'users', 'legacy');
CREATE OR REPLACE TRIGGER zz_tandem_4_delete BEFORE DELETE ON legacy_users FOR EACH ROW
  WHEN (session_user <> 'sync_service')
  EXECUTE FUNCTION tandem.record_delete('blog', 'users', 'legacy', 'legacy_likes', 'user_id', 'legacy_posts', 'user_id');

CREATE OR REPLACE TRIGGER zz_tandem_1_insert BEFORE INSERT ON legacy_posts FOR EACH ROW
  WHEN (session_user <> 'sync_service') EXECUTE FUNCTION tandem.stamp_insert('blog', 'posts', 'legacy');
CREATE OR REPLACE TRIGGER zz_tandem_2_keep BEFORE UPDATE ON legacy_posts FOR EACH ROW
  WHEN (session_user <> 'sync_service') EXECUTE FUNCTION tandem.keep_marks();
CREATE OR REPLACE TRIGGER zz_tandem_3_update BEFORE UPDATE ON legacy_posts FOR EACH ROW
  WHEN (session_user <> 'sync_service' AND
    (OLD.id, OLD.user_id, OLD.post_title, OLD.post_content, OLD.created_at, OLD.updated_at)
    IS DISTINCT FROM
    (NEW.id, NEW.user_id, NEW.post_title, NEW.post_content, NEW.created_at, NEW.updated_at))
  EXECUTE FUNCTION tandem.stamp_update('blog', 'posts', 'legacy');
CREATE OR REPLACE TRIGGER zz_tandem_4_delete BEFORE DELETE ON legacy_posts FOR EACH ROW
  WHEN (session_user <> 'sync_service')
  EXECUTE FUNCTION tandem.record_delete('blog', 'posts', 'legacy', 'legacy_likes', 'post_id');

CREATE OR REPLACE TRIGGER zz_tandem_1_insert BEFORE INSERT ON legacy_likes FOR EACH ROW
  WHEN (session_user <> 'sync_service') EXECUTE FUNCTION tandem.stamp_insert('blog', 'likes', 'legacy');
CREATE OR REPLACE TRIGGER zz_tandem_2_keep BEFORE UPDATE ON legacy_likes FOR EACH ROW
  WHEN (session_user <> 'sync_service') EXECUTE FUNCTION tandem.keep_marks();
CREATE OR REPLACE TRIGGER zz_tandem_3_update BEFORE UPDATE ON legacy_likes FOR EACH ROW
  WHEN (session_user <> 'sync_service' AND
    (OLD.id, OLD.user_id, OLD.post_id, OLD.created_at, OLD.updated_at)
    IS DISTINCT FROM
    (NEW.id, NEW.user_id, NEW.post_id, NEW.created_at, NEW.updated_at))
  EXECUTE FUNCTION tandem.stamp_update('blog', 'likes', 'legacy');
CREATE OR REPLACE TRIGGER zz_tandem_4_delete BEFORE DELETE ON legacy_likes FOR EACH ROW
  WHEN (session_user <> 'sync_service') EXECUTE FUNCTION tandem.record_delete('blog', 'likes', 'legacy');

-- They fire in sessions of session_replication_role = replica as well.
DO $$
DECLARE
  mapped regclass;
BEGIN
  FOREACH mapped IN ARRAY ARRAY['legacy_users', 'legacy_posts', 'legacy_likes']::regclass[] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER zz_tandem_1_insert, ENABLE ALWAYS TRIGGER zz_tandem_2_keep,
      ENABLE ALWAYS TRIGGER zz_tandem_3_update, ENABLE ALWAYS TRIGGER zz_tandem_4_delete', mapped);
  END LOOP;
END $$;

-- The identities by the names of the two sides.
CREATE OR REPLACE VIEW tandem.blog_entity_mappings AS
SELECT entity_type,
  CASE target_side WHEN 'legacy' THEN target_key ELSE source_key END::bigint AS legacy_id,
  CASE target_side WHEN 'revamp' THEN target_key ELSE source_key END::bigint AS revamp_id,
  created_at
FROM tandem.entity_mappings
WHERE pipeline = 'blog' AND target_key IS NOT NULL;

COMMIT;
