ALTER TABLE audit_events DISABLE TRIGGER audit_events_only_grow;
DELETE FROM audit_events WHERE subject_type IN ('CERTIFICATION', 'REVOCATION');
ALTER TABLE audit_events ENABLE TRIGGER audit_events_only_grow;
ALTER TABLE audit_events
    DROP CONSTRAINT audit_events_action_known,
    ADD CONSTRAINT audit_events_action_known CHECK (action IN (
        'USER_DEACTIVATED', 'USER_ACTIVATED', 'JOB_CLOSED', 'USERS_LISTED', 'MEMBER_ROLE_CHANGED', 'MEMBER_REMOVED',
        'INVITATION_CREATED', 'INVITATION_REVOKED', 'INVITATION_ACCEPTED', 'COMPANY_EDITED', 'ACCEPTANCE_RECORDED',
        'COMPANY_VERIFIED', 'COMPANY_UNVERIFIED', 'EVALUATION_HIDDEN', 'EVALUATION_SHOWN', 'USER_READ',
        'EVALUATION_READ')),
    DROP CONSTRAINT audit_events_subject_known,
    ADD CONSTRAINT audit_events_subject_known CHECK ((subject_id IS NULL) = (action = 'USERS_LISTED')),
    DROP CONSTRAINT audit_events_subject_type_known,
    ADD CONSTRAINT audit_events_subject_type_known
        CHECK (subject_type IN ('USER', 'JOB', 'INVITATION', 'COMPANY', 'APPLICATION', 'EVALUATION'));

-- Decisions stay: the earlier release knows them too.
DROP INDEX certifications_trust;
ALTER TABLE certifications
    DROP COLUMN search_provider,
    DROP COLUMN decision_note,
    DROP COLUMN appeal,
    DROP COLUMN revocation_id,
    DROP COLUMN prior_decision,
    DROP COLUMN prior_note;
DROP TABLE revocations;
ALTER TABLE technicians
    DROP COLUMN winda_id,
    DROP COLUMN irata_number;
