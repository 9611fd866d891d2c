ALTER TABLE jobs DROP COLUMN requirements, DROP COLUMN required_types;
