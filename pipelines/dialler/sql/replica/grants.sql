-- Who may do what. A role that does not exist is made closed; it opens with its password:
--   ALTER USER sync_service IDENTIFIED BY '…' ACCOUNT UNLOCK;

CREATE USER IF NOT EXISTS debezium IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;
CREATE USER IF NOT EXISTS sync_service IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;
CREATE USER IF NOT EXISTS replica_app IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;

-- Reads the log, and the tables once for the snapshot. RELOAD: the short read lock under which it notes the position.
GRANT REPLICATION SLAVE, REPLICATION CLIENT, RELOAD ON *.* TO debezium;
GRANT SELECT ON users TO debezium;
GRANT SELECT ON user_addresses TO debezium;
GRANT SELECT ON claims TO debezium;
GRANT SELECT ON claim_requirements TO debezium;
GRANT SELECT ON claim_vehicle_packages TO debezium;

-- Reads rows: for backfill, hints and contexts. Sees which binary log files there still are. Writes nothing.
GRANT REPLICATION CLIENT ON *.* TO sync_service;
GRANT SELECT ON users TO sync_service;
GRANT SELECT ON user_addresses TO sync_service;
GRANT SELECT ON claims TO sync_service;
GRANT SELECT ON claim_requirements TO sync_service;
GRANT SELECT ON claim_vehicle_packages TO sync_service;

-- The claims app. No DROP, so no TRUNCATE: the log does not tell its rows.
GRANT SELECT, INSERT, UPDATE, DELETE ON users TO replica_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON user_addresses TO replica_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON claims TO replica_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON claim_requirements TO replica_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON claim_vehicle_packages TO replica_app;
