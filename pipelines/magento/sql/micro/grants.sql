-- What the app may do. A role that does not exist is made closed; it opens with its password:
--   ALTER ROLE micro_app LOGIN PASSWORD '…';
-- What Tandem and the connector may do comes from `tandem grants`.
BEGIN;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'micro_app') THEN
    CREATE ROLE micro_app NOLOGIN;
  END IF;
END $$;

GRANT USAGE ON SCHEMA public TO micro_app;

-- The services read; what they write themselves stands until the shop changes the row.
GRANT SELECT, INSERT, UPDATE, DELETE
  ON customers, customer_addresses, products, categories, orders, order_items, stock_items, coupons TO micro_app;

COMMIT;
