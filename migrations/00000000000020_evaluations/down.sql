ALTER TABLE audit_events DISABLE TRIGGER audit_events_only_grow;
DELETE FROM audit_events WHERE action IN ('EVALUATION_HIDDEN', 'EVALUATION_SHOWN');
ALTER TABLE audit_events ENABLE TRIGGER audit_events_only_grow;
ALTER TABLE audit_events
    DROP CONSTRAINT audit_events_action_known,
    ADD CONSTRAINT audit_events_action_known CHECK (action IN (
        'USER_DEACTIVATED', 'USER_ACTIVATED', 'JOB_CLOSED', 'USERS_LISTED', 'MEMBER_ROLE_CHANGED', 'MEMBER_REMOVED',
        'INVITATION_CREATED', 'INVITATION_REVOKED', 'INVITATION_ACCEPTED', 'COMPANY_EDITED', 'ACCEPTANCE_RECORDED',
        'COMPANY_VERIFIED', 'COMPANY_UNVERIFIED')),
    DROP CONSTRAINT audit_events_subject_type_known,
    ADD CONSTRAINT audit_events_subject_type_known
        CHECK (subject_type IN ('USER', 'JOB', 'INVITATION', 'COMPANY', 'APPLICATION'));

ALTER TABLE technicians
    DROP CONSTRAINT technicians_ratings_range,
    ADD COLUMN rating_sum integer NOT NULL DEFAULT 0;
UPDATE technicians SET rating_count = 0 WHERE rating_count > 0;
UPDATE technicians
SET rating_count = known.number, rating_sum = known.sum
FROM (SELECT technician_id, count(*) AS number, sum(rating) AS sum FROM evaluations GROUP BY technician_id) AS known
WHERE known.technician_id = technicians.id;
ALTER TABLE technicians
    DROP COLUMN rating_average,
    ADD CONSTRAINT technicians_ratings_range CHECK (
        rating_count >= 0 AND rating_sum BETWEEN rating_count AND 5 * rating_count
    );
ALTER TABLE evaluations
    DROP COLUMN hidden,
    DROP COLUMN answer;
