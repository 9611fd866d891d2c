-- Technicians with what stands in their passports, evaluations aside: those need jobs.

CREATE TABLE technicians (
    id uuid CONSTRAINT technicians_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    full_name text NOT NULL,
    country text NOT NULL,
    primary_discipline text NOT NULL,
    years_experience integer NOT NULL,
    bio text,
    mobility text NOT NULL,
    day_rate_min integer,
    day_rate_max integer,
    currency text NOT NULL,
    availability_from date,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Also serves finding out at each request who is asking.
    CONSTRAINT technicians_user_key UNIQUE (user_id),
    CONSTRAINT technicians_user_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT technicians_full_name_length CHECK (char_length(full_name) BETWEEN 1 AND 120),
    CONSTRAINT technicians_country_code CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT technicians_primary_discipline_known CHECK (primary_discipline IN (
        'BLADE_REPAIR', 'INSPECTION', 'ROPE_ACCESS', 'ELECTRICAL', 'COMMISSIONING', 'OTHER'
    )),
    CONSTRAINT technicians_years_experience_range CHECK (years_experience BETWEEN 0 AND 70),
    CONSTRAINT technicians_bio_length CHECK (char_length(bio) BETWEEN 1 AND 4000),
    CONSTRAINT technicians_mobility_known CHECK (mobility IN ('LOCAL', 'REGIONAL', 'GLOBAL')),
    CONSTRAINT technicians_day_rate_min_range CHECK (day_rate_min BETWEEN 0 AND 10000000),
    CONSTRAINT technicians_day_rate_max_range CHECK (day_rate_max BETWEEN 0 AND 10000000),
    CONSTRAINT technicians_day_rates_ordered CHECK (day_rate_min <= day_rate_max),
    CONSTRAINT technicians_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT technicians_revision_positive CHECK (revision >= 1)
);

-- A name is told from another in lower case; the byte order of the "C" collation is the one the domain sorts by. The
-- primary key also serves the skills of a passport, by name.
CREATE TABLE skills (
    technician_id uuid NOT NULL,
    folded_name text COLLATE "C" NOT NULL,
    name text NOT NULL,
    level text NOT NULL,
    CONSTRAINT skills_pkey PRIMARY KEY (technician_id, folded_name),
    CONSTRAINT skills_technician_fkey FOREIGN KEY (technician_id) REFERENCES technicians (id) ON DELETE CASCADE,
    CONSTRAINT skills_name_length CHECK (char_length(name) BETWEEN 1 AND 60),
    CONSTRAINT skills_level_known CHECK (level IN ('BEGINNER', 'INTERMEDIATE', 'ADVANCED', 'EXPERT'))
);

CREATE TABLE certifications (
    id uuid CONSTRAINT certifications_pkey PRIMARY KEY,
    technician_id uuid NOT NULL,
    name text NOT NULL,
    provider text NOT NULL,
    valid_from date NOT NULL,
    valid_until date NOT NULL,
    document_url text,
    CONSTRAINT certifications_technician_fkey FOREIGN KEY (technician_id) REFERENCES technicians (id)
        ON DELETE CASCADE,
    CONSTRAINT certifications_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT certifications_provider_length CHECK (char_length(provider) BETWEEN 1 AND 120),
    CONSTRAINT certifications_days_ordered CHECK (valid_from <= valid_until),
    CONSTRAINT certifications_document_url_length CHECK (char_length(document_url) BETWEEN 1 AND 2048)
);

-- The certifications of a passport, the latest end first.
CREATE INDEX certifications_of_technician ON certifications (technician_id, valid_until DESC, id DESC);
