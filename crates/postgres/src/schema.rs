// @generated automatically by Diesel CLI.

diesel::table! {
    application_events (application_id, position) {
        application_id -> Uuid,
        position -> Int4,
        from_status -> Nullable<Text>,
        to_status -> Text,
        side -> Text,
        actor_user_id -> Uuid,
        at -> Timestamptz,
        compliance -> Nullable<Jsonb>,
        accepts_non_compliance -> Bool,
    }
}

diesel::table! {
    applications (id) {
        id -> Uuid,
        job_id -> Uuid,
        technician_id -> Uuid,
        status -> Text,
        message_to_company -> Nullable<Text>,
        message_to_technician -> Nullable<Text>,
        revision -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        company_id -> Uuid,
        confirmed_at -> Nullable<Timestamptz>,
        booked -> Nullable<Daterange>,
        compliance -> Nullable<Jsonb>,
    }
}

diesel::table! {
    audit_events (id) {
        id -> Uuid,
        actor_id -> Uuid,
        action -> Text,
        subject_type -> Text,
        subject_id -> Nullable<Uuid>,
        before -> Jsonb,
        after -> Jsonb,
        request_id -> Text,
        created_at -> Timestamptz,
        company_id -> Nullable<Uuid>,
        caller_request_id -> Nullable<Text>,
    }
}

diesel::table! {
    availability_periods (technician_id, first_day) {
        technician_id -> Uuid,
        first_day -> Date,
        last_day -> Date,
        kind -> Text,
    }
}

diesel::table! {
    certifications (id) {
        id -> Uuid,
        technician_id -> Uuid,
        name -> Text,
        provider -> Text,
        valid_from -> Date,
        valid_until -> Nullable<Date>,
        document_url -> Nullable<Text>,
        search_name -> Text,
        type_code -> Nullable<Text>,
        course -> Nullable<Text>,
        decision -> Nullable<Text>,
        voided_on -> Nullable<Date>,
        revision -> Int4,
        decision_note -> Nullable<Text>,
        search_provider -> Text,
        appeal -> Nullable<Text>,
        revocation_id -> Nullable<Uuid>,
        prior_decision -> Nullable<Text>,
        prior_note -> Nullable<Text>,
        covered_until -> Date,
        trust_level -> Nullable<Int2>,
    }
}

diesel::table! {
    companies (id) {
        id -> Uuid,
        name -> Text,
        country -> Text,
        website -> Nullable<Text>,
        description -> Nullable<Text>,
        revision -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        team_revision -> Int4,
        verified_at -> Nullable<Timestamptz>,
        listed -> Bool,
        search_name -> Text,
    }
}

