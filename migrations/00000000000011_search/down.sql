DROP INDEX technicians_by_years;
DROP STATISTICS jobs_location_lower, jobs_day_rate_most, jobs_day_rate_least;
DROP INDEX jobs_open_start_date, jobs_open_day_rate_most, jobs_open_day_rate_least;
