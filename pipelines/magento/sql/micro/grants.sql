-- Who may do what. A role that does not exist is made closed; it opens with its password:
--   ALTER ROLE sync_service LOGIN PASSWORD '…';
-- What Tandem may do in its ledger comes with `tandem migrate`.
BEGIN;

DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['sync_service', 'micro_app'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    END IF;
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO sync_service, micro_app;

GRANT SELECT, INSERT, UPDATE, DELETE
  ON customers, customer_addresses, products, categories, orders, order_items, stock_items, coupons TO sync_service;

-- The services read; what they write themselves stands until the shop changes the row.
GRANT SELECT, INSERT, UPDATE, DELETE
  ON customers, customer_addresses, products, categories, orders, order_items, stock_items, coupons TO micro_app;

COMMIT;
