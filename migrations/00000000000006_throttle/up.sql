-- How often something was tried, counted for all instances together.

-- A subject (an account, an address) stands here as its SHA-256 alone. Counting changes no indexed column until the
-- window ends, so the space that is left in each page takes the new versions.
CREATE TABLE throttle_windows (
    scope text NOT NULL,
    subject bytea NOT NULL,
    tries integer NOT NULL,
    window_ends_at timestamptz NOT NULL,
    CONSTRAINT throttle_windows_pkey PRIMARY KEY (scope, subject),
    CONSTRAINT throttle_windows_scope_known CHECK (scope IN (
        'LOGIN_ACCOUNT_ADDRESS', 'LOGIN_ACCOUNT', 'LOGIN_ADDRESS', 'REGISTER_ADDRESS'
    )),
    CONSTRAINT throttle_windows_subject_length CHECK (octet_length(subject) = 32),
    CONSTRAINT throttle_windows_tries_range CHECK (tries >= 0)
) WITH (fillfactor = 50);

-- The windows that have ended, which are swept.
CREATE INDEX throttle_windows_ended ON throttle_windows (window_ends_at);
