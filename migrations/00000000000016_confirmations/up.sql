-- An acceptance counts once the technician has made it or confirmed it: a company that records one by itself may not
-- rate the technician for it.
ALTER TABLE applications
    ADD COLUMN confirmed_at timestamptz,
    ADD CONSTRAINT applications_confirmed_after_acceptance CHECK (confirmed_at IS NULL OR status = 'ACCEPTED');

UPDATE applications
SET confirmed_at = application_events.at
FROM application_events
WHERE application_id = applications.id AND status = 'ACCEPTED' AND to_status = 'ACCEPTED' AND side = 'TECHNICIAN';

-- Jobs that were evaluated before are engagements: those evaluations stay.
UPDATE applications
SET confirmed_at = evaluations.created_at
FROM evaluations
WHERE confirmed_at IS NULL AND status = 'ACCEPTED' AND evaluations.job_id = applications.job_id
    AND evaluations.technician_id = applications.technician_id;
