ALTER TABLE application_events DROP COLUMN compliance, DROP COLUMN accepts_non_compliance;
ALTER TABLE applications DROP COLUMN compliance;
