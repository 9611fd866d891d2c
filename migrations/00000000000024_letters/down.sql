ALTER TABLE users DROP COLUMN search_email;
ALTER TABLE certifications DROP COLUMN search_name;
CREATE INDEX certifications_name ON certifications USING gin (lower(name) gin_trgm_ops);

-- The earlier release compares the names of skills in lower case. Folds differ where these do.
UPDATE skills SET folded_name = lower(name);

ALTER TABLE technicians DROP COLUMN search_text, ADD COLUMN skills_text text NOT NULL DEFAULT '';
UPDATE technicians
SET skills_text = known.names
FROM (
    SELECT technician_id, string_agg(name, E'\n' ORDER BY folded_name) AS names FROM skills GROUP BY technician_id
) AS known
WHERE known.technician_id = technicians.id;
ALTER TABLE technicians
    ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS (lower(
        full_name || E'\n' || coalesce(bio, '') || E'\n' || skills_text
    )) STORED,
    ALTER COLUMN search_text SET STATISTICS 300;
CREATE INDEX technicians_search_text ON technicians USING gin (search_text gin_trgm_ops);

ALTER TABLE jobs
    DROP COLUMN search_location,
    DROP COLUMN search_text,
    ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS (lower(
        title || E'\n' || description || E'\n' || location || E'\n' || coalesce(project_name, '') || E'\n'
        || coalesce(company_name, '')
    )) STORED,
    ALTER COLUMN search_text SET STATISTICS 300;
CREATE INDEX jobs_open_search_text ON jobs USING gin (search_text gin_trgm_ops) WHERE status = 'OPEN';
CREATE INDEX jobs_open_location ON jobs USING gin (lower(location) gin_trgm_ops) WHERE status = 'OPEN';
CREATE STATISTICS jobs_location_lower ON (lower(location)) FROM jobs;
