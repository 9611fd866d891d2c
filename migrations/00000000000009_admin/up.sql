-- Running the marketplace: the lists of those who do, and the log of what they did.

CREATE TABLE audit_events (
    id uuid CONSTRAINT audit_events_pkey PRIMARY KEY,
    actor_id uuid NOT NULL,
    action text NOT NULL,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    request_id text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT audit_events_actor_fkey FOREIGN KEY (actor_id) REFERENCES users (id),
    CONSTRAINT audit_events_action_known CHECK (action IN ('USER_DEACTIVATED', 'USER_ACTIVATED', 'JOB_CLOSED')),
    CONSTRAINT audit_events_subject_type_known CHECK (subject_type IN ('USER', 'JOB')),
    CONSTRAINT audit_events_states_shape CHECK (jsonb_typeof(before) = 'object' AND jsonb_typeof(after) = 'object'),
    CONSTRAINT audit_events_request_id_length CHECK (char_length(request_id) BETWEEN 1 AND 128)
);

-- What was done stays written down, whoever asks.
CREATE FUNCTION refuse_to_change_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log only grows' USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;

CREATE TRIGGER audit_events_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_audit_events();

-- The log, newest first.
CREATE INDEX audit_events_newest ON audit_events (created_at DESC, id DESC);
-- The log by who did it.
CREATE INDEX audit_events_by_actor ON audit_events (actor_id, created_at DESC, id DESC);
-- The log by what was done.
CREATE INDEX audit_events_by_action ON audit_events (action, created_at DESC, id DESC);
-- The log by the kind of thing it was done to.
CREATE INDEX audit_events_by_subject_type ON audit_events (subject_type, created_at DESC, id DESC);
-- The log of one thing.
CREATE INDEX audit_events_by_subject ON audit_events (subject_id, created_at DESC, id DESC);

-- The users, newest first, also by part of their address.
CREATE INDEX users_newest ON users (created_at DESC, id DESC);
-- The users by role.
CREATE INDEX users_by_role ON users (role, created_at DESC, id DESC);
-- The companies, newest first.
CREATE INDEX companies_newest ON companies (created_at DESC, id DESC);
