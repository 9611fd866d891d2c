-- Instances keep public responses for longer than a second while they hear of no change of public data: of jobs that were published,
-- and of companies, but for columns that no public response has. A new company is in none yet.
-- The payload is the schema, as all schemas of a database share a channel. As in migration 31, a commit with a notification waits for
-- that of any other; a draft, which requests may post often, has none. Equal notifications of one transaction are sent once.
CREATE FUNCTION notify_public_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.pg_notify('repower_public', TG_TABLE_SCHEMA);
    RETURN NULL;
END
$$;

-- The server looks for these four triggers before it keeps a response for longer.
CREATE TRIGGER notify_published AFTER INSERT OR UPDATE ON jobs
    FOR EACH ROW WHEN (NEW.published_at IS NOT NULL) EXECUTE FUNCTION notify_public_change();
CREATE TRIGGER notify_published_before AFTER UPDATE OR DELETE ON jobs
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION notify_public_change();
-- Of companies, too: their jobs refer to them.
CREATE TRIGGER notify_truncated AFTER TRUNCATE ON jobs
    FOR EACH STATEMENT EXECUTE FUNCTION notify_public_change();
CREATE TRIGGER notify_company_change
    AFTER UPDATE OF id, name, country, website, description, verified_at, created_at, listed, search_name OR DELETE ON companies
    FOR EACH ROW EXECUTE FUNCTION notify_public_change();
