DROP INDEX threads_unread_by_company;
ALTER TABLE applications
    DROP CONSTRAINT applications_job_fkey,
    ADD CONSTRAINT applications_job_fkey FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE,
    DROP COLUMN company_id;
DROP INDEX certifications_name;
ALTER TABLE technicians
    DROP COLUMN search_text,
    DROP COLUMN skills_text,
    DROP COLUMN rating_sum,
    DROP COLUMN rating_count;
DROP INDEX technicians_by_currency;
DROP INDEX technicians_by_mobility;
DROP INDEX technicians_by_country;
DROP INDEX technicians_by_discipline;
DROP INDEX technicians_newest;
