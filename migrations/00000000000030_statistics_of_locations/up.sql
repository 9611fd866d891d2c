-- How many jobs have a part of a location decides whether the list or the index is read. A hundred samples, the default,
-- do not tell a place of one job in 500 from one of a single job. The next ANALYZE, which autovacuum does, takes more.
ALTER TABLE jobs ALTER COLUMN search_location SET STATISTICS 500;
