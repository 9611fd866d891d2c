-- What few meet is looked up, so that no list is walked to its end for it; what most meet is found by walking. Searches
-- are planned for their values, and these statistics tell how many meet one: those of a partial index are not asked.

-- The public list by first day, where few begin so late.
CREATE INDEX jobs_open_start_date ON jobs (start_date) WHERE status = 'OPEN';
-- The public list by the least rate, where few reach up to it.
CREATE INDEX jobs_open_day_rate_most ON jobs (coalesce(day_rate_to, day_rate_from)) WHERE status = 'OPEN';
-- The public list by the highest rate, where few reach down to it.
CREATE INDEX jobs_open_day_rate_least ON jobs (coalesce(day_rate_from, day_rate_to)) WHERE status = 'OPEN';

-- A word that one text in a hundred has is told from one that one in a thousand has.
ALTER TABLE jobs ALTER COLUMN search_text SET STATISTICS 300;
ALTER TABLE technicians ALTER COLUMN search_text SET STATISTICS 300;

CREATE STATISTICS jobs_location_lower ON (lower(location)) FROM jobs;
CREATE STATISTICS jobs_day_rate_most ON (coalesce(day_rate_to, day_rate_from)) FROM jobs;
CREATE STATISTICS jobs_day_rate_least ON (coalesce(day_rate_from, day_rate_to)) FROM jobs;

-- The search by years of experience, where few have so many.
CREATE INDEX technicians_by_years ON technicians (years_experience);
