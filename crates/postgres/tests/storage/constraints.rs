use diesel::connection::SimpleConnection;
use repower_ports::RepositoryError;

use crate::support::{World, a_thread, an_evaluation, an_open_job, at};

/// Asserts that the named constraint rejects each statement.
pub(crate) fn assert_rejected(world: &World, cases: &[(&str, String)]) {
    for (constraint, statement) in cases {
        let rejected = world.database.with_connection(|connection| {
            diesel::Connection::transaction(connection, |connection| connection.batch_execute(statement))
        });
        match rejected {
            Err(RepositoryError::Failed(cause)) => {
                let message = cause.to_string();
                assert!(message.contains(&format!("\"{constraint}\"")), "{constraint}: {message}");
            }
            other => panic!("{constraint}: {other:?}"),
        }
    }
}

/// An UPDATE of all rows, with the constraint that rejects it.
pub(crate) fn update(table: &str, constraint: &'static str, assignment: &str) -> (&'static str, String) {
    (constraint, format!("UPDATE {table} SET {assignment}"))
}

#[test]
fn tables_of_accounts_and_companies_reject_invalid_rows() {
    let world = World::isolated();
    let registered = world.register_company();
    let other = world.register_company();
    let ids = "SELECT gen_random_uuid()";
    assert_rejected(
        &world,
        &[
            update("users", "users_email_length", "email = ''"),
            update("users", "users_email_length", "email = repeat('x', 255)"),
            update("users", "users_email_lower_case", "email = 'A@example.com'"),
            update("users", "users_email_key", "email = 'same@example.com'"),
            update("users", "users_role_known", "role = 'ADMIN'"),
            update("users", "users_full_name_length", "full_name = ''"),
            update("users", "users_full_name_length", "full_name = repeat('x', 121)"),
            update("companies", "companies_name_length", "name = repeat('x', 121)"),
            update("companies", "companies_country_code", "country = 'Denmark'"),
            update("companies", "companies_website_length", "website = repeat('x', 2049)"),
            update("companies", "companies_description_length", "description = repeat('x', 10001)"),
            update("companies", "companies_revision_positive", "revision = 0"),
            update("company_members", "company_members_user_key", &format!("user_id = '{}'", registered.admin)),
            update("company_members", "company_members_company_fkey", &format!("company_id = ({ids})")),
            ("company_members_user_fkey", format!("DELETE FROM users WHERE id = '{}'", other.admin)),
        ],
    );
}

