-- Instances keep actors in memory. A change of the columns that an actor follows from notifies them. An INSERT changes no actor
-- that an instance may have: a new user, member or technician has none yet.
-- Notifications are in the order of the commits: NOTIFY holds a lock on the whole database until the commit. Only these rare
-- changes may take it, and no write that requests send often.
CREATE FUNCTION notify_actor_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The argument is the column with the id of the user.
    PERFORM pg_catalog.pg_notify('repower_actors', pg_catalog.to_jsonb(OLD) ->> TG_ARGV[0]);
    RETURN NULL;
END
$$;

-- The server looks for these triggers by their name before it keeps an actor.
CREATE TRIGGER notify_actor_change AFTER UPDATE OF id, role, active, tokens_valid_from OR DELETE ON users
    FOR EACH ROW EXECUTE FUNCTION notify_actor_change('id');
CREATE TRIGGER notify_actor_change AFTER UPDATE OF user_id, company_id OR DELETE ON company_members
    FOR EACH ROW EXECUTE FUNCTION notify_actor_change('user_id');
CREATE TRIGGER notify_actor_change AFTER UPDATE OF id, user_id OR DELETE ON technicians
    FOR EACH ROW EXECUTE FUNCTION notify_actor_change('user_id');
