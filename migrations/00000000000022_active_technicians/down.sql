ALTER TABLE technicians DROP COLUMN active;
