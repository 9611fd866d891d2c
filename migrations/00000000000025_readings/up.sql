-- A SUPER_ADMIN who sets what is so already reads a user or an evaluation: a reading of personal data, as that of a list.
ALTER TABLE audit_events
    DROP CONSTRAINT audit_events_action_known,
    ADD CONSTRAINT audit_events_action_known CHECK (action IN (
        'USER_DEACTIVATED', 'USER_ACTIVATED', 'JOB_CLOSED', 'USERS_LISTED', 'MEMBER_ROLE_CHANGED', 'MEMBER_REMOVED',
        'INVITATION_CREATED', 'INVITATION_REVOKED', 'INVITATION_ACCEPTED', 'COMPANY_EDITED', 'ACCEPTANCE_RECORDED',
        'COMPANY_VERIFIED', 'COMPANY_UNVERIFIED', 'EVALUATION_HIDDEN', 'EVALUATION_SHOWN', 'USER_READ',
        'EVALUATION_READ'));
