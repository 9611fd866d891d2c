-- Jobs, and the evaluations that companies leave after them.

-- Indexes for text that contains a text. In public, which all schemas of a database share.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

CREATE TABLE jobs (
    id uuid CONSTRAINT jobs_pkey PRIMARY KEY,
    company_id uuid NOT NULL,
    -- The company's name, kept equal by the foreign key, so that one index serves the search in all texts.
    company_name text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    location text NOT NULL,
    country text NOT NULL,
    project_name text,
    discipline text NOT NULL,
    contract_type text NOT NULL,
    day_rate_from integer,
    day_rate_to integer,
    currency text NOT NULL,
    start_date date NOT NULL,
    end_date date,
    status text NOT NULL,
    -- When it was first open.
    published_at timestamptz,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Line breaks keep a word from being found across two texts.
    search_text text NOT NULL GENERATED ALWAYS AS (lower(
        title || E'\n' || description || E'\n' || location || E'\n' || coalesce(project_name, '') || E'\n'
        || company_name
    )) STORED,
    CONSTRAINT jobs_company_fkey FOREIGN KEY (company_id, company_name) REFERENCES companies (id, name)
        ON UPDATE CASCADE ON DELETE CASCADE,
    -- What is referred to where job and company must belong together.
    CONSTRAINT jobs_id_company_key UNIQUE (id, company_id),
    CONSTRAINT jobs_title_length CHECK (char_length(title) BETWEEN 1 AND 120),
    CONSTRAINT jobs_description_length CHECK (char_length(description) BETWEEN 1 AND 10000),
    CONSTRAINT jobs_location_length CHECK (char_length(location) BETWEEN 1 AND 120),
    CONSTRAINT jobs_country_code CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT jobs_project_name_length CHECK (char_length(project_name) BETWEEN 1 AND 120),
    CONSTRAINT jobs_discipline_known CHECK (discipline IN (
        'BLADE_REPAIR', 'INSPECTION', 'ROPE_ACCESS', 'ELECTRICAL', 'COMMISSIONING', 'OTHER'
    )),
    CONSTRAINT jobs_contract_type_known CHECK (contract_type IN ('DAY_RATE', 'FIXED_PRICE', 'HOURLY')),
    CONSTRAINT jobs_day_rate_from_range CHECK (day_rate_from BETWEEN 0 AND 10000000),
    CONSTRAINT jobs_day_rate_to_range CHECK (day_rate_to BETWEEN 0 AND 10000000),
    CONSTRAINT jobs_day_rates_ordered CHECK (day_rate_from <= day_rate_to),
    CONSTRAINT jobs_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT jobs_days_ordered CHECK (start_date <= end_date),
    CONSTRAINT jobs_status_known CHECK (status IN ('DRAFT', 'OPEN', 'CLOSED')),
    CONSTRAINT jobs_published_when_open CHECK (CASE status
        WHEN 'DRAFT' THEN published_at IS NULL
        WHEN 'OPEN' THEN published_at IS NOT NULL
        ELSE true
    END),
    CONSTRAINT jobs_revision_positive CHECK (revision >= 1)
);

-- The public list reads open jobs only, the latest published first. With the status in the predicate, neither drafts
-- nor closed jobs cost it anything.
CREATE INDEX jobs_open ON jobs (published_at DESC, id DESC) WHERE status = 'OPEN';
-- The public list by discipline.
CREATE INDEX jobs_open_discipline ON jobs (discipline, published_at DESC, id DESC) WHERE status = 'OPEN';
-- The public list by country.
CREATE INDEX jobs_open_country ON jobs (country, published_at DESC, id DESC) WHERE status = 'OPEN';
-- The public list by contract type.
CREATE INDEX jobs_open_contract_type ON jobs (contract_type, published_at DESC, id DESC) WHERE status = 'OPEN';
-- The public list by currency, with rates or without.
CREATE INDEX jobs_open_currency ON jobs (currency, published_at DESC, id DESC) WHERE status = 'OPEN';
-- The public list by company.
CREATE INDEX jobs_open_company ON jobs (company_id, published_at DESC, id DESC) WHERE status = 'OPEN';
-- The public list by words.
CREATE INDEX jobs_open_search_text ON jobs USING gin (search_text gin_trgm_ops) WHERE status = 'OPEN';
-- The public list by location.
CREATE INDEX jobs_open_location ON jobs USING gin (lower(location) gin_trgm_ops) WHERE status = 'OPEN';
-- A company's list of its jobs, newest first; also a company's new name on its way to its jobs.
CREATE INDEX jobs_of_company ON jobs (company_id, created_at DESC, id DESC);
-- A company's list of its jobs in one status.
CREATE INDEX jobs_of_company_by_status ON jobs (company_id, status, created_at DESC, id DESC);

CREATE TABLE evaluations (
    id uuid CONSTRAINT evaluations_pkey PRIMARY KEY,
    technician_id uuid NOT NULL,
    company_id uuid NOT NULL,
    job_id uuid NOT NULL,
    rating integer NOT NULL,
    comment text,
    created_at timestamptz NOT NULL,
    CONSTRAINT evaluations_once_per_job UNIQUE (job_id, technician_id, company_id),
    CONSTRAINT evaluations_technician_fkey FOREIGN KEY (technician_id) REFERENCES technicians (id) ON DELETE CASCADE,
    CONSTRAINT evaluations_company_fkey FOREIGN KEY (company_id) REFERENCES companies (id),
    CONSTRAINT evaluations_job_fkey FOREIGN KEY (job_id, company_id) REFERENCES jobs (id, company_id),
    CONSTRAINT evaluations_rating_range CHECK (rating BETWEEN 1 AND 5),
    CONSTRAINT evaluations_comment_length CHECK (char_length(comment) BETWEEN 1 AND 2000)
);

-- The newest evaluations of a passport, and the ratings of a technician, added up from the index alone.
CREATE INDEX evaluations_of_technician ON evaluations (technician_id, created_at DESC, id DESC) INCLUDE (rating);
