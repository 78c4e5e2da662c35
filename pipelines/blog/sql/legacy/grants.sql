-- What the app may do. A role that does not exist is made closed; it opens with its password:
--   ALTER ROLE legacy_app LOGIN PASSWORD '…';
-- What Tandem and the connector may do comes from `tandem grants`.
BEGIN;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'legacy_app') THEN
    CREATE ROLE legacy_app NOLOGIN;
  END IF;
END $$;

GRANT USAGE ON SCHEMA public TO legacy_app;

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
