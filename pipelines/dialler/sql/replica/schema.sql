-- The claims app's tables, as its replica shows them. No triggers and no columns of anybody else's.

CREATE TABLE IF NOT EXISTS users (
  id                      BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  first_name              VARCHAR(255),
  last_name               VARCHAR(255),
  email                   VARCHAR(255),
  phone_number            VARCHAR(255),
  status                  VARCHAR(255),
  is_enabled              TINYINT(1),
  introducer              VARCHAR(255),
  solicitor               VARCHAR(255),
  current_user_address_id VARCHAR(36),
  last_login              TIMESTAMP NULL,
  created_at              TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at              TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS user_addresses (
  id           VARCHAR(36) NOT NULL PRIMARY KEY,
  full_address VARCHAR(1024),
  post_code    VARCHAR(255),
  county       VARCHAR(255),
  created_at   TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at   TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS claims (
  id                     BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id                BIGINT UNSIGNED NOT NULL,
  type                   VARCHAR(255),
  status                 VARCHAR(255),
  lender                 VARCHAR(255),
  solicitor              VARCHAR(255),
  client_last_updated_at TIMESTAMP NULL,
  created_at             TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at             TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  INDEX claims_user_id_index (user_id)
);

CREATE TABLE IF NOT EXISTS claim_requirements (
  id                       VARCHAR(36) NOT NULL PRIMARY KEY,
  claim_id                 BIGINT UNSIGNED NOT NULL,
  type                     VARCHAR(255),
  status                   VARCHAR(255),
  claim_requirement_reason TEXT,
  created_at               TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at               TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  INDEX claim_requirements_claim_id_index (claim_id)
);

CREATE TABLE IF NOT EXISTS claim_vehicle_packages (
  id                   BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  claim_id             BIGINT UNSIGNED NOT NULL,
  vehicle_registration VARCHAR(255),
  vehicle_make         VARCHAR(255),
  vehicle_model        VARCHAR(255),
  dealership_name      VARCHAR(255),
  monthly_payment      DECIMAL(10, 2),
  created_at           TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at           TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  INDEX claim_vehicle_packages_claim_id_index (claim_id)
);
