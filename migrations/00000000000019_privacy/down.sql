-- The audit log only grows, but what it has of verifications has no place in the old one.
ALTER TABLE audit_events DISABLE TRIGGER audit_events_only_grow;
DELETE FROM audit_events WHERE action IN ('COMPANY_VERIFIED', 'COMPANY_UNVERIFIED');
ALTER TABLE audit_events ENABLE TRIGGER audit_events_only_grow;
ALTER TABLE audit_events
    DROP CONSTRAINT audit_events_action_known,
    ADD CONSTRAINT audit_events_action_known CHECK (action IN (
        'USER_DEACTIVATED', 'USER_ACTIVATED', 'JOB_CLOSED', 'USERS_LISTED', 'MEMBER_ROLE_CHANGED', 'MEMBER_REMOVED',
        'INVITATION_CREATED', 'INVITATION_REVOKED', 'INVITATION_ACCEPTED', 'COMPANY_EDITED', 'ACCEPTANCE_RECORDED')),
    DROP CONSTRAINT audit_events_subject_type_known,
    ADD CONSTRAINT audit_events_subject_type_known
        CHECK (subject_type IN ('USER', 'JOB', 'INVITATION', 'COMPANY', 'APPLICATION'));

DROP INDEX applications_to_company;
ALTER TABLE threads DROP COLUMN technician_acted;
ALTER TABLE technicians DROP COLUMN visibility;
ALTER TABLE companies DROP COLUMN listed, DROP COLUMN verified_at;
