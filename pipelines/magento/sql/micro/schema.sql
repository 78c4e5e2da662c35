-- The services' tables. `magento_id` is the row's key in the shop, `id` follows from it; a row that the shop deleted stays with
-- `deleted_at`. No foreign keys: rows of different services, and of one, may come in any order.
BEGIN;

CREATE TABLE IF NOT EXISTS customers (
  id          UUID PRIMARY KEY,
  magento_id  BIGINT NOT NULL UNIQUE,
  email       VARCHAR(255),
  first_name  VARCHAR(255),
  last_name   VARCHAR(255),
  website_id  INTEGER,
  is_active   BOOLEAN NOT NULL,
  created_at  TIMESTAMPTZ NOT NULL,
  updated_at  TIMESTAMPTZ NOT NULL,
  source      VARCHAR(20) NOT NULL,
  synced_at   TIMESTAMPTZ NOT NULL,
  deleted_at  TIMESTAMPTZ
);
CREATE INDEX IF NOT EXISTS customers_email_idx ON customers (email);

CREATE TABLE IF NOT EXISTS customer_addresses (
  id          UUID PRIMARY KEY,
  magento_id  BIGINT NOT NULL UNIQUE,
  customer_id UUID,
  first_name  VARCHAR(255) NOT NULL,
  last_name   VARCHAR(255) NOT NULL,
  company     VARCHAR(255),
  street      TEXT NOT NULL,
  postcode    VARCHAR(255),
  city        VARCHAR(255) NOT NULL,
  region      VARCHAR(255),
  country_id  VARCHAR(255) NOT NULL,
  telephone   VARCHAR(255) NOT NULL,
  is_active   BOOLEAN NOT NULL,
  created_at  TIMESTAMPTZ NOT NULL,
  updated_at  TIMESTAMPTZ NOT NULL,
  source      VARCHAR(20) NOT NULL,
  synced_at   TIMESTAMPTZ NOT NULL,
  deleted_at  TIMESTAMPTZ
);
CREATE INDEX IF NOT EXISTS customer_addresses_customer_id_idx ON customer_addresses (customer_id);

CREATE TABLE IF NOT EXISTS products (
  id               UUID PRIMARY KEY,
  magento_id       BIGINT NOT NULL UNIQUE,
  sku              VARCHAR(64) NOT NULL,
  attribute_set_id INTEGER NOT NULL,
  type_id          VARCHAR(32) NOT NULL,
  has_options      BOOLEAN NOT NULL,
  required_options BOOLEAN NOT NULL,
  created_at       TIMESTAMPTZ NOT NULL,
  updated_at       TIMESTAMPTZ NOT NULL,
  source           VARCHAR(20) NOT NULL,
  synced_at        TIMESTAMPTZ NOT NULL,
  deleted_at       TIMESTAMPTZ
);
CREATE INDEX IF NOT EXISTS products_sku_idx ON products (sku);

CREATE TABLE IF NOT EXISTS categories (
  id               UUID PRIMARY KEY,
  magento_id       BIGINT NOT NULL UNIQUE,
  parent_id        UUID,
  attribute_set_id INTEGER NOT NULL,
  path             VARCHAR(255) NOT NULL,
  position         INTEGER NOT NULL,
  level            INTEGER NOT NULL,
  created_at       TIMESTAMPTZ NOT NULL,
  updated_at       TIMESTAMPTZ NOT NULL,
  source           VARCHAR(20) NOT NULL,
  synced_at        TIMESTAMPTZ NOT NULL,
  deleted_at       TIMESTAMPTZ
);
CREATE INDEX IF NOT EXISTS categories_parent_id_idx ON categories (parent_id);

CREATE TABLE IF NOT EXISTS orders (
  id           UUID PRIMARY KEY,
  magento_id   BIGINT NOT NULL UNIQUE,
  increment_id VARCHAR(50),
  state        VARCHAR(32),
  status       VARCHAR(32),
  total_amount NUMERIC(20, 4),
  -- NULL: a guest
  customer_id  UUID,
  created_at   TIMESTAMPTZ NOT NULL,
  updated_at   TIMESTAMPTZ NOT NULL,
  source       VARCHAR(20) NOT NULL,
  synced_at    TIMESTAMPTZ NOT NULL,
  deleted_at   TIMESTAMPTZ
);
CREATE INDEX IF NOT EXISTS orders_customer_id_idx ON orders (customer_id);

CREATE TABLE IF NOT EXISTS order_items (
  id          UUID PRIMARY KEY,
  magento_id  BIGINT NOT NULL UNIQUE,
  order_id    UUID NOT NULL,
  product_id  UUID,
  sku         VARCHAR(255),
  name        VARCHAR(255),
  quantity    NUMERIC(12, 4),
  price       NUMERIC(20, 4) NOT NULL,
  row_total   NUMERIC(20, 4) NOT NULL,
  created_at  TIMESTAMPTZ NOT NULL,
  updated_at  TIMESTAMPTZ NOT NULL,
  source      VARCHAR(20) NOT NULL,
  synced_at   TIMESTAMPTZ NOT NULL,
  deleted_at  TIMESTAMPTZ
);
CREATE INDEX IF NOT EXISTS order_items_order_id_idx ON order_items (order_id);

-- The shop keeps no times of a stock item.
CREATE TABLE IF NOT EXISTS stock_items (
  id          UUID PRIMARY KEY,
  magento_id  BIGINT NOT NULL UNIQUE,
  product_id  UUID NOT NULL,
  stock_id    INTEGER NOT NULL,
  website_id  INTEGER NOT NULL,
  quantity    NUMERIC(12, 4),
  is_in_stock BOOLEAN NOT NULL,
  source      VARCHAR(20) NOT NULL,
  synced_at   TIMESTAMPTZ NOT NULL,
  deleted_at  TIMESTAMPTZ
);
CREATE INDEX IF NOT EXISTS stock_items_product_id_idx ON stock_items (product_id);

-- The shop keeps no time of a coupon's last change.
CREATE TABLE IF NOT EXISTS coupons (
  id          UUID PRIMARY KEY,
  magento_id  BIGINT NOT NULL UNIQUE,
  rule_id     BIGINT NOT NULL,
  code        VARCHAR(255),
  usage_limit BIGINT,
  times_used  BIGINT NOT NULL,
  -- of the shop's own time zone
  expires_at  TIMESTAMP,
  created_at  TIMESTAMPTZ,
  source      VARCHAR(20) NOT NULL,
  synced_at   TIMESTAMPTZ NOT NULL,
  deleted_at  TIMESTAMPTZ
);
CREATE INDEX IF NOT EXISTS coupons_code_idx ON coupons (code);

COMMIT;
