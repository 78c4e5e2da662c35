-- Housekeeping finds identities whose row was deleted by it, however many rows live.
SET @statement = IF(
  EXISTS (
    SELECT 1 FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND table_name = 'entity_mappings' AND index_name = 'entity_mappings_tombstones'
  ),
  'DO 0',
  'CREATE INDEX entity_mappings_tombstones ON entity_mappings (pipeline, entity_type, tombstone_clock)'
);
PREPARE statement FROM @statement;
EXECUTE statement;
DEALLOCATE PREPARE statement;
