-- The earlier release cannot read the entries of other acts. Only the owner of the table can remove them.
ALTER TABLE audit_events DISABLE TRIGGER audit_events_only_grow;
DELETE FROM audit_events WHERE action NOT IN ('USER_DEACTIVATED', 'USER_ACTIVATED', 'JOB_CLOSED');
ALTER TABLE audit_events ENABLE TRIGGER audit_events_only_grow;

DROP INDEX audit_events_by_company;
ALTER TABLE audit_events
    DROP CONSTRAINT audit_events_subject_type_known,
    ADD CONSTRAINT audit_events_subject_type_known CHECK (subject_type IN ('USER', 'JOB')),
    DROP CONSTRAINT audit_events_action_known,
    ADD CONSTRAINT audit_events_action_known CHECK (action IN ('USER_DEACTIVATED', 'USER_ACTIVATED', 'JOB_CLOSED')),
    DROP CONSTRAINT audit_events_subject_known,
    ALTER COLUMN subject_id SET NOT NULL,
    DROP COLUMN caller_request_id,
    DROP COLUMN company_id;
