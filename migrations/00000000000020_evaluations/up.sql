-- Answers to evaluations, evaluations that are hidden, and averages in which each company weighs the same.

ALTER TABLE evaluations
    ADD COLUMN answer text,
    ADD COLUMN hidden boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT evaluations_answer_length CHECK (char_length(answer) BETWEEN 1 AND 2000);

-- In hundredths: the mean over companies of the mean of each, half up. The tolerance is that of the division.
ALTER TABLE technicians ADD COLUMN rating_average integer;

UPDATE technicians
SET rating_average = known.average
FROM (
    SELECT technician_id, floor(avg(mean) * 100 + 0.5000001) AS average
    FROM (SELECT technician_id, avg(rating) AS mean FROM evaluations GROUP BY technician_id, company_id) AS of_companies
    GROUP BY technician_id
) AS known
WHERE known.technician_id = technicians.id;

ALTER TABLE technicians
    DROP CONSTRAINT technicians_ratings_range,
    DROP COLUMN rating_sum,
    ADD CONSTRAINT technicians_ratings_range CHECK (
        CASE WHEN rating_count = 0 THEN rating_average IS NULL
        ELSE rating_count > 0 AND rating_average IS NOT NULL AND rating_average BETWEEN 100 AND 500 END
    );

ALTER TABLE audit_events
    DROP CONSTRAINT audit_events_action_known,
    ADD CONSTRAINT audit_events_action_known CHECK (action IN (
        'USER_DEACTIVATED', 'USER_ACTIVATED', 'JOB_CLOSED', 'USERS_LISTED', 'MEMBER_ROLE_CHANGED', 'MEMBER_REMOVED',
        'INVITATION_CREATED', 'INVITATION_REVOKED', 'INVITATION_ACCEPTED', 'COMPANY_EDITED', 'ACCEPTANCE_RECORDED',
        'COMPANY_VERIFIED', 'COMPANY_UNVERIFIED', 'EVALUATION_HIDDEN', 'EVALUATION_SHOWN')),
    DROP CONSTRAINT audit_events_subject_type_known,
    ADD CONSTRAINT audit_events_subject_type_known
        CHECK (subject_type IN ('USER', 'JOB', 'INVITATION', 'COMPANY', 'APPLICATION', 'EVALUATION'));
