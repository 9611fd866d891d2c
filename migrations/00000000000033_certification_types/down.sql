-- A certification that never ends gets the last of all days.
UPDATE certifications SET valid_until = '9999-12-31' WHERE valid_until IS NULL;
ALTER TABLE certifications
    DROP COLUMN type_code,
    DROP COLUMN course,
    DROP COLUMN decision,
    DROP COLUMN voided_on,
    DROP COLUMN revision,
    ALTER COLUMN valid_until SET NOT NULL;
