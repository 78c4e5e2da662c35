-- What the app may do. A role that does not exist is made closed; it opens with its password:
--   ALTER USER revamp_app IDENTIFIED BY '…' ACCOUNT UNLOCK;
-- What Tandem and the connector may do comes from `tandem grants`.

CREATE USER IF NOT EXISTS revamp_app IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;

-- No DROP, so no TRUNCATE: it fires no trigger.
GRANT SELECT, INSERT, UPDATE, DELETE ON revamp_users TO revamp_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON revamp_posts TO revamp_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON revamp_likes TO revamp_app;
