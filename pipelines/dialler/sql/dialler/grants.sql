-- Who may do what. A role that does not exist is made closed; it opens with its password:
--   ALTER ROLE sync_service LOGIN PASSWORD '…';
-- What Tandem may do in its ledger comes with `tandem migrate`.
BEGIN;

DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['sync_service', 'dialler_app'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    END IF;
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO sync_service, dialler_app;

GRANT SELECT, INSERT, UPDATE, DELETE
  ON users, user_addresses, claims, claim_requirements, claim_vehicle_packages, call_queue TO sync_service;
GRANT SELECT ON user_call_scores TO sync_service;

-- The dialler reads what is mirrored, and keeps its scores and its queue.
GRANT SELECT ON users, user_addresses, claims, claim_requirements, claim_vehicle_packages TO dialler_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON user_call_scores, call_queue TO dialler_app;

COMMIT;
