-- In the order of searches, which read both.
LOCK TABLE technicians, certifications IN ACCESS EXCLUSIVE MODE;
DROP TRIGGER renew_types_in_force_of_deleted ON certifications;
DROP TRIGGER renew_types_in_force_of_changed ON certifications;
DROP TRIGGER renew_types_in_force ON certifications;
DROP FUNCTION renew_types_in_force;
DROP VIEW types_in_force_by_certifications;
DROP TABLE types_in_force;
DROP FUNCTION type_bit;
