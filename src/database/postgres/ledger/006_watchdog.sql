-- Housekeeping finds identities whose row was deleted by it, however many rows live.
CREATE INDEX entity_mappings_tombstones ON entity_mappings (pipeline, entity_type, tombstone_clock)
  WHERE tombstone_clock IS NOT NULL;
