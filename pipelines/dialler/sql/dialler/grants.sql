-- Who may do what beyond that. A role that does not exist is made closed; it opens with its password:
--   ALTER ROLE dialler_app LOGIN PASSWORD '…';
-- What Tandem and the connector may do comes from `tandem grants`.
BEGIN;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dialler_app') THEN
    CREATE ROLE dialler_app NOLOGIN;
  END IF;
END $$;

GRANT USAGE ON SCHEMA public TO dialler_app;

-- What contexts and the call queue take beyond the mirrored tables.
GRANT SELECT, INSERT, UPDATE, DELETE ON call_queue TO sync_service;
GRANT SELECT ON user_call_scores TO sync_service;

-- The dialler reads what is mirrored, and keeps its scores and its queue.
GRANT SELECT ON users, user_addresses, claims, claim_requirements, claim_vehicle_packages TO dialler_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON user_call_scores, call_queue TO dialler_app;

COMMIT;
