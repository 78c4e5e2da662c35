-- Tandem's tables in this database. Run with search_path set to the ledger's schema, in one transaction.
-- Clocks are microseconds since the epoch.

-- Which row of the other side is which row here.
CREATE TABLE entity_mappings (
  pipeline varchar(50) NOT NULL,
  entity_type varchar(50) NOT NULL,
  source_side varchar(50) NOT NULL,
  source_key varchar(512) NOT NULL,
  target_side varchar(50) NOT NULL,
  target_key varchar(512),
  epoch bigint,
  position varchar(255),
  source_ts timestamptz,
  version bigint NOT NULL DEFAULT 0,
  effect_position varchar(255),
  clock bigint,
  clock_side varchar(50),
  row_hash varchar(64),
  tombstone_clock bigint,
  tombstone_side varchar(50),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT entity_mappings_source PRIMARY KEY (pipeline, entity_type, source_side, source_key, target_side),
  CONSTRAINT entity_mappings_target UNIQUE (pipeline, entity_type, target_side, target_key, source_side)
) WITH (fillfactor = 80);

-- Every event that was decided; a redelivery reads its outcome here.
CREATE TABLE processed_events (
  event_id varchar(36) NOT NULL,
  pipeline varchar(50) NOT NULL,
  entity_type varchar(50) NOT NULL,
  outcome varchar(30) NOT NULL,
  target_key varchar(512),
  processed_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT processed_events_pk PRIMARY KEY (event_id)
);
CREATE INDEX processed_events_processed_at ON processed_events (processed_at);

-- Rows this side's own app deleted; written by the pipelines' delete triggers, as the larger of the clocks.
CREATE TABLE local_tombstones (
  pipeline varchar(50) NOT NULL,
  entity_type varchar(50) NOT NULL,
  side varchar(50) NOT NULL,
  row_key varchar(512) NOT NULL,
  clock bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT local_tombstones_pk PRIMARY KEY (pipeline, entity_type, side, row_key)
);
CREATE INDEX local_tombstones_created_at ON local_tombstones (created_at);

-- Both versions of every conflict; the rows are JSON text of canonical values.
CREATE TABLE conflicts (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT conflicts_pk PRIMARY KEY,
  event_id varchar(36) NOT NULL,
  pipeline varchar(50) NOT NULL,
  entity_type varchar(50) NOT NULL,
  target_side varchar(50) NOT NULL,
  target_key varchar(512),
  type varchar(40) NOT NULL,
  verdict varchar(20) NOT NULL,
  incoming_clock bigint NOT NULL,
  incoming_side varchar(50) NOT NULL,
  incoming_row text,
  existing_clock bigint,
  existing_side varchar(50),
  existing_row text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX conflicts_event_id ON conflicts (event_id);
CREATE INDEX conflicts_created_at ON conflicts (created_at);

-- Brings the sequence of a serial or identity column to a key that was given, or beyond it, in the sequence's own
-- increments: sides that take odd and even keys keep doing so. Nothing happens where it is there already, or where
-- the column has no sequence. Like nextval this outlives a rollback; a skipped key harms nobody.
--
-- A sequence takes no lock and setval can move it back. So a short way is stepped by nextval; over a long one one
-- caller at a time uses setval, and an app would have to take a thousand keys meanwhile.
--
-- SECURITY DEFINER: an identity column hands out keys to everybody who may insert, and so does this.
CREATE FUNCTION advance_sequence(target regclass, key_column text, given numeric) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  sequence regclass := pg_get_serial_sequence(target::text, key_column);
  step bigint;
  start bigint;
  steps numeric;
BEGIN
  IF NOT has_any_column_privilege(session_user, target, 'INSERT') THEN
    RAISE insufficient_privilege;
  END IF;
  SELECT seqincrement, seqstart INTO step, start FROM pg_sequence WHERE seqrelid = sequence;
  IF step IS NULL OR step < 0 THEN
    RETURN;
  END IF;
  steps := ceil((given - coalesce(pg_sequence_last_value(sequence), start - step)) / step);
  IF steps <= 0 THEN
    RETURN;
  ELSIF steps <= 1000 THEN
    PERFORM nextval(sequence) FROM generate_series(1, steps::int);
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock('pg_sequence'::regclass::oid::int, sequence::oid::int);
  PERFORM setval(sequence, (last + ceil((given - last) / step) * step)::bigint)
  FROM (SELECT coalesce(pg_sequence_last_value(sequence), start - step)::numeric AS last) AS position
  WHERE given > last;
END $$;
REVOKE ALL ON FUNCTION advance_sequence FROM PUBLIC;
