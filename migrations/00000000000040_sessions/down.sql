-- The release before knows of no sessions: a token whose session has ended is valid again until it expires. A new JWT_SECRET
-- ends all tokens.
ALTER TABLE audit_events DISABLE TRIGGER audit_events_only_grow;
DELETE FROM audit_events WHERE action = 'SESSIONS_ENDED';
ALTER TABLE audit_events ENABLE TRIGGER audit_events_only_grow;
ALTER TABLE audit_events
    DROP CONSTRAINT audit_events_action_known,
    ADD CONSTRAINT audit_events_action_known CHECK (action IN (
        'USER_DEACTIVATED', 'USER_ACTIVATED', 'JOB_CLOSED', 'USERS_LISTED', 'MEMBER_ROLE_CHANGED', 'MEMBER_REMOVED',
        'INVITATION_CREATED', 'INVITATION_REVOKED', 'INVITATION_ACCEPTED', 'COMPANY_EDITED', 'ACCEPTANCE_RECORDED',
        'COMPANY_VERIFIED', 'COMPANY_UNVERIFIED', 'EVALUATION_HIDDEN', 'EVALUATION_SHOWN', 'USER_READ',
        'EVALUATION_READ', 'CERTIFICATIONS_LISTED', 'CERTIFICATION_READ', 'CERTIFICATION_JUDGED',
        'CERTIFICATION_APPEALED', 'REVOCATION_CREATED', 'REVOCATION_UNDONE'));
DROP TRIGGER end_sessions ON company_members;
DROP TRIGGER end_sessions ON users;
DROP TABLE sessions;
DROP FUNCTION end_sessions();
