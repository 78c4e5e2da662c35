-- Which row of the fixed side is which of the other, of entities with matchOn; used in the fixed side's ledger only.
-- Without other_key: an event of the row is settling it, and nobody else may take the row.
CREATE TABLE IF NOT EXISTS identity_claims (
  pipeline VARCHAR(50) NOT NULL,
  entity_type VARCHAR(50) NOT NULL,
  fixed_key VARCHAR(512) NOT NULL,
  other_key VARCHAR(512),
  created_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
  PRIMARY KEY (pipeline, entity_type, fixed_key),
  UNIQUE KEY identity_claims_other (pipeline, entity_type, other_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;
