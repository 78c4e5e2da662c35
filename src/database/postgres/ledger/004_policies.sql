-- Row clock on the source of the newest version brought here: a policy that asks what a version had seen may write the
-- row with a larger one.
ALTER TABLE entity_mappings ADD COLUMN source_clock bigint;
