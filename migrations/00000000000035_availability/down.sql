DROP TRIGGER move_bookings ON jobs;
DROP TRIGGER book_days ON applications;
DROP FUNCTION move_bookings();
DROP FUNCTION book_days();
DROP FUNCTION book_unbooked(uuid[]);
-- The extension stays: other schemas of the database may use it.
ALTER TABLE applications DROP COLUMN booked;
DROP TABLE availability_periods;
