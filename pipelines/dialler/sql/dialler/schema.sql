-- The dialler's database: the claims app's tables mirrored, what the dialler itself knows of a user, and who is to be called.
-- No foreign keys between mirrored tables: their rows may come in any order.
BEGIN;

CREATE TABLE IF NOT EXISTS users (
  id                      BIGINT PRIMARY KEY,
  first_name              VARCHAR(255),
  last_name               VARCHAR(255),
  email                   VARCHAR(255),
  phone_number            VARCHAR(255),
  status                  VARCHAR(255),
  is_enabled              BOOLEAN,
  introducer              VARCHAR(255),
  solicitor               VARCHAR(255),
  current_user_address_id VARCHAR(36),
  last_login              TIMESTAMPTZ,
  created_at              TIMESTAMPTZ NOT NULL,
  updated_at              TIMESTAMPTZ NOT NULL
);
CREATE INDEX IF NOT EXISTS users_current_user_address_id_idx ON users (current_user_address_id);

CREATE TABLE IF NOT EXISTS user_addresses (
  id           VARCHAR(36) PRIMARY KEY,
  full_address VARCHAR(1024),
  post_code    VARCHAR(255),
  county       VARCHAR(255),
  created_at   TIMESTAMPTZ NOT NULL,
  updated_at   TIMESTAMPTZ NOT NULL
);

CREATE TABLE IF NOT EXISTS claims (
  id                     BIGINT PRIMARY KEY,
  user_id                BIGINT NOT NULL,
  type                   VARCHAR(255),
  status                 VARCHAR(255),
  lender                 VARCHAR(255),
  solicitor              VARCHAR(255),
  client_last_updated_at TIMESTAMPTZ,
  created_at             TIMESTAMPTZ NOT NULL,
  updated_at             TIMESTAMPTZ NOT NULL
);
CREATE INDEX IF NOT EXISTS claims_user_id_idx ON claims (user_id);

CREATE TABLE IF NOT EXISTS claim_requirements (
  id                       VARCHAR(36) PRIMARY KEY,
  claim_id                 BIGINT NOT NULL,
  type                     VARCHAR(255),
  status                   VARCHAR(255),
  claim_requirement_reason TEXT,
  created_at               TIMESTAMPTZ NOT NULL,
  updated_at               TIMESTAMPTZ NOT NULL
);
CREATE INDEX IF NOT EXISTS claim_requirements_claim_id_idx ON claim_requirements (claim_id);

CREATE TABLE IF NOT EXISTS claim_vehicle_packages (
  id                   BIGINT PRIMARY KEY,
  claim_id             BIGINT NOT NULL,
  vehicle_registration VARCHAR(255),
  vehicle_make         VARCHAR(255),
  vehicle_model        VARCHAR(255),
  dealership_name      VARCHAR(255),
  monthly_payment      NUMERIC(10, 2),
  created_at           TIMESTAMPTZ NOT NULL,
  updated_at           TIMESTAMPTZ NOT NULL
);
CREATE INDEX IF NOT EXISTS claim_vehicle_packages_claim_id_idx ON claim_vehicle_packages (claim_id);

-- The dialler's own: what came of earlier calls.
CREATE TABLE IF NOT EXISTS user_call_scores (
  user_id         BIGINT PRIMARY KEY,
  current_score   INTEGER NOT NULL DEFAULT 0,
  total_attempts  INTEGER NOT NULL DEFAULT 0,
  last_outcome    VARCHAR(255),
  next_call_after TIMESTAMPTZ,
  created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at      TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- Who is to be called. `queued` rows come and go with eligibility; an agent makes one `assigned`, and ends it by deleting it.
CREATE TABLE IF NOT EXISTS call_queue (
  user_id     BIGINT PRIMARY KEY,
  status      TEXT NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'assigned')),
  reason      TEXT NOT NULL,
  score       INTEGER NOT NULL DEFAULT 0,
  queued_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
  expires_at  TIMESTAMPTZ NOT NULL,
  assigned_to TEXT,
  assigned_at TIMESTAMPTZ
);
CREATE INDEX IF NOT EXISTS call_queue_order_idx ON call_queue (status, score DESC, queued_at);
CREATE INDEX IF NOT EXISTS call_queue_expires_at_idx ON call_queue (expires_at);

COMMIT;
