-- Applications and their history.

CREATE TABLE applications (
    id uuid CONSTRAINT applications_pkey PRIMARY KEY,
    job_id uuid NOT NULL,
    technician_id uuid NOT NULL,
    status text NOT NULL,
    message_to_company text,
    message_to_technician text,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT applications_once_per_job UNIQUE (job_id, technician_id),
    CONSTRAINT applications_job_fkey FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE,
    CONSTRAINT applications_technician_fkey FOREIGN KEY (technician_id) REFERENCES technicians (id),
    CONSTRAINT applications_status_known CHECK (status IN (
        'APPLIED', 'SHORTLISTED', 'REJECTED', 'OFFERED', 'ACCEPTED', 'WITHDRAWN'
    )),
    CONSTRAINT applications_message_to_company_length CHECK (char_length(message_to_company) BETWEEN 1 AND 2000),
    CONSTRAINT applications_message_to_technician_length
        CHECK (char_length(message_to_technician) BETWEEN 1 AND 2000),
    CONSTRAINT applications_revision_positive CHECK (revision >= 1)
);

-- The applications for a job, newest first, and how many it has.
CREATE INDEX applications_of_job ON applications (job_id, created_at DESC, id DESC);
-- The applications for a job in one status.
CREATE INDEX applications_of_job_by_status ON applications (job_id, status, created_at DESC, id DESC);
-- The applications of a technician, newest first.
CREATE INDEX applications_of_technician ON applications (technician_id, created_at DESC, id DESC);
-- The applications of a technician in one status.
CREATE INDEX applications_of_technician_by_status ON applications (technician_id, status, created_at DESC, id DESC);

-- One row a change, the applying itself included. The position is the revision that the change made, and the primary
-- key also serves the history of an application, in order.
CREATE TABLE application_events (
    application_id uuid NOT NULL,
    position integer NOT NULL,
    from_status text,
    to_status text NOT NULL,
    side text NOT NULL,
    actor_user_id uuid NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT application_events_pkey PRIMARY KEY (application_id, position),
    CONSTRAINT application_events_application_fkey FOREIGN KEY (application_id) REFERENCES applications (id)
        ON DELETE CASCADE,
    CONSTRAINT application_events_actor_fkey FOREIGN KEY (actor_user_id) REFERENCES users (id),
    CONSTRAINT application_events_from_status_known CHECK (from_status IN (
        'APPLIED', 'SHORTLISTED', 'REJECTED', 'OFFERED', 'ACCEPTED', 'WITHDRAWN'
    )),
    CONSTRAINT application_events_to_status_known CHECK (to_status IN (
        'APPLIED', 'SHORTLISTED', 'REJECTED', 'OFFERED', 'ACCEPTED', 'WITHDRAWN'
    )),
    CONSTRAINT application_events_side_known CHECK (side IN ('COMPANY', 'TECHNICIAN')),
    CONSTRAINT application_events_first_from_nothing CHECK ((position = 1) = (from_status IS NULL))
);
