-- The numbers by which a verifier finds a technician in the registers of GWO and IRATA.
ALTER TABLE technicians
    ADD COLUMN winda_id text COLLATE "C",
    ADD COLUMN irata_number text COLLATE "C",
    ADD CONSTRAINT technicians_winda_id_length CHECK (char_length(winda_id) BETWEEN 4 AND 20),
    ADD CONSTRAINT technicians_irata_number_length CHECK (char_length(irata_number) BETWEEN 3 AND 12);

-- Revocations of all certifications of a provider that were completed in some days. search_provider has the spellings of the
-- provider, a line each; place is the order of the acts, which wait for each other.
CREATE TABLE revocations (
    id uuid CONSTRAINT revocations_pkey PRIMARY KEY,
    place bigint GENERATED ALWAYS AS IDENTITY,
    provider text NOT NULL,
    search_provider text COLLATE "C" NOT NULL,
    issued_from date NOT NULL,
    issued_until date NOT NULL,
    reason text NOT NULL,
    count integer NOT NULL,
    undone_at timestamptz,
    undone_count integer,
    created_at timestamptz NOT NULL,
    CONSTRAINT revocations_provider_length CHECK (char_length(provider) BETWEEN 1 AND 120),
    CONSTRAINT revocations_days_ordered CHECK (issued_from <= issued_until),
    CONSTRAINT revocations_reason_length CHECK (char_length(reason) BETWEEN 1 AND 1000),
    CONSTRAINT revocations_count_natural CHECK (count >= 0),
    CONSTRAINT revocations_undone_whole CHECK ((undone_at IS NULL) = (undone_count IS NULL)),
    CONSTRAINT revocations_undone_count_of_count CHECK (undone_count BETWEEN 0 AND count)
);

-- The list of revocations, newest first.
CREATE INDEX revocations_newest ON revocations (created_at DESC, id DESC);

-- The fold of the provider, which the program fills in; the note of a verifier, the open appeal of the technician, and the
-- revocation that has taken the trust away, with the decision and the note from before. An edit or another judgement ends the tie.
ALTER TABLE certifications ADD COLUMN decision_note text;
-- Of decisions that an earlier release, or this one before a migration down, has made.
UPDATE certifications SET decision_note = '?' WHERE decision IN ('REJECTED', 'REVOKED');
ALTER TABLE certifications
    ADD COLUMN search_provider text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN appeal text,
    ADD COLUMN revocation_id uuid,
    ADD COLUMN prior_decision text,
    ADD COLUMN prior_note text,
    ADD CONSTRAINT certifications_decision_note_length CHECK (char_length(decision_note) BETWEEN 1 AND 1000),
    ADD CONSTRAINT certifications_decision_note_needed
        CHECK (coalesce(decision, '') NOT IN ('REJECTED', 'REVOKED') OR decision_note IS NOT NULL),
    ADD CONSTRAINT certifications_appeal_length CHECK (char_length(appeal) BETWEEN 1 AND 2000),
    ADD CONSTRAINT certifications_appeal_of_decision
        CHECK (appeal IS NULL OR coalesce(decision, '') IN ('REJECTED', 'REVOKED')),
    ADD CONSTRAINT certifications_revocation_fkey FOREIGN KEY (revocation_id) REFERENCES revocations (id),
    ADD CONSTRAINT certifications_revocation_of_decision CHECK (revocation_id IS NULL OR coalesce(decision, '') = 'REVOKED'),
    ADD CONSTRAINT certifications_prior_decision_known CHECK (prior_decision IN ('VERIFIED', 'REJECTED')),
    ADD CONSTRAINT certifications_prior_note_length CHECK (char_length(prior_note) BETWEEN 1 AND 1000),
    ADD CONSTRAINT certifications_prior_of_revocation
        CHECK (revocation_id IS NOT NULL OR (prior_decision IS NULL AND prior_note IS NULL));

-- The list for verifiers, oldest first: of one trust, or with an open appeal.
CREATE INDEX certifications_trust ON certifications (
    coalesce(decision, CASE WHEN document_url IS NULL THEN 'SELF_DECLARED' ELSE 'EVIDENCE_ATTACHED' END), id
);
CREATE INDEX certifications_appealed ON certifications (id) WHERE appeal IS NOT NULL;

-- The certifications of a provider that were completed in some days, by each spelling of its name.
CREATE INDEX certifications_provider ON certifications (split_part(search_provider, E'\n', 1), valid_from);
CREATE INDEX certifications_other_spelling ON certifications (split_part(search_provider, E'\n', 2), valid_from)
    WHERE strpos(search_provider, E'\n') > 0;

-- The certifications that a revocation has left as they are.
CREATE INDEX certifications_revocation ON certifications (revocation_id) WHERE revocation_id IS NOT NULL;

ALTER TABLE audit_events
    DROP CONSTRAINT audit_events_action_known,
    ADD CONSTRAINT audit_events_action_known CHECK (action IN (
        'USER_DEACTIVATED', 'USER_ACTIVATED', 'JOB_CLOSED', 'USERS_LISTED', 'MEMBER_ROLE_CHANGED', 'MEMBER_REMOVED',
        'INVITATION_CREATED', 'INVITATION_REVOKED', 'INVITATION_ACCEPTED', 'COMPANY_EDITED', 'ACCEPTANCE_RECORDED',
        'COMPANY_VERIFIED', 'COMPANY_UNVERIFIED', 'EVALUATION_HIDDEN', 'EVALUATION_SHOWN', 'USER_READ',
        'EVALUATION_READ', 'CERTIFICATIONS_LISTED', 'CERTIFICATION_READ', 'CERTIFICATION_JUDGED',
        'CERTIFICATION_APPEALED', 'REVOCATION_CREATED', 'REVOCATION_UNDONE')),
    DROP CONSTRAINT audit_events_subject_known,
    ADD CONSTRAINT audit_events_subject_known
        CHECK ((subject_id IS NULL) = (action IN ('USERS_LISTED', 'CERTIFICATIONS_LISTED'))),
    DROP CONSTRAINT audit_events_subject_type_known,
    ADD CONSTRAINT audit_events_subject_type_known CHECK (subject_type IN (
        'USER', 'JOB', 'INVITATION', 'COMPANY', 'APPLICATION', 'EVALUATION', 'CERTIFICATION', 'REVOCATION'));
