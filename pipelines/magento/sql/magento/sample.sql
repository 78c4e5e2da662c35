-- A small shop. Does nothing where there are customers already.

INSERT INTO customer_entity (entity_id, website_id, email, firstname, lastname)
SELECT n.id, 1, n.email, n.first, n.last FROM (
  SELECT 1 AS id, 'ada@example.com' AS email, 'Ada' AS first, 'Lovelace' AS last
  UNION ALL SELECT 2, 'grace@example.com', 'Grace', 'Hopper'
  UNION ALL SELECT 3, 'alan@example.com', 'Alan', 'Turing'
) n WHERE NOT EXISTS (SELECT 1 FROM customer_entity);

INSERT INTO customer_address_entity (parent_id, firstname, lastname, street, city, country_id, telephone)
SELECT entity_id, firstname, lastname, '12 St James''s Square', 'London', 'GB', '020 7946 0001' FROM customer_entity
WHERE entity_id <= 3 AND NOT EXISTS (SELECT 1 FROM customer_address_entity);

INSERT INTO catalog_category_entity (entity_id, attribute_set_id, parent_id, path, position, level, children_count)
SELECT n.id, 3, n.parent, n.path, n.position, n.level, n.children FROM (
  SELECT 1 AS id, 0 AS parent, '1' AS path, 0 AS position, 0 AS level, 1 AS children
  UNION ALL SELECT 2, 1, '1/2', 1, 1, 0
) n WHERE NOT EXISTS (SELECT 1 FROM catalog_category_entity);

INSERT INTO catalog_product_entity (entity_id, attribute_set_id, sku)
SELECT n.id, 4, n.sku FROM (
  SELECT 1 AS id, 'loom' AS sku UNION ALL SELECT 2, 'punched-cards' UNION ALL SELECT 3, 'difference-engine'
) n WHERE NOT EXISTS (SELECT 1 FROM catalog_product_entity);

INSERT INTO cataloginventory_stock_item (product_id, stock_id, qty, is_in_stock)
SELECT entity_id, 1, 10, 1 FROM catalog_product_entity
WHERE entity_id <= 3 AND NOT EXISTS (SELECT 1 FROM cataloginventory_stock_item);

INSERT INTO sales_order (entity_id, state, status, grand_total, customer_id, increment_id, store_id)
SELECT n.id, 'new', 'pending', n.total, n.customer, n.number, 1 FROM (
  SELECT 1 AS id, 100.5 AS total, 1 AS customer, '000000001' AS number
  UNION ALL SELECT 2, 19.99, NULL, '000000002'
) n WHERE NOT EXISTS (SELECT 1 FROM sales_order);

INSERT INTO sales_order_item (order_id, product_id, sku, name, qty_ordered, price, row_total)
SELECT o.entity_id, p.entity_id, p.sku, p.sku, 1, o.grand_total, o.grand_total
FROM sales_order o JOIN catalog_product_entity p ON p.entity_id = o.entity_id
WHERE o.entity_id <= 2 AND NOT EXISTS (SELECT 1 FROM sales_order_item);

INSERT INTO salesrule_coupon (rule_id, code, usage_limit, is_primary)
SELECT 1, 'WELCOME', 100, 1 WHERE NOT EXISTS (SELECT 1 FROM salesrule_coupon);
