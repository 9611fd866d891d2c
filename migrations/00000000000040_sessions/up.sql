-- Sessions: a token is valid while the session that it names is there. Tokens without one, of the release before and of other
-- services, are valid from users.tokens_valid_from on, as before.
-- last_used_at is in no index, so that its updates stay in their page. The table has a row for each login of the last days.
CREATE TABLE sessions (
    id uuid CONSTRAINT sessions_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    user_agent text,
    -- The prefix of the client address.
    address text NOT NULL,
    created_at timestamptz NOT NULL,
    -- The time of the login, or the minute of a later use.
    last_used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT sessions_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT sessions_user_agent_length CHECK (char_length(user_agent) BETWEEN 1 AND 200),
    CONSTRAINT sessions_address_length CHECK (char_length(address) BETWEEN 1 AND 64),
    CONSTRAINT sessions_used_after_beginning CHECK (last_used_at >= created_at),
    CONSTRAINT sessions_expire_after_beginning CHECK (expires_at > created_at)
) WITH (fillfactor = 80);

-- The sessions of a user: their list, their bound and their end.
CREATE INDEX sessions_of_user ON sessions (user_id);

-- The sessions that have expired, which are swept.
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Instances that keep the actor of a token hear of the end of its session. The begin of one changes none.
CREATE TRIGGER notify_actor_change AFTER DELETE ON sessions
    FOR EACH ROW EXECUTE FUNCTION notify_actor_change('user_id');

-- A new password, a deactivation and a removal end all sessions. The server does so itself and in this order; the triggers hold
-- for an instance of the release before, which knows of no sessions, and for changes by hand. A login locks its user until
-- its session is there, so that none is missed.
CREATE FUNCTION end_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- The argument is the column with the id of the user.
    ended uuid := (pg_catalog.to_jsonb(OLD) ->> TG_ARGV[0])::uuid;
BEGIN
    PERFORM FROM users WHERE id = ended FOR NO KEY UPDATE;
    DELETE FROM sessions WHERE user_id = ended;
    RETURN NULL;
END
$$;

CREATE TRIGGER end_sessions AFTER UPDATE OF password_hash, active ON users
    FOR EACH ROW WHEN (NEW.password_hash <> OLD.password_hash OR NOT NEW.active)
    EXECUTE FUNCTION end_sessions('id');
CREATE TRIGGER end_sessions AFTER DELETE ON company_members
    FOR EACH ROW EXECUTE FUNCTION end_sessions('user_id');

ALTER TABLE audit_events
    DROP CONSTRAINT audit_events_action_known,
    ADD CONSTRAINT audit_events_action_known CHECK (action IN (
        'USER_DEACTIVATED', 'USER_ACTIVATED', 'JOB_CLOSED', 'USERS_LISTED', 'MEMBER_ROLE_CHANGED', 'MEMBER_REMOVED',
        'INVITATION_CREATED', 'INVITATION_REVOKED', 'INVITATION_ACCEPTED', 'COMPANY_EDITED', 'ACCEPTANCE_RECORDED',
        'COMPANY_VERIFIED', 'COMPANY_UNVERIFIED', 'EVALUATION_HIDDEN', 'EVALUATION_SHOWN', 'USER_READ',
        'EVALUATION_READ', 'CERTIFICATIONS_LISTED', 'CERTIFICATION_READ', 'CERTIFICATION_JUDGED',
        'CERTIFICATION_APPEALED', 'REVOCATION_CREATED', 'REVOCATION_UNDONE', 'SESSIONS_ENDED'));
