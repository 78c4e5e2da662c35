-- Events that wait for a change of another row's identity; whoever looks here wakes them, so that nobody has to try them
-- again and again. An event leaves in the transaction that applies it.
CREATE TABLE waiting_events (
  event_id varchar(36) NOT NULL,
  pipeline varchar(50) NOT NULL,
  -- The event's own row.
  entity_type varchar(50) NOT NULL,
  source_side varchar(50) NOT NULL,
  source_key varchar(512) NOT NULL,
  target_side varchar(50) NOT NULL,
  -- The row it waits for, by its key on one of the two sides, and the version its identity had; -1: there was none. A
  -- change of its own row ends the wait as well: `own_version` is the version that one's identity had.
  awaited_entity varchar(50) NOT NULL,
  awaited_side varchar(50) NOT NULL,
  awaited_key varchar(512) NOT NULL,
  awaited_version bigint NOT NULL,
  own_version bigint NOT NULL,
  entered_at timestamptz NOT NULL DEFAULT now(),
  -- The event was last found to have to wait, and was last woken.
  seen_at timestamptz NOT NULL DEFAULT now(),
  woken_at timestamptz,
  CONSTRAINT waiting_events_pk PRIMARY KEY (event_id)
) WITH (fillfactor = 80);
CREATE INDEX waiting_events_row ON waiting_events (pipeline, entity_type, source_side, source_key);
CREATE INDEX waiting_events_seen_at ON waiting_events (seen_at);
