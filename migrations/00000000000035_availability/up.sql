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

-- Days that change meanwhile would be missed.
LOCK TABLE jobs IN SHARE ROW EXCLUSIVE MODE;
ALTER TABLE applications ADD COLUMN booked daterange;

-- Books the days of accepted applications that have booked none, in the order of the acceptances, where no other one of the technician
-- has booked one of them: of these technicians, or of all. Only those from before this migration may have booked none.
CREATE FUNCTION book_unbooked(technicians uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE accepted record;
BEGIN
    FOR accepted IN
        SELECT applications.id, technician_id, daterange(start_date, coalesce(end_date, start_date), '[]') AS days
        FROM applications JOIN jobs ON jobs.id = job_id
        WHERE applications.status = 'ACCEPTED' AND booked IS NULL AND (technicians IS NULL OR technician_id = ANY (technicians))
        ORDER BY applications.updated_at, applications.id
    LOOP
        UPDATE applications SET booked = accepted.days WHERE id = accepted.id AND NOT EXISTS (
            SELECT FROM applications AS other WHERE other.technician_id = accepted.technician_id AND other.booked && accepted.days);
    END LOOP;
END
$$;

SELECT book_unbooked(NULL);

ALTER TABLE applications
    ADD CONSTRAINT applications_booked_of_accepted CHECK (booked IS NULL OR status = 'ACCEPTED'),
    ADD CONSTRAINT applications_booked_once EXCLUDE USING gist (technician_id WITH =, booked WITH &&) WHERE (booked IS NOT NULL);

-- An accepted application books the days of its job. ACCEPTED is final. Bookings of one technician wait for each other by the lock of
-- the technician: two that are made at once would each wait for the row of the other. The job is locked before the technician,
-- here and where it is edited.
CREATE FUNCTION book_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT daterange(start_date, coalesce(end_date, start_date), '[]') INTO NEW.booked FROM jobs WHERE id = NEW.job_id FOR SHARE;
    PERFORM FROM technicians WHERE id = NEW.technician_id FOR NO KEY UPDATE;
    RETURN NEW;
END
$$;

CREATE TRIGGER book_days BEFORE INSERT OR UPDATE OF status ON applications
    FOR EACH ROW WHEN (NEW.status = 'ACCEPTED') EXECUTE FUNCTION book_days();

-- The bookings of a job move with its days.
CREATE FUNCTION move_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE accepted uuid[] := ARRAY(SELECT technician_id FROM applications WHERE job_id = NEW.id AND status = 'ACCEPTED');
BEGIN
    IF accepted <> '{}' THEN
        PERFORM FROM technicians WHERE id = ANY (accepted) ORDER BY id FOR NO KEY UPDATE;
        UPDATE applications SET booked = daterange(NEW.start_date, coalesce(NEW.end_date, NEW.start_date), '[]')
        WHERE job_id = NEW.id AND booked IS NOT NULL;
        PERFORM book_unbooked(accepted);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER move_bookings AFTER UPDATE OF start_date, end_date ON jobs FOR EACH ROW
    WHEN ((OLD.start_date, OLD.end_date) IS DISTINCT FROM (NEW.start_date, NEW.end_date)) EXECUTE FUNCTION move_bookings();
