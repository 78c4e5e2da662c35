-- Which row of the fixed side is which of the other, of entities with matchOn; used in the fixed side's ledger only.
-- Without other_key: an event of the row is settling it, and nobody else may take the row.
CREATE TABLE identity_claims (
  pipeline varchar(50) NOT NULL,
  entity_type varchar(50) NOT NULL,
  fixed_key varchar(512) NOT NULL,
  other_key varchar(512),
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT identity_claims_fixed PRIMARY KEY (pipeline, entity_type, fixed_key),
  CONSTRAINT identity_claims_other UNIQUE (pipeline, entity_type, other_key)
);
