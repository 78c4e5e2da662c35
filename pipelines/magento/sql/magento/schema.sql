-- The tables of a Magento 2.4 shop that are read, with the column types, keys and ON DELETE rules of its declarative schema;
-- of the widest ones only columns that a shop's own code is likely to write. A real shop has them: then this changes nothing.
-- Tandem asks for no column and no trigger here.

CREATE TABLE IF NOT EXISTS customer_entity (
  entity_id        INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  website_id       SMALLINT UNSIGNED,
  email            VARCHAR(255),
  group_id         SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  increment_id     VARCHAR(50),
  store_id         SMALLINT UNSIGNED DEFAULT 0,
  created_at       TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at       TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  is_active        SMALLINT UNSIGNED NOT NULL DEFAULT 1,
  created_in       VARCHAR(255),
  prefix           VARCHAR(40),
  firstname        VARCHAR(255),
  middlename       VARCHAR(255),
  lastname         VARCHAR(255),
  suffix           VARCHAR(40),
  dob              DATE,
  password_hash    VARCHAR(128),
  default_billing  INT UNSIGNED,
  default_shipping INT UNSIGNED,
  taxvat           VARCHAR(50),
  gender           SMALLINT UNSIGNED,
  failures_num     SMALLINT DEFAULT 0,
  first_failure    TIMESTAMP NULL,
  lock_expires     TIMESTAMP NULL,
  UNIQUE KEY CUSTOMER_ENTITY_EMAIL_WEBSITE_ID (email, website_id)
) CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS customer_address_entity (
  entity_id    INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  increment_id VARCHAR(50),
  parent_id    INT UNSIGNED,
  created_at   TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at   TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  is_active    SMALLINT UNSIGNED NOT NULL DEFAULT 1,
  city         VARCHAR(255) NOT NULL,
  company      VARCHAR(255),
  country_id   VARCHAR(255) NOT NULL,
  fax          VARCHAR(255),
  firstname    VARCHAR(255) NOT NULL,
  lastname     VARCHAR(255) NOT NULL,
  postcode     VARCHAR(255),
  region       VARCHAR(255),
  region_id    INT UNSIGNED,
  street       TEXT NOT NULL,
  telephone    VARCHAR(255) NOT NULL,
  vat_id       VARCHAR(255),
  CONSTRAINT CSTR_ADDR_ENTT_PARENT_ID_CSTR_ENTT_ENTT_ID
    FOREIGN KEY (parent_id) REFERENCES customer_entity (entity_id) ON DELETE CASCADE
) CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS catalog_product_entity (
  entity_id        INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  attribute_set_id SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  type_id          VARCHAR(32) NOT NULL DEFAULT 'simple',
  sku              VARCHAR(64) NOT NULL,
  has_options      SMALLINT NOT NULL DEFAULT 0,
  required_options SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  created_at       TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at       TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  UNIQUE KEY CATALOG_PRODUCT_ENTITY_SKU (sku)
) CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS catalog_category_entity (
  entity_id        INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  attribute_set_id SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  -- 0: of the root
  parent_id        INT UNSIGNED NOT NULL DEFAULT 0,
  created_at       TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at       TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  path             VARCHAR(255) NOT NULL,
  position         INT NOT NULL,
  level            INT NOT NULL DEFAULT 0,
  children_count   INT NOT NULL
) CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS sales_order (
  entity_id           INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  state               VARCHAR(32),
  status              VARCHAR(32),
  coupon_code         VARCHAR(255),
  store_id            SMALLINT UNSIGNED,
  -- NULL: a guest
  customer_id         INT UNSIGNED,
  base_grand_total    DECIMAL(20, 4),
  grand_total         DECIMAL(20, 4),
  subtotal            DECIMAL(20, 4),
  tax_amount          DECIMAL(20, 4),
  total_paid          DECIMAL(20, 4),
  customer_is_guest   SMALLINT UNSIGNED,
  customer_email      VARCHAR(128),
  increment_id        VARCHAR(50),
  order_currency_code VARCHAR(3),
  created_at          TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at          TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  UNIQUE KEY SALES_ORDER_INCREMENT_ID_STORE_ID (increment_id, store_id),
  CONSTRAINT SALES_ORDER_CUSTOMER_ID_CUSTOMER_ENTITY_ENTITY_ID
    FOREIGN KEY (customer_id) REFERENCES customer_entity (entity_id) ON DELETE SET NULL
) CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS sales_order_item (
  item_id        INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  order_id       INT UNSIGNED NOT NULL DEFAULT 0,
  parent_item_id INT UNSIGNED,
  store_id       SMALLINT UNSIGNED,
  created_at     TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at     TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  -- of a product that may be gone by now
  product_id     INT UNSIGNED,
  product_type   VARCHAR(255),
  sku            VARCHAR(255),
  name           VARCHAR(255),
  qty_ordered    DECIMAL(12, 4) DEFAULT 0,
  price          DECIMAL(20, 4) NOT NULL DEFAULT 0,
  row_total      DECIMAL(20, 4) NOT NULL DEFAULT 0,
  CONSTRAINT SALES_ORDER_ITEM_ORDER_ID_SALES_ORDER_ENTITY_ID
    FOREIGN KEY (order_id) REFERENCES sales_order (entity_id) ON DELETE CASCADE
) CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS cataloginventory_stock_item (
  item_id        INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  product_id     INT UNSIGNED NOT NULL DEFAULT 0,
  stock_id       SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  qty            DECIMAL(12, 4),
  min_qty        DECIMAL(12, 4) NOT NULL DEFAULT 0,
  is_in_stock    SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  low_stock_date TIMESTAMP NULL,
  manage_stock   SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  website_id     SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  UNIQUE KEY CATALOGINVENTORY_STOCK_ITEM_PRODUCT_ID_STOCK_ID (product_id, stock_id),
  CONSTRAINT CATINV_STOCK_ITEM_PRD_ID_CAT_PRD_ENTT_ENTT_ID
    FOREIGN KEY (product_id) REFERENCES catalog_product_entity (entity_id) ON DELETE CASCADE
) CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS salesrule_coupon (
  coupon_id          INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  rule_id            INT UNSIGNED NOT NULL,
  code               VARCHAR(255),
  usage_limit        INT UNSIGNED,
  usage_per_customer INT UNSIGNED,
  times_used         INT UNSIGNED NOT NULL DEFAULT 0,
  expiration_date    DATETIME,
  is_primary         SMALLINT UNSIGNED,
  created_at         TIMESTAMP NULL,
  type               SMALLINT DEFAULT 0,
  UNIQUE KEY SALESRULE_COUPON_CODE (code)
) CHARACTER SET utf8mb4;
