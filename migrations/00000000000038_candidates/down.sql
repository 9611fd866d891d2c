-- Its indexes of certifications go with the columns.
DROP INDEX applications_unbooked;
DROP INDEX applications_booked;
DROP INDEX availability_periods_days;
ALTER TABLE certifications DROP COLUMN trust_level, DROP COLUMN covered_until;
