-- What companies see of technicians: a company that a SUPER_ADMIN verified sees those who want to be found, and what a
-- technician shows after contact only is shown after contact. Jobs of companies without an active member are not listed.

ALTER TABLE companies
    ADD COLUMN verified_at timestamptz,
    -- Whether a member is active, kept by the transactions that change it: the public list asks for each of its jobs.
    ADD COLUMN listed boolean NOT NULL DEFAULT true;

UPDATE companies SET listed = false WHERE NOT EXISTS (
    SELECT FROM company_members JOIN users ON users.id = user_id WHERE company_id = companies.id AND active
);

ALTER TABLE technicians
    ADD COLUMN visibility text NOT NULL DEFAULT 'COMPANIES',
    ADD CONSTRAINT technicians_visibility_known CHECK (visibility IN ('COMPANIES', 'APPLIED'));

-- Whether the technician has opened the thread or written in it. Of threads without a message it is not known who opened
-- them: the technician counts.
ALTER TABLE threads ADD COLUMN technician_acted boolean NOT NULL DEFAULT false;

UPDATE threads SET technician_acted = true WHERE last_seq = 0 OR EXISTS (
    SELECT FROM messages WHERE thread_id = threads.id AND sender_type = 'TECHNICIAN'
);

-- Whether a technician has applied to a company: asked with each passport that the company reads. That of threads is
-- threads_one_of_each.
CREATE INDEX applications_to_company ON applications (technician_id, company_id);

ALTER TABLE audit_events
    DROP CONSTRAINT audit_events_action_known,
    ADD CONSTRAINT audit_events_action_known CHECK (action IN (
        'USER_DEACTIVATED', 'USER_ACTIVATED', 'JOB_CLOSED', 'USERS_LISTED', 'MEMBER_ROLE_CHANGED', 'MEMBER_REMOVED',
        'INVITATION_CREATED', 'INVITATION_REVOKED', 'INVITATION_ACCEPTED', 'COMPANY_EDITED', 'ACCEPTANCE_RECORDED',
        'COMPANY_VERIFIED', 'COMPANY_UNVERIFIED')),
    DROP CONSTRAINT audit_events_subject_type_known,
    ADD CONSTRAINT audit_events_subject_type_known
        CHECK (subject_type IN ('USER', 'JOB', 'INVITATION', 'COMPANY', 'APPLICATION'));
