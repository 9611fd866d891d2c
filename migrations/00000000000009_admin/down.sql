DROP INDEX companies_newest;
DROP INDEX users_by_role;
DROP INDEX users_newest;
DROP TABLE audit_events;
DROP FUNCTION refuse_to_change_audit_events;
