-- Teams: the revision that guards the rule over all members of a company, and invitations.

ALTER TABLE companies
    ADD COLUMN team_revision integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT companies_team_revision_positive CHECK (team_revision >= 1);

-- A row goes when the invitation is accepted, revoked or swept.
CREATE TABLE invitations (
    id uuid CONSTRAINT invitations_pkey PRIMARY KEY,
    company_id uuid NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    -- The SHA-256 of the secret, which itself is nowhere.
    secret_digest bytea NOT NULL,
    invited_by uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    -- A second invitation takes the place of the first.
    CONSTRAINT invitations_company_email_key UNIQUE (company_id, email),
    -- Also serves finding the invitation behind a secret.
    CONSTRAINT invitations_secret_digest_key UNIQUE (secret_digest),
    CONSTRAINT invitations_company_fkey FOREIGN KEY (company_id) REFERENCES companies (id) ON DELETE CASCADE,
    CONSTRAINT invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES users (id),
    CONSTRAINT invitations_email_length CHECK (char_length(email) BETWEEN 1 AND 254),
    CONSTRAINT invitations_email_lower_case CHECK (email = lower(email)),
    CONSTRAINT invitations_role_known CHECK (role IN ('ADMIN', 'MANAGER', 'RECRUITER', 'VIEWER')),
    CONSTRAINT invitations_secret_digest_length CHECK (octet_length(secret_digest) = 32),
    CONSTRAINT invitations_days_ordered CHECK (created_at < expires_at)
);

-- The invitations of a company, oldest first.
CREATE INDEX invitations_of_company ON invitations (company_id, created_at, id);
-- The invitations that have expired, which are swept.
CREATE INDEX invitations_expired ON invitations (expires_at);
