DROP TABLE evaluations;
DROP TABLE jobs;
-- The extension stays: other schemas of the database may use it.
