-- Who may do what. A role that does not exist is made closed; it opens with its password:
--   ALTER ROLE sync_service LOGIN PASSWORD '…';
-- What Tandem may do in its ledger comes with `tandem migrate`.
BEGIN;

DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['debezium', 'sync_service', 'legacy_app'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    END IF;
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO debezium, sync_service, legacy_app;

-- Reads the log, and the tables once for the snapshot.
ALTER ROLE debezium REPLICATION;
GRANT SELECT ON legacy_users, legacy_posts, legacy_likes TO debezium;

GRANT SELECT, INSERT, UPDATE, DELETE ON legacy_users, legacy_posts, legacy_likes TO sync_service;

-- No TRUNCATE: it fires no trigger.
GRANT SELECT, INSERT, UPDATE, DELETE ON legacy_users, legacy_posts, legacy_likes TO legacy_app;

-- What the connector may see of the log: these tables and nothing else.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'dbz_publication') THEN
    CREATE PUBLICATION dbz_publication;
  END IF;
  ALTER PUBLICATION dbz_publication SET TABLE legacy_users, legacy_posts, legacy_likes;
END $$;

COMMIT;
