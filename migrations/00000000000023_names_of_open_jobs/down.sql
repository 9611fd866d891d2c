ALTER TABLE jobs
    DROP CONSTRAINT jobs_company_id_fkey,
    DROP CONSTRAINT jobs_company_name_when_open,
    DROP COLUMN search_text;
UPDATE jobs SET company_name = companies.name FROM companies WHERE companies.id = jobs.company_id AND company_name IS NULL;
ALTER TABLE jobs
    ALTER COLUMN company_name SET NOT NULL,
    ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS (lower(
        title || E'\n' || description || E'\n' || location || E'\n' || coalesce(project_name, '') || E'\n'
        || company_name
    )) STORED,
    ALTER COLUMN search_text SET STATISTICS 300;
CREATE INDEX jobs_open_search_text ON jobs USING gin (search_text gin_trgm_ops) WHERE status = 'OPEN';
