-- The compliance of the technician when they applied, and at the steps to OFFERED and ACCEPTED:
-- {"overall": "EXPIRED", "missing": [{"anyOf": ["GWO_WAH"], "minTrust": "VERIFIED", "status": "EXPIRED", "coveredUntil": "2026-03-11"}]}.
-- It is as of the time of the application or of the step, and of one state of the job. Those from before have none.
ALTER TABLE applications
    ADD COLUMN compliance jsonb,
    ADD CONSTRAINT applications_compliance_object CHECK (jsonb_typeof(compliance) = 'object');

ALTER TABLE application_events
    ADD COLUMN compliance jsonb,
    ADD COLUMN accepts_non_compliance boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT application_events_compliance_object CHECK (jsonb_typeof(compliance) = 'object'),
    ADD CONSTRAINT application_events_compliance_of_step CHECK (compliance IS NULL OR to_status IN ('OFFERED', 'ACCEPTED')),
    ADD CONSTRAINT application_events_acceptance_of_compliance CHECK (NOT accepts_non_compliance OR compliance IS NOT NULL);
