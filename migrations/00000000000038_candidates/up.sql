-- The last day on which a certification is in force, and its trust from 1 (self-declared) to 3 (verified); a rejected or revoked one has
-- none. The ranking of candidates compares them. One that was void from its first day on ends on that day, as in the rules.
ALTER TABLE certifications
    ADD COLUMN covered_until date NOT NULL GENERATED ALWAYS AS (
        coalesce(least(valid_until, CASE WHEN voided_on > '0001-01-01' THEN voided_on - 1 ELSE voided_on END), 'infinity'::date)
    ) STORED,
    ADD COLUMN trust_level smallint GENERATED ALWAYS AS (
        CASE WHEN decision IS NULL THEN CASE WHEN document_url IS NULL THEN 1 ELSE 2 END WHEN decision = 'VERIFIED' THEN 3 END
    ) STORED;

-- Read without the rows, which are five times as long.
CREATE INDEX certifications_covering ON certifications (type_code, covered_until) INCLUDE (technician_id, valid_from, trust_level)
    WHERE type_code IS NOT NULL AND trust_level IS NOT NULL;
-- The certifications that begin during a job.
CREATE INDEX certifications_beginning ON certifications (type_code, valid_from) WHERE type_code IS NOT NULL AND trust_level IS NOT NULL;
-- The periods and the bookings on the days of a job; of acceptances without a booking, the job has the days.
CREATE INDEX availability_periods_days ON availability_periods USING gist (daterange(first_day, last_day, '[]'));
CREATE INDEX applications_booked ON applications USING gist (booked) WHERE booked IS NOT NULL;
CREATE INDEX applications_unbooked ON applications (job_id) INCLUDE (technician_id) WHERE status = 'ACCEPTED' AND booked IS NULL;

-- No statistics are better than those of empty tables, for which PostgreSQL reads no index.
DO $$
BEGIN
    IF EXISTS (SELECT FROM certifications) THEN
        ANALYZE certifications (covered_until, trust_level), availability_periods, applications (booked);
    END IF;
END
$$;