diesel::table! {
    company_members (id) {
        id -> Uuid,
        user_id -> Uuid,
        company_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    evaluations (id) {
        id -> Uuid,
        technician_id -> Uuid,
        company_id -> Uuid,
        job_id -> Uuid,
        rating -> Int4,
        comment -> Nullable<Text>,
        created_at -> Timestamptz,
        answer -> Nullable<Text>,
        hidden -> Bool,
    }
}

diesel::table! {
    invitations (id) {
        id -> Uuid,
        company_id -> Uuid,
        email -> Text,
        role -> Text,
        secret_digest -> Bytea,
        invited_by -> Uuid,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    jobs (id) {
        id -> Uuid,
        company_id -> Uuid,
        title -> Text,
        description -> Text,
        location -> Text,
        country -> Text,
        project_name -> Nullable<Text>,
        discipline -> Text,
        contract_type -> Text,
        day_rate_from -> Nullable<Int4>,
        day_rate_to -> Nullable<Int4>,
        currency -> Text,
        start_date -> Date,
        end_date -> Nullable<Date>,
        status -> Text,
        published_at -> Nullable<Timestamptz>,
        revision -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        search_text -> Text,
        search_location -> Text,
        requirements -> Jsonb,
        required_types -> Array<Nullable<Text>>,
    }
}

diesel::table! {
    kept_answers (owner, key) {
        owner -> Text,
        key -> Text,
        request_digest -> Bytea,
        status -> Int4,
        body -> Bytea,
        secret_kind -> Nullable<Text>,
        secret_of -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    known_addresses (user_id, address) {
        user_id -> Uuid,
        address -> Bytea,
        used_at -> Timestamptz,
    }
}

diesel::table! {
    messages (id) {
        id -> Uuid,
        thread_id -> Uuid,
        seq -> Int8,
        sender_type -> Text,
        sender_user_id -> Uuid,
        text -> Text,
        client_message_id -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    revocations (id) {
        id -> Uuid,
        place -> Int8,
        provider -> Text,
        search_provider -> Text,
        issued_from -> Date,
        issued_until -> Date,
        reason -> Text,
        count -> Int4,
        undone_at -> Nullable<Timestamptz>,
        undone_count -> Nullable<Int4>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        user_agent -> Nullable<Text>,
        address -> Text,
        created_at -> Timestamptz,
        last_used_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    skills (technician_id, folded_name) {
        technician_id -> Uuid,
        folded_name -> Text,
        name -> Text,
        level -> Text,
    }
}

diesel::table! {
    technicians (id) {
        id -> Uuid,
        user_id -> Uuid,
        full_name -> Text,
        country -> Text,
        primary_discipline -> Text,
        years_experience -> Int4,
        bio -> Nullable<Text>,
        mobility -> Text,
        day_rate_min -> Nullable<Int4>,
        day_rate_max -> Nullable<Int4>,
        currency -> Text,
        availability_from -> Nullable<Date>,
        revision -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        rating_count -> Int4,
        visibility -> Text,
        rating_average -> Nullable<Int4>,
        active -> Bool,
        search_text -> Text,
        winda_id -> Nullable<Text>,
        irata_number -> Nullable<Text>,
    }
}

diesel::table! {
    threads (id) {
        id -> Uuid,
        company_id -> Uuid,
        technician_id -> Uuid,
        job_id -> Nullable<Uuid>,
        last_seq -> Int8,
        last_activity_at -> Timestamptz,
        company_unread -> Int4,
        technician_unread -> Int4,
        company_read_seq -> Int8,
        technician_read_seq -> Int8,
        created_at -> Timestamptz,
        technician_acted -> Bool,
    }
}

diesel::table! {
    throttle_windows (scope, subject) {
        scope -> Text,
        subject -> Bytea,
        tries -> Int4,
        window_ends_at -> Timestamptz,
    }
}

diesel::table! {
    types_in_force (technician_id) {
        technician_id -> Uuid,
        since -> Array<Nullable<Date>>,
        self_declared -> Array<Nullable<Int8>>,
        evidence_attached -> Array<Nullable<Int8>>,
        verified -> Array<Nullable<Int8>>,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        email -> Text,
        password_hash -> Text,
        role -> Text,
        active -> Bool,
        tokens_valid_from -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        search_email -> Text,
        full_name -> Nullable<Text>,
    }
}

diesel::joinable!(application_events -> applications (application_id));
diesel::joinable!(application_events -> users (actor_user_id));
diesel::joinable!(applications -> technicians (technician_id));
diesel::joinable!(audit_events -> companies (company_id));
diesel::joinable!(audit_events -> users (actor_id));
diesel::joinable!(availability_periods -> technicians (technician_id));
diesel::joinable!(certifications -> revocations (revocation_id));
diesel::joinable!(certifications -> technicians (technician_id));
diesel::joinable!(company_members -> companies (company_id));
diesel::joinable!(company_members -> users (user_id));
diesel::joinable!(evaluations -> companies (company_id));
diesel::joinable!(evaluations -> technicians (technician_id));
diesel::joinable!(invitations -> companies (company_id));
diesel::joinable!(invitations -> users (invited_by));
diesel::joinable!(jobs -> companies (company_id));
diesel::joinable!(known_addresses -> users (user_id));
diesel::joinable!(messages -> threads (thread_id));
diesel::joinable!(messages -> users (sender_user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(skills -> technicians (technician_id));
diesel::joinable!(technicians -> users (user_id));
diesel::joinable!(threads -> companies (company_id));
diesel::joinable!(threads -> technicians (technician_id));
diesel::joinable!(types_in_force -> technicians (technician_id));

diesel::allow_tables_to_appear_in_same_query!(
    application_events,
    applications,
    audit_events,
    availability_periods,
    certifications,
    companies,
    company_members,
    evaluations,
    invitations,
    jobs,
    kept_answers,
    known_addresses,
    messages,
    revocations,
    sessions,
    skills,
    technicians,
    threads,
    throttle_windows,
    types_in_force,
    users,
);
