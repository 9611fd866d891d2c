-- The type of a certification, the decision of a verifier, and the day on which it became void. The catalogue of types is data
-- of the rules: that a code is in it, and that only a type that never expires has no last day, is theirs to hold. Without a
-- decision, the trust in a certification follows from its document.
ALTER TABLE certifications
    ALTER COLUMN valid_until DROP NOT NULL,
    ADD COLUMN type_code text COLLATE "C",
    ADD COLUMN course text,
    ADD COLUMN decision text,
    ADD COLUMN voided_on date,
    ADD COLUMN revision integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT certifications_type_code_length CHECK (char_length(type_code) BETWEEN 1 AND 40),
    ADD CONSTRAINT certifications_course_known CHECK (course IN ('INITIAL', 'REFRESHER')),
    ADD CONSTRAINT certifications_course_of_type CHECK ((course IS NULL) = (type_code IS NULL)),
    ADD CONSTRAINT certifications_endless_of_type CHECK (valid_until IS NOT NULL OR type_code IS NOT NULL),
    ADD CONSTRAINT certifications_decision_known CHECK (decision IN ('VERIFIED', 'REJECTED', 'REVOKED')),
    ADD CONSTRAINT certifications_revision_positive CHECK (revision > 0);