#[test]
fn tables_of_technicians_reject_invalid_rows() {
    let world = World::isolated();
    let technician = world.technician();
    let id = technician.id;
    let skill = |name: &str, level: &str| format!("INSERT INTO skills VALUES ('{id}', 'x', '{name}', '{level}')");
    let certification =
        |columns: &str| format!("INSERT INTO certifications VALUES (gen_random_uuid(), '{id}', {columns})");
    let typed = |columns: &str| {
        let valid = certification("'n', 'p', '2026-01-01', '2026-01-01'");
        format!("{valid}; UPDATE certifications SET {columns}")
    };
    let period = |columns: &str| format!("INSERT INTO availability_periods VALUES ('{id}', {columns})");
    assert_rejected(
        &world,
        &[
            update("technicians", "technicians_full_name_length", "full_name = ''"),
            update("technicians", "technicians_country_code", "country = 'dk'"),
            update("technicians", "technicians_primary_discipline_known", "primary_discipline = 'ROPES'"),
            update("technicians", "technicians_years_experience_range", "years_experience = 71"),
            update("technicians", "technicians_bio_length", "bio = repeat('x', 4001)"),
            update("technicians", "technicians_mobility_known", "mobility = 'NONE'"),
            update("technicians", "technicians_day_rate_min_range", "day_rate_min = -1"),
            update("technicians", "technicians_day_rate_max_range", "day_rate_max = 10000001"),
            update("technicians", "technicians_day_rates_ordered", "day_rate_min = 500, day_rate_max = 400"),
            update("technicians", "technicians_currency_code", "currency = 'Euro'"),
            update("technicians", "technicians_revision_positive", "revision = 0"),
            ("technicians_user_fkey", format!("DELETE FROM users WHERE id = '{}'", technician.user_id)),
            ("skills_name_length", skill("", "EXPERT")),
            ("skills_level_known", skill("Ropes", "GURU")),
            ("skills_pkey", format!("{0}; {0}", skill("Ropes", "EXPERT"))),
            ("certifications_name_length", certification("'', 'p', '2026-01-01', '2026-01-01'")),
            ("certifications_provider_length", certification("'n', '', '2026-01-01', '2026-01-01'")),
            ("certifications_days_ordered", certification("'n', 'p', '2026-01-02', '2026-01-01'")),
            (
                "certifications_document_url_length",
                certification("'n', 'p', '2026-01-01', '2026-01-01', repeat('x', 2049)"),
            ),
            ("certifications_endless_of_type", certification("'n', 'p', '2026-01-01', NULL")),
            ("certifications_course_of_type", typed("type_code = 'GWO_FA'")),
            ("certifications_course_of_type", typed("course = 'INITIAL'")),
            ("certifications_course_known", typed("type_code = 'GWO_FA', course = 'ADVANCED'")),
            ("certifications_type_code_length", typed("type_code = '', course = 'INITIAL'")),
            ("certifications_decision_known", typed("decision = 'SELF_DECLARED'")),
            ("certifications_revision_positive", typed("revision = 0")),
            ("availability_periods_days_ordered", period("'2027-03-02', '2027-03-01', 'BUSY'")),
            ("availability_periods_kind_known", period("'2027-03-01', '2027-03-01', 'AWAY'")),
            ("availability_periods_pkey", format!("{0}; {0}", period("'2027-03-01', '2027-03-01', 'BUSY'"))),
        ],
    );
}

#[test]
fn what_is_judged_of_certifications_is_checked() {
    let world = World::isolated();
    let technician = world.technician().id;
    let typed = |columns: &str| {
        format!(
            "INSERT INTO certifications VALUES (gen_random_uuid(), '{technician}', 'n', 'p', '2026-01-01', '2026-01-01'); \
             UPDATE certifications SET {columns}"
        )
    };
    let revocation = |columns: &str| {
        format!(
            "INSERT INTO revocations (id, provider, search_provider, issued_from, issued_until, reason, count, \
             undone_at, undone_count, created_at) VALUES (gen_random_uuid(), {columns}, now())"
        )
    };
    assert_rejected(
        &world,
        &[
            ("certifications_decision_note_needed", typed("decision = 'REJECTED'")),
            ("certifications_decision_note_length", typed("decision_note = repeat('x', 1001)")),
            ("certifications_appeal_of_decision", typed("appeal = 'a'")),
            ("certifications_appeal_of_decision", typed("decision = 'VERIFIED', appeal = 'a'")),
            ("certifications_appeal_length", typed("decision = 'REJECTED', decision_note = 'n', appeal = ''")),
            ("certifications_revocation_of_decision", typed("revocation_id = gen_random_uuid()")),
            (
                "certifications_revocation_fkey",
                typed("decision = 'REVOKED', decision_note = 'n', revocation_id = gen_random_uuid()"),
            ),
            ("certifications_prior_of_revocation", typed("prior_decision = 'VERIFIED'")),
            ("certifications_prior_of_revocation", typed("prior_note = 'n'")),
            ("certifications_prior_decision_known", typed("prior_decision = 'REVOKED'")),
            ("certifications_prior_note_length", typed("prior_note = ''")),
            ("revocations_days_ordered", revocation("'p', 'p', '2025-01-02', '2025-01-01', 'r', 0, NULL, NULL")),
            ("revocations_provider_length", revocation("'', '', '2025-01-01', '2025-01-01', 'r', 0, NULL, NULL")),
            ("revocations_reason_length", revocation("'p', 'p', '2025-01-01', '2025-01-01', '', 0, NULL, NULL")),
            ("revocations_count_natural", revocation("'p', 'p', '2025-01-01', '2025-01-01', 'r', -1, NULL, NULL")),
            ("revocations_undone_whole", revocation("'p', 'p', '2025-01-01', '2025-01-01', 'r', 0, now(), NULL")),
            ("revocations_undone_count_of_count", revocation("'p', 'p', '2025-01-01', '2025-01-01', 'r', 0, now(), 1")),
            update("technicians", "technicians_winda_id_length", "winda_id = 'abc'"),
            update("technicians", "technicians_irata_number_length", "irata_number = '12'"),
        ],
    );
}

