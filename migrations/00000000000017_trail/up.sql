-- The trail: what members do within their company, and who read the users, is in the audit log too.
ALTER TABLE audit_events
    -- The company that an entry is about, for its ADMINs; null for acts on others. Earlier entries stay as they are.
    ADD COLUMN company_id uuid CONSTRAINT audit_events_company_fkey REFERENCES companies (id),
    -- The id that the caller sent; request_id is the server's own from now on.
    ADD COLUMN caller_request_id text,
    -- An act on a whole list has no subject.
    ALTER COLUMN subject_id DROP NOT NULL,
    ADD CONSTRAINT audit_events_caller_request_id_length CHECK (char_length(caller_request_id) BETWEEN 1 AND 128),
    ADD CONSTRAINT audit_events_subject_known CHECK ((subject_id IS NULL) = (action = 'USERS_LISTED')),
    DROP CONSTRAINT audit_events_action_known,
    ADD CONSTRAINT audit_events_action_known CHECK (action IN (
        'USER_DEACTIVATED', 'USER_ACTIVATED', 'JOB_CLOSED', 'USERS_LISTED', 'MEMBER_ROLE_CHANGED', 'MEMBER_REMOVED',
        'INVITATION_CREATED', 'INVITATION_REVOKED', 'INVITATION_ACCEPTED', 'COMPANY_EDITED', 'ACCEPTANCE_RECORDED')),
    DROP CONSTRAINT audit_events_subject_type_known,
    ADD CONSTRAINT audit_events_subject_type_known
        CHECK (subject_type IN ('USER', 'JOB', 'INVITATION', 'COMPANY', 'APPLICATION'));

-- The log of one company.
CREATE INDEX audit_events_by_company ON audit_events (company_id, created_at DESC, id DESC) WHERE company_id IS NOT NULL;
