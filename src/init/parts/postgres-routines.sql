CREATE SCHEMA IF NOT EXISTS tandem;

-- The least clock a row with this key may start with: above the app's own delete of it and above Tandem's.
CREATE OR REPLACE FUNCTION tandem.clock_above(pipeline text, entity text, side text, key text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- A snapshot that may be older than the delete: a tombstone changed since then fails with 40001, as any row would.
  IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
    PERFORM FROM tandem.local_tombstones AS t
      WHERE t.pipeline = $1 AND t.entity_type = $2 AND t.side = $3 AND t.row_key = $4 FOR SHARE;
    PERFORM FROM tandem.entity_mappings AS m
      WHERE m.pipeline = $1 AND m.entity_type = $2 AND m.target_side = $3 AND m.target_key = $4 FOR SHARE;
  END IF;
  RETURN 1 + greatest(
    (SELECT t.clock FROM tandem.local_tombstones AS t
      WHERE t.pipeline = $1 AND t.entity_type = $2 AND t.side = $3 AND t.row_key = $4),
    (SELECT max(m.tombstone_clock) FROM tandem.entity_mappings AS m
      WHERE m.pipeline = $1 AND m.entity_type = $2 AND m.target_side = $3 AND m.target_key = $4));
END $$;

-- The app's own delete has the clock one above the row it deleted, in the tombstone as in the change event.
CREATE OR REPLACE FUNCTION tandem.record_local_tombstone(pipeline text, entity text, side text, key text, row_clock bigint)
RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO tandem.local_tombstones AS t (pipeline, entity_type, side, row_key, clock)
  VALUES ($1, $2, $3, $4, $5 + 1)
  ON CONFLICT (pipeline, entity_type, side, row_key)
  DO UPDATE SET clock = greatest(t.clock, excluded.clock), created_at = excluded.created_at
$$;

-- The identity of a row whose key its own app changes, and its claim: what the other side does next to the row still finds
-- it. A key that another row has had keeps that row's, since its delete is still on the way.
CREATE OR REPLACE FUNCTION tandem.move_identity(pipeline text, entity text, side text, old_key text, new_key text)
RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  UPDATE tandem.entity_mappings AS m SET target_key = $5
    WHERE m.pipeline = $1 AND m.entity_type = $2 AND m.target_side = $3 AND m.target_key = $4
      AND NOT EXISTS (SELECT FROM tandem.entity_mappings AS o
        WHERE o.pipeline = $1 AND o.entity_type = $2 AND o.target_side = $3 AND o.target_key = $5);
  UPDATE tandem.identity_claims AS c SET fixed_key = $5
    WHERE c.pipeline = $1 AND c.entity_type = $2 AND c.fixed_key = $4
      AND NOT EXISTS (SELECT FROM tandem.identity_claims AS o
        WHERE o.pipeline = $1 AND o.entity_type = $2 AND o.fixed_key = $5)
$$;

