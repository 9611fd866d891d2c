-- Answers that are kept for requests that are sent again.

CREATE TABLE kept_answers (
    -- Whose key it is; keys of one owner mean nothing to another.
    owner text NOT NULL,
    key text NOT NULL,
    request_digest bytea NOT NULL,
    status integer NOT NULL,
    -- Without what was handed out once; of that only the kind and whose it is are kept.
    body bytea NOT NULL,
    secret_kind text,
    secret_of uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT kept_answers_pkey PRIMARY KEY (owner, key),
    CONSTRAINT kept_answers_key_length CHECK (char_length(key) BETWEEN 1 AND 128),
    CONSTRAINT kept_answers_request_digest_length CHECK (octet_length(request_digest) = 32),
    CONSTRAINT kept_answers_status_range CHECK (status BETWEEN 200 AND 299),
    CONSTRAINT kept_answers_secret_kind_known CHECK (secret_kind IN ('SIGN_IN', 'INVITATION')),
    CONSTRAINT kept_answers_secret_whole CHECK ((secret_kind IS NULL) = (secret_of IS NULL))
);

-- The answers that are kept no longer, which are swept.
CREATE INDEX kept_answers_by_age ON kept_answers (created_at);
