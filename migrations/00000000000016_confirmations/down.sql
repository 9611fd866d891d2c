ALTER TABLE applications DROP COLUMN confirmed_at;
