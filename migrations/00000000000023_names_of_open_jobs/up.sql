-- Only open jobs are searched, so only they have the name of their company beside them. Their number has a quota, and so
-- has the work of a renaming, whatever the number of drafts and closed jobs.
ALTER TABLE jobs
    ALTER COLUMN company_name DROP NOT NULL,
    DROP COLUMN search_text;
UPDATE jobs SET company_name = NULL WHERE status <> 'OPEN';
ALTER TABLE jobs
    ADD CONSTRAINT jobs_company_name_when_open CHECK (status <> 'OPEN' OR company_name IS NOT NULL),
    ADD CONSTRAINT jobs_company_id_fkey FOREIGN KEY (company_id) REFERENCES companies (id) ON DELETE CASCADE,
    -- Line breaks keep a word from being found across two texts.
    ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS (lower(
        title || E'\n' || description || E'\n' || location || E'\n' || coalesce(project_name, '') || E'\n'
        || coalesce(company_name, '')
    )) STORED,
    ALTER COLUMN search_text SET STATISTICS 300;
-- The public list by words.
CREATE INDEX jobs_open_search_text ON jobs USING gin (search_text gin_trgm_ops) WHERE status = 'OPEN';
