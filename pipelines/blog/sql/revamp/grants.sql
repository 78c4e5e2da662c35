-- Who may do what. A role that does not exist is made closed; it opens with its password:
--   ALTER USER sync_service IDENTIFIED BY '…' ACCOUNT UNLOCK;
-- What Tandem may do in its ledger comes with `tandem migrate`.

CREATE USER IF NOT EXISTS debezium IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;
CREATE USER IF NOT EXISTS sync_service IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;
CREATE USER IF NOT EXISTS revamp_app IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;

-- Reads the log, and the tables once for the snapshot. RELOAD: the short read lock under which it notes the position.
GRANT REPLICATION SLAVE, REPLICATION CLIENT, RELOAD ON *.* TO debezium;
GRANT SELECT ON revamp_users TO debezium;
GRANT SELECT ON revamp_posts TO debezium;
GRANT SELECT ON revamp_likes TO debezium;

-- Sees which binary log files there still are.
GRANT REPLICATION CLIENT ON *.* TO sync_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON revamp_users TO sync_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON revamp_posts TO sync_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON revamp_likes TO sync_service;

-- No DROP, so no TRUNCATE: it fires no trigger.
GRANT SELECT, INSERT, UPDATE, DELETE ON revamp_users TO revamp_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON revamp_posts TO revamp_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON revamp_likes TO revamp_app;
