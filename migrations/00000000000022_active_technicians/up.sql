-- A deactivated technician is not found by searches, which do not look at users.
ALTER TABLE technicians ADD COLUMN active boolean NOT NULL DEFAULT true;
UPDATE technicians SET active = false FROM users WHERE users.id = technicians.user_id AND NOT users.active;
