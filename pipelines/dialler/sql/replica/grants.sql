-- What the app may do. A role that does not exist is made closed; it opens with its password:
--   ALTER USER replica_app IDENTIFIED BY '…' ACCOUNT UNLOCK;
-- What Tandem and the connector may do comes from `tandem grants`.

CREATE USER IF NOT EXISTS replica_app IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;

-- The claims app. No DROP, so no TRUNCATE: the log does not tell its rows.
GRANT SELECT, INSERT, UPDATE, DELETE ON users TO replica_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON user_addresses TO replica_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON claims TO replica_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON claim_requirements TO replica_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON claim_vehicle_packages TO replica_app;
