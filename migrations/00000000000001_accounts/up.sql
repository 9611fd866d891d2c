-- Accounts, companies and who belongs to them. The constraints repeat the rules of the domain as the last line; the
-- adapter knows those it must tell apart by their names.

CREATE TABLE users (
    id uuid CONSTRAINT users_pkey PRIMARY KEY,
    email text NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    tokens_valid_from timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Also serves signing in by e-mail.
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_email_length CHECK (char_length(email) BETWEEN 1 AND 254),
    CONSTRAINT users_email_lower_case CHECK (email = lower(email)),
    CONSTRAINT users_role_known CHECK (role IN (
        'TECHNICIAN', 'COMPANY_ADMIN', 'COMPANY_MANAGER', 'COMPANY_RECRUITER', 'COMPANY_VIEWER', 'SUPER_ADMIN'
    ))
);

CREATE TABLE companies (
    id uuid CONSTRAINT companies_pkey PRIMARY KEY,
    name text NOT NULL,
    country text NOT NULL,
    website text,
    description text,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- What jobs refer to, so that a new name reaches them.
    CONSTRAINT companies_id_name_key UNIQUE (id, name),
    CONSTRAINT companies_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT companies_country_code CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT companies_website_length CHECK (char_length(website) BETWEEN 1 AND 2048),
    CONSTRAINT companies_description_length CHECK (char_length(description) BETWEEN 1 AND 10000),
    CONSTRAINT companies_revision_positive CHECK (revision >= 1)
);

-- What a member is in the company stands in users.role alone.
CREATE TABLE company_members (
    id uuid CONSTRAINT company_members_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    company_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    -- Also serves finding out at each request who is asking.
    CONSTRAINT company_members_user_key UNIQUE (user_id),
    CONSTRAINT company_members_user_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT company_members_company_fkey FOREIGN KEY (company_id) REFERENCES companies (id) ON DELETE CASCADE
);

-- The members of a company, oldest first.
CREATE INDEX company_members_of_company ON company_members (company_id, created_at, id);
