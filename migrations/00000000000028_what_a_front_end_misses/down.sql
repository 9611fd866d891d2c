DROP INDEX technicians_by_rating;
DROP INDEX technicians_by_years;
CREATE INDEX technicians_by_years ON technicians (years_experience);

DROP INDEX jobs_open_day_rate;
DROP INDEX jobs_open_start_date;
CREATE INDEX jobs_open_start_date ON jobs (start_date) WHERE status = 'OPEN';

DROP INDEX threads_unread_by_technician;

DROP INDEX applications_of_company_by_status;
CREATE INDEX applications_of_company_by_status ON applications (company_id, status);
DROP INDEX applications_of_company;
