-- Who may do what. A role that does not exist is made closed; it opens with its password:
--   ALTER USER sync_service IDENTIFIED BY '…' ACCOUNT UNLOCK;
-- What Tandem may do in its ledger comes with `tandem migrate`.

CREATE USER IF NOT EXISTS debezium IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;
CREATE USER IF NOT EXISTS sync_service IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;
CREATE USER IF NOT EXISTS magento_app IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;

-- Reads the log, and the tables once for the snapshot. RELOAD: the short read lock under which it notes the position.
GRANT REPLICATION SLAVE, REPLICATION CLIENT, RELOAD ON *.* TO debezium;
GRANT SELECT ON customer_entity TO debezium;
GRANT SELECT ON customer_address_entity TO debezium;
GRANT SELECT ON catalog_product_entity TO debezium;
GRANT SELECT ON catalog_category_entity TO debezium;
GRANT SELECT ON sales_order TO debezium;
GRANT SELECT ON sales_order_item TO debezium;
GRANT SELECT ON cataloginventory_stock_item TO debezium;
GRANT SELECT ON salesrule_coupon TO debezium;

-- Sees which binary log files there still are, and reads rows: for backfill, and where an event's order is not clear.
GRANT REPLICATION CLIENT ON *.* TO sync_service;
GRANT SELECT ON customer_entity TO sync_service;
GRANT SELECT ON customer_address_entity TO sync_service;
GRANT SELECT ON catalog_product_entity TO sync_service;
GRANT SELECT ON catalog_category_entity TO sync_service;
GRANT SELECT ON sales_order TO sync_service;
GRANT SELECT ON sales_order_item TO sync_service;
GRANT SELECT ON cataloginventory_stock_item TO sync_service;
GRANT SELECT ON salesrule_coupon TO sync_service;

-- The shop itself. No DROP, so no TRUNCATE: the log does not tell its rows.
GRANT SELECT, INSERT, UPDATE, DELETE ON customer_entity TO magento_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON customer_address_entity TO magento_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON catalog_product_entity TO magento_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON catalog_category_entity TO magento_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON sales_order TO magento_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON sales_order_item TO magento_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON cataloginventory_stock_item TO magento_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON salesrule_coupon TO magento_app;
