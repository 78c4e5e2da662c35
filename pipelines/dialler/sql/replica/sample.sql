-- A few claimants. Does nothing where there are users already.

INSERT INTO user_addresses (id, full_address, post_code, county)
SELECT n.id, n.address, n.code, n.county FROM (
  SELECT 'address-1' AS id, '12 St James''s Square, London' AS address, 'SW1Y 4JH' AS code, 'Greater London' AS county
  UNION ALL SELECT 'address-2', '1 Bletchley Park, Milton Keynes', 'MK3 6EB', 'Buckinghamshire'
) n WHERE NOT EXISTS (SELECT 1 FROM users) AND NOT EXISTS (SELECT 1 FROM user_addresses);

INSERT INTO users (id, first_name, last_name, email, phone_number, status, is_enabled, current_user_address_id)
SELECT n.id, n.first, n.last, n.email, n.phone, n.status, n.enabled, n.address FROM (
  SELECT 1 AS id, 'Ada' AS first, 'Lovelace' AS last, 'ada@example.com' AS email, '+442079460001' AS phone,
    'active' AS status, 1 AS enabled, 'address-1' AS address
  UNION ALL SELECT 2, 'Alan', 'Turing', 'alan@example.com', '+441908640404', 'active', 1, 'address-2'
  UNION ALL SELECT 3, 'Grace', 'Hopper', 'grace@example.com', '+12025550143', 'closed', 0, NULL
) n WHERE NOT EXISTS (SELECT 1 FROM users);

INSERT INTO claims (id, user_id, type, status, lender)
SELECT n.id, n.user_id, 'vehicle', n.status, n.lender FROM (
  SELECT 1 AS id, 1 AS user_id, 'open' AS status, 'Northern Bank' AS lender
  UNION ALL SELECT 2, 2, 'settled', 'Southern Bank'
) n WHERE NOT EXISTS (SELECT 1 FROM claims);

INSERT INTO claim_requirements (id, claim_id, type, status, claim_requirement_reason)
SELECT 'requirement-1', 1, 'signature', 'PENDING', 'the form is not signed' FROM DUAL
WHERE NOT EXISTS (SELECT 1 FROM claim_requirements);

INSERT INTO claim_vehicle_packages (claim_id, vehicle_registration, vehicle_make, vehicle_model, dealership_name, monthly_payment)
SELECT 1, 'AB12 CDE', 'Morris', 'Minor', 'Square Motors', 199.99 FROM DUAL
WHERE NOT EXISTS (SELECT 1 FROM claim_vehicle_packages);