#[test]
fn the_table_of_jobs_rejects_invalid_rows() {
    let world = World::isolated();
    world.add_job(an_open_job(&world.company(), 0));
    assert_rejected(
        &world,
        &[
            update("jobs", "jobs_title_length", "title = repeat('x', 121)"),
            update("jobs", "jobs_description_length", "description = ''"),
            update("jobs", "jobs_location_length", "location = ''"),
            update("jobs", "jobs_country_code", "country = 'DNK'"),
            update("jobs", "jobs_project_name_length", "project_name = ''"),
            update("jobs", "jobs_discipline_known", "discipline = 'ROPES'"),
            update("jobs", "jobs_contract_type_known", "contract_type = 'FREE'"),
            update("jobs", "jobs_day_rate_from_range", "day_rate_from = -1"),
            update("jobs", "jobs_day_rate_to_range", "day_rate_to = 10000001"),
            update("jobs", "jobs_day_rates_ordered", "day_rate_from = 2, day_rate_to = 1"),
            update("jobs", "jobs_currency_code", "currency = 'eur'"),
            update("jobs", "jobs_days_ordered", "end_date = start_date - 1"),
            update("jobs", "jobs_status_known", "status = 'GONE'"),
            update("jobs", "jobs_requirements_list", "requirements = '{}', required_types = '{GWO_FA}'"),
            update(
                "jobs",
                "jobs_requirements_list",
                "requirements = (SELECT jsonb_agg(n) FROM generate_series(1, 31) n), required_types = '{GWO_FA}'",
            ),
            update("jobs", "jobs_required_types_of_requirements", "required_types = '{GWO_FA}'"),
            update("jobs", "jobs_published_when_open", "published_at = NULL"),
            update("jobs", "jobs_published_when_open", "status = 'DRAFT'"),
            update("jobs", "jobs_revision_positive", "revision = 0"),
            update("jobs", "jobs_company_id_fkey", "company_id = gen_random_uuid()"),
        ],
    );
}

#[test]
fn tables_of_applications_and_evaluations_reject_invalid_rows() {
    let world = World::isolated();
    let company = world.company();
    let job = world.add_job(an_open_job(&company, 0));
    let technician = world.technician();
    world.apply(&job, &technician, 1);
    let evaluation = an_evaluation(&technician, &job, 4, 2);
    world.evaluate(&evaluation);
    let other = world.company().id;
    assert_rejected(
        &world,
        &[
            update("applications", "applications_status_known", "status = 'LOST', confirmed_at = NULL, booked = NULL"),
            update("applications", "applications_confirmed_after_acceptance", "status = 'OFFERED', booked = NULL"),
            update("applications", "applications_booked_of_accepted", "status = 'OFFERED', confirmed_at = NULL"),
            update("applications", "applications_message_to_company_length", "message_to_company = ''"),
            update(
                "applications",
                "applications_message_to_technician_length",
                "message_to_technician = repeat('x', 2001)",
            ),
            update("applications", "applications_revision_positive", "revision = 0"),
            update("application_events", "application_events_from_status_known", "from_status = 'X', position = 2"),
            update("application_events", "application_events_to_status_known", "to_status = 'X'"),
            update("application_events", "application_events_side_known", "side = 'NONE'"),
            update(
                "application_events",
                "application_events_compliance_object",
                "compliance = '[]', to_status = 'OFFERED'",
            ),
            update("application_events", "application_events_compliance_of_step", "compliance = '{}'"),
            update(
                "application_events",
                "application_events_acceptance_of_compliance",
                "accepts_non_compliance = true",
            ),
            update("applications", "applications_compliance_object", "compliance = '[]'"),
            update("application_events", "application_events_first_from_nothing", "from_status = 'APPLIED'"),
            update("application_events", "application_events_actor_fkey", "actor_user_id = gen_random_uuid()"),
            update("evaluations", "evaluations_rating_range", "rating = 6"),
            update("evaluations", "evaluations_comment_length", "comment = ''"),
            update("evaluations", "evaluations_job_fkey", &format!("company_id = '{other}'")),
            (
                "evaluations_once_per_job",
                format!(
                    "INSERT INTO evaluations SELECT gen_random_uuid(), technician_id, company_id, job_id, 1, NULL, '{}' FROM evaluations",
                    at(3)
                ),
            ),
            ("applications_technician_fkey", format!("DELETE FROM technicians WHERE id = '{}'", technician.id)),
        ],
    );
}

