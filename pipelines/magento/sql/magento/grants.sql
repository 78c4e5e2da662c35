-- What the app may do. A role that does not exist is made closed; it opens with its password:
--   ALTER USER magento_app IDENTIFIED BY '…' ACCOUNT UNLOCK;
-- What Tandem and the connector may do comes from `tandem grants`.

CREATE USER IF NOT EXISTS magento_app IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;

-- The shop itself. No DROP, so no TRUNCATE: the log does not tell its rows.
GRANT SELECT, INSERT, UPDATE, DELETE ON customer_entity TO magento_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON customer_address_entity TO magento_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON catalog_product_entity TO magento_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON catalog_category_entity TO magento_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON sales_order TO magento_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON sales_order_item TO magento_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON cataloginventory_stock_item TO magento_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON salesrule_coupon TO magento_app;
