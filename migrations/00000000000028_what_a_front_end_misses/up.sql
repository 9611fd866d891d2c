-- The applications to a company over all its jobs, newest first.
CREATE INDEX applications_of_company ON applications (company_id, created_at DESC, id DESC);
-- The same in one status; also serves the numbers of a dashboard.
DROP INDEX applications_of_company_by_status;
CREATE INDEX applications_of_company_by_status ON applications (company_id, status, created_at DESC, id DESC);

-- What a technician has not read.
CREATE INDEX threads_unread_by_technician ON threads (technician_id) INCLUDE (technician_unread)
    WHERE technician_unread > 0;

-- The public list by first day; also serves its bounds.
DROP INDEX jobs_open_start_date;
CREATE INDEX jobs_open_start_date ON jobs (start_date, id) WHERE status = 'OPEN';
-- The public list by rate, in one currency; jobs without a rate are last.
CREATE INDEX jobs_open_day_rate ON jobs (currency, coalesce(day_rate_to, day_rate_from, -1) DESC, id DESC)
    WHERE status = 'OPEN';

-- The search for technicians by years of experience; also serves their bound.
DROP INDEX technicians_by_years;
CREATE INDEX technicians_by_years ON technicians (years_experience DESC, id DESC);
-- The same by average rating; technicians without one are last.
CREATE INDEX technicians_by_rating ON technicians (coalesce(rating_average, -1) DESC, id DESC);
