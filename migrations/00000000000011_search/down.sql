DROP INDEX technicians_by_years;
ALTER TABLE technicians ALTER COLUMN search_text SET STATISTICS -1;
ALTER TABLE jobs ALTER COLUMN search_text SET STATISTICS -1;
DROP STATISTICS jobs_location_lower, jobs_day_rate_most, jobs_day_rate_least;
DROP INDEX jobs_open_start_date, jobs_open_day_rate_most, jobs_open_day_rate_least;
