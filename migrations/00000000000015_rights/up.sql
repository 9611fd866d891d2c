-- The audit log only grows, and only the owner of the schema keeps the list of migrations: the roles to which
-- deploy/postgres/roles.sql grants each new table lose the rights that they do not need on these two.
DO $$
DECLARE
    grantee regrole;
BEGIN
    FOR grantee IN
        SELECT DISTINCT acl.grantee FROM pg_class, aclexplode(relacl) AS acl
        WHERE pg_class.oid IN ('audit_events'::regclass, '__diesel_schema_migrations'::regclass)
            AND acl.grantee NOT IN (0, relowner)
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit_events FROM %s', grantee);
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON __diesel_schema_migrations FROM %s', grantee);
    END LOOP;
END
$$;
