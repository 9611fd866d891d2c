-- What companies look for in technicians, and the numbers on their dashboard.

-- The ratings of all evaluations, kept by the transaction that adds one; the skills' names, one a line, kept by the one
-- that replaces them.
ALTER TABLE technicians
    ADD COLUMN rating_count integer NOT NULL DEFAULT 0,
    ADD COLUMN rating_sum integer NOT NULL DEFAULT 0,
    ADD COLUMN skills_text text NOT NULL DEFAULT '',
    ADD CONSTRAINT technicians_ratings_range CHECK (
        rating_count >= 0 AND rating_sum BETWEEN rating_count AND 5 * rating_count
    );

UPDATE technicians
SET rating_count = known.number, rating_sum = known.sum
FROM (SELECT technician_id, count(*) AS number, sum(rating) AS sum FROM evaluations GROUP BY technician_id) AS known
WHERE known.technician_id = technicians.id;

UPDATE technicians
SET skills_text = known.names
FROM (
    SELECT technician_id, string_agg(name, E'\n' ORDER BY folded_name) AS names FROM skills GROUP BY technician_id
) AS known
WHERE known.technician_id = technicians.id;

-- Line breaks keep a word from being found across two texts.
ALTER TABLE technicians
    ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS (lower(
        full_name || E'\n' || coalesce(bio, '') || E'\n' || skills_text
    )) STORED;

-- The search, newest first; also for what most technicians have or few say anything about: years of experience, the
-- first day, rates.
CREATE INDEX technicians_newest ON technicians (created_at DESC, id DESC);
-- The search by discipline.
CREATE INDEX technicians_by_discipline ON technicians (primary_discipline, created_at DESC, id DESC);
-- The search by country.
CREATE INDEX technicians_by_country ON technicians (country, created_at DESC, id DESC);
-- The search by mobility.
CREATE INDEX technicians_by_mobility ON technicians (mobility, created_at DESC, id DESC);
-- The search by currency, with rates or without.
CREATE INDEX technicians_by_currency ON technicians (currency, created_at DESC, id DESC);
-- The search by rating: only who was evaluated has one.
CREATE INDEX technicians_rated ON technicians (created_at DESC, id DESC) WHERE rating_count > 0;
-- The search by words.
CREATE INDEX technicians_search_text ON technicians USING gin (search_text gin_trgm_ops);
-- The search by certification.
CREATE INDEX certifications_name ON certifications USING gin (lower(name) gin_trgm_ops);

-- An application knows the company whose job it is for, so that a company's are counted without looking at its jobs.
ALTER TABLE applications ADD COLUMN company_id uuid;
UPDATE applications SET company_id = jobs.company_id FROM jobs WHERE jobs.id = applications.job_id;
ALTER TABLE applications
    ALTER COLUMN company_id SET NOT NULL,
    DROP CONSTRAINT applications_job_fkey,
    ADD CONSTRAINT applications_job_fkey FOREIGN KEY (job_id, company_id) REFERENCES jobs (id, company_id)
        ON DELETE CASCADE;

-- How many of a company's applications are in which status, counted in the index alone, which is small: equal keys are
-- kept once.
CREATE INDEX applications_of_company_by_status ON applications (company_id, status);
-- How much a company has not read.
CREATE INDEX threads_unread_by_company ON threads (company_id) INCLUDE (company_unread) WHERE company_unread > 0;
