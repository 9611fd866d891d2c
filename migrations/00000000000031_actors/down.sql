DROP TRIGGER notify_actor_change ON technicians;
DROP TRIGGER notify_actor_change ON company_members;
DROP TRIGGER notify_actor_change ON users;
DROP FUNCTION notify_actor_change();
