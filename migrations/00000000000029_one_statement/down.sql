DROP FUNCTION lock_certifications;
DROP FUNCTION lock_open_jobs;
