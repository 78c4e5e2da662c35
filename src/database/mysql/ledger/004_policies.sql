-- Row clock on the source of the newest version brought here: a policy that asks what a version had seen may write the
-- row with a larger one.
SET @add_column = IF(
  EXISTS (SELECT 1 FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'entity_mappings' AND column_name = 'source_clock'),
  'DO 0',
  'ALTER TABLE entity_mappings ADD COLUMN source_clock BIGINT');
PREPARE add_column FROM @add_column;
EXECUTE add_column;
DEALLOCATE PREPARE add_column;
