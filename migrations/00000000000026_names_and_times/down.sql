-- Times stay as they are: earlier releases take them too.
ALTER TABLE companies ADD CONSTRAINT companies_id_name_key UNIQUE (id, name);

DROP INDEX jobs_open_search_text;
ALTER TABLE jobs ADD COLUMN company_name text;
UPDATE jobs
SET company_name = CASE status WHEN 'OPEN' THEN companies.name END,
    search_text = search_text || E'\r' || CASE status WHEN 'OPEN' THEN companies.search_name ELSE '' END
FROM companies
WHERE companies.id = jobs.company_id;
ALTER TABLE jobs
    ADD CONSTRAINT jobs_company_fkey FOREIGN KEY (company_id, company_name) REFERENCES companies (id, name)
        ON UPDATE CASCADE ON DELETE CASCADE,
    ADD CONSTRAINT jobs_company_name_when_open CHECK (status <> 'OPEN' OR company_name IS NOT NULL);
-- The public list by words.
CREATE INDEX jobs_open_search_text ON jobs USING gin (search_text gin_trgm_ops) WHERE status = 'OPEN';

DROP INDEX companies_search_name;
ALTER TABLE companies DROP COLUMN search_name;
