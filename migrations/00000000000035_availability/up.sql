-- What technicians say about their time, and the days that accepted applications have booked.
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

-- Replaced as a whole, with the technician locked: no two periods of one share a day.
CREATE TABLE availability_periods (
    technician_id uuid NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    kind text NOT NULL,
    CONSTRAINT availability_periods_pkey PRIMARY KEY (technician_id, first_day),
    CONSTRAINT availability_periods_technician_fkey FOREIGN KEY (technician_id) REFERENCES technicians (id) ON DELETE CASCADE,
    CONSTRAINT availability_periods_days_ordered CHECK (first_day <= last_day),
    CONSTRAINT availability_periods_kind_known CHECK (kind IN ('BUSY', 'FREE'))
);

ALTER TABLE applications ADD COLUMN booked daterange;

-- Of two that were accepted for the same day before, the one that was accepted first books it.
UPDATE applications
SET booked = daterange(start_date, coalesce(end_date, start_date), '[]')
FROM jobs
WHERE jobs.id = job_id AND applications.status = 'ACCEPTED' AND NOT EXISTS (
    SELECT FROM applications AS earlier JOIN jobs AS of_earlier ON of_earlier.id = earlier.job_id
    WHERE earlier.technician_id = applications.technician_id AND earlier.status = 'ACCEPTED'
    AND (earlier.updated_at, earlier.id) < (applications.updated_at, applications.id)
    AND daterange(of_earlier.start_date, coalesce(of_earlier.end_date, of_earlier.start_date), '[]')
        && daterange(jobs.start_date, coalesce(jobs.end_date, jobs.start_date), '[]'));

ALTER TABLE applications
    ADD CONSTRAINT applications_booked_of_accepted CHECK (booked IS NULL OR status = 'ACCEPTED'),
    ADD CONSTRAINT applications_booked_once EXCLUDE USING gist (technician_id WITH =, booked WITH &&) WHERE (booked IS NOT NULL);

-- Bookings of one technician wait for each other: two that are made at once would each wait for the row of the other. All lock jobs
-- before technicians.
CREATE FUNCTION lock_bookings(technician uuid) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended(technician::text, 'applications'::regclass::oid::bigint))
$$;

-- An accepted application books the days of its job. ACCEPTED is final.
CREATE FUNCTION book_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT daterange(start_date, coalesce(end_date, start_date), '[]') INTO NEW.booked FROM jobs WHERE id = NEW.job_id FOR SHARE;
    PERFORM lock_bookings(NEW.technician_id);
    RETURN NEW;
END
$$;

CREATE TRIGGER book_days BEFORE INSERT OR UPDATE OF status ON applications
    FOR EACH ROW WHEN (NEW.status = 'ACCEPTED') EXECUTE FUNCTION book_days();

-- The bookings of a job move with its days.
CREATE FUNCTION move_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_bookings(technician_id) FROM (
        SELECT technician_id FROM applications WHERE job_id = NEW.id AND status = 'ACCEPTED' ORDER BY technician_id) AS booked;
    UPDATE applications SET booked = daterange(NEW.start_date, coalesce(NEW.end_date, NEW.start_date), '[]')
    WHERE job_id = NEW.id AND status = 'ACCEPTED';
    RETURN NULL;
END
$$;

CREATE TRIGGER move_bookings AFTER UPDATE OF start_date, end_date ON jobs FOR EACH ROW
    WHEN ((OLD.start_date, OLD.end_date) IS DISTINCT FROM (NEW.start_date, NEW.end_date)) EXECUTE FUNCTION move_bookings();