#[test]
fn tables_of_chats_reject_invalid_rows() {
    let world = World::isolated();
    let registered = world.register_company();
    let thread = a_thread(registered.company.id, world.technician().id, None);
    let message = crate::support::a_message(repower_domain::accounts::Side::Company, registered.admin, "Hi", 1);
    let chat = &world.chat;
    repower_ports::chat::ChatRepository::open(chat, &thread, Some(message), repower_domain::accounts::Side::Company)
        .unwrap();
    assert_rejected(&world, &[
        update("threads", "threads_unread_range", "company_unread = 2"),
        update("threads", "threads_unread_range", "technician_unread = -1"),
        update("threads", "threads_read_range", "technician_read_seq = 2"),
        (
            "threads_one_of_each",
            "INSERT INTO threads (id, company_id, technician_id, last_activity_at, created_at)
             SELECT gen_random_uuid(), company_id, technician_id, created_at, created_at FROM threads"
                .to_owned(),
        ),
        (
            "messages_thread_seq_key",
            "INSERT INTO messages SELECT gen_random_uuid(), thread_id, seq, sender_type, sender_user_id, text, NULL, created_at FROM messages".to_owned(),
        ),
        (
            "messages_client_message_id_key",
            "UPDATE messages SET client_message_id = 'm';
             INSERT INTO messages SELECT gen_random_uuid(), thread_id, seq + 1, sender_type, sender_user_id, text, 'm', created_at FROM messages".to_owned(),
        ),
        update("messages", "messages_seq_positive", "seq = 0"),
        update("messages", "messages_sender_type_known", "sender_type = 'NOBODY'"),
        update("messages", "messages_text_length", "text = repeat('x', 4001)"),
        update("messages", "messages_client_message_id_length", "client_message_id = repeat('x', 65)"),
        update("messages", "messages_sender_fkey", "sender_user_id = gen_random_uuid()"),
    ]);
}

#[test]
fn deleting_a_company_or_technician_deletes_its_dependent_rows() {
    let world = World::isolated();
    let registered = world.register_company();
    let job = world.add_job(an_open_job(&registered.company, 0));
    let technician = world.technician();
    world.apply(&job, &technician, 1);
    world.execute(&format!("DELETE FROM companies WHERE id = '{}'", registered.company.id));
    for table in ["company_members", "jobs", "applications", "application_events"] {
        assert_eq!(world.count(table, "true"), 0, "{table}");
    }
    assert_eq!(world.actor(registered.admin), None);
    world.execute(&format!("INSERT INTO skills VALUES ('{}', 'x', 'X', 'EXPERT')", technician.id));
    world.execute(&format!("DELETE FROM technicians WHERE id = '{}'", technician.id));
    assert_eq!(world.count("skills", "true"), 0);
}
