use repower_domain::{
    Edit,
    accounts::{CompanyRole, KnownAddress, Limit, Side, ThrottleScope},
    applications::{ApplicationMove, ApplicationStatus},
    availability::{Availability, AvailabilityKind, Period},
    companies::Invitation,
    compliance::{Requirement, Requirements},
    ids::{CompanyId, UserId},
    technicians::SkillSet,
};
use repower_ports::{
    accounts::{SecretDigest, ThrottleKey, ThrottleRepository},
    applications::ApplicationRepository,
    availability::AvailabilityRepository,
    chat::ChatRepository,
    idempotency::{IdempotencyRepository, KeyedRequest, StoredResponse},
    jobs::JobRepository,
    operation::{DataAudit, Finding},
    technicians::TechnicianRepository,
};

use crate::{
    idempotency::a_request,
    known_addresses::sign_in,
    support::{
        NO_LIMIT, UNLIMITED, World, a_certification, a_message, a_skill, a_thread, an_evaluation, an_open_job, at,
        new_id, value,
    },
    trust::{revoke, terms, undo},
};

/// A database with a row in each table.
fn populated() -> World {
    let world = World::isolated();
    let registered = world.register_company();
    let technician = world.technician();
    let heights = Requirement::new(vec![value("GWO_WAH")], true, None).unwrap();
    let mut job = world.add_job(an_open_job(&registered.company, 0));
    job.requirements = Requirements::new(vec![heights]).unwrap();
    world.jobs.update(&job).unwrap();
    let mut application = world.apply(&job, &technician, 1);
    for (status, side, user, second) in [
        (ApplicationStatus::Offered, Side::Company, registered.admin, 2),
        (ApplicationStatus::Accepted, Side::Technician, technician.user_id, 3),
    ] {
        let requested = ApplicationMove::builder().next(status).message_to_technician(Edit::Leave).build();
        let (moved, event) = application.move_to(requested, side, user, at(second)).unwrap();
        world.applications.update(&moved, &event, &[], None).unwrap();
        application = world.applications.find(moved.id).unwrap().unwrap();
    }
    world.technicians.evaluate(&an_evaluation(&technician, &job, 4, 4)).unwrap();
    let skills = SkillSet::new(vec![a_skill("Ropes"), a_skill("Lamination")]).unwrap();
    world.technicians.replace_skills(technician.id, &skills).unwrap();
    world.technicians.add_certification(&a_certification(technician.id, "2028-01-01"), NO_LIMIT).unwrap();
    revoke(&world, registered.admin, &terms("Falck", "2025-01-01", "2025-01-01")).unwrap();
    let undone = revoke(&world, registered.admin, &terms("Ghost", "2025-01-01", "2025-01-01")).unwrap();
    undo(&world, registered.admin, &undone).unwrap();
    let week = Period::new(value("2027-03-01"), value("2027-03-07"), AvailabilityKind::Busy).unwrap();
    world.availability.replace(technician.id, &Availability::new(vec![week]).unwrap()).unwrap();
    let thread = a_thread(registered.company.id, technician.id, Some(job.id));
    world.chat.open(&thread, None, Side::Company).unwrap();
    for (side, user) in [(Side::Company, registered.admin), (Side::Technician, technician.user_id)] {
        for second in [5, 6] {
            world.chat.send(thread.id, &a_message(side, user, "Hello", second)).unwrap();
        }
    }
    world.chat.mark_read(thread.id, Side::Company, 3).unwrap();
    add_operation_rows(&world, registered.company.id, registered.admin);
    world
}

fn add_operation_rows(world: &World, company: CompanyId, admin: UserId) {
    let email = value("invited@example.com");
    let invitation = Invitation::new(new_id(), company, email, CompanyRole::Viewer, at(0));
    // A unique digest: tests with equal ones would wait for each other.
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(invitation.id.uuid().as_bytes());
    world.invite(&invitation, SecretDigest(digest), admin, &UNLIMITED).unwrap();
    let limit = Limit { attempts: 9, window: chrono::TimeDelta::days(1) };
    let key =
        ThrottleKey { scope: ThrottleScope::LoginAddress, subject: admin.to_string(), client_address: None, limit };
    world.throttle.count(&[key], at(0)).unwrap();
    sign_in(world, KnownAddress::builder().user_id(admin).address([10, 0, 0, 1].into()).used_at(at(0)).build());
    let response = StoredResponse { status: 201, body: Vec::new(), secret: None };
    world.idempotency.once(&KeyedRequest { now: at(0), ..a_request("k") }, &mut || Some(response.clone())).unwrap();
    world.execute(&format!(
        "INSERT INTO audit_events
         SELECT gen_random_uuid(), '{admin}', 'USER_DEACTIVATED', 'USER', '{admin}', '{{}}', '{{}}', 'r', created_at
         FROM users WHERE id = '{admin}'"
    ));
}

fn violated_rules(world: &World) -> Vec<Finding> {
    world.database.audit(at(10)).unwrap().into_iter().filter(|finding| finding.violations > 0).collect()
}

#[test]
fn rows_stored_by_the_repositories_violate_no_rule() {
    let world = populated();
    assert_eq!(violated_rules(&world), []);
    let findings = world.database.audit(at(10)).unwrap();
    assert!(findings.iter().all(|finding| finding.rule.ends_with('.')));
    let names: std::collections::HashSet<_> = findings.iter().map(|finding| finding.name).collect();
    assert_eq!(names.len(), findings.len());
}

/// Each rule with a statement that violates it, which no server executes.
const VIOLATIONS: &[(&str, &str)] = &[
    ("members_have_company_roles", "UPDATE users SET role = 'SUPER_ADMIN' WHERE role = 'COMPANY_ADMIN'"),
    ("technicians_have_their_role", "UPDATE users SET role = 'SUPER_ADMIN' WHERE role = 'TECHNICIAN'"),
    ("technicians_have_their_role", "UPDATE users SET role = 'TECHNICIAN' WHERE role = 'COMPANY_ADMIN'"),
    ("technicians_are_active_as_their_user", "UPDATE technicians SET active = false"),
    ("companies_have_an_admin", "UPDATE users SET role = 'COMPANY_VIEWER' WHERE role = 'COMPANY_ADMIN'"),
    ("companies_have_an_admin", "DELETE FROM company_members"),
    ("companies_are_listed", "UPDATE companies SET listed = false"),
    ("companies_are_listed", "UPDATE users SET active = false"),
    (
        "invitations_are_open",
        "UPDATE invitations SET email = users.email FROM users WHERE users.role = 'COMPANY_ADMIN'",
    ),
    ("invitations_are_by_admins", "UPDATE users SET active = false WHERE role = 'COMPANY_ADMIN'"),
    ("sessions_are_of_active_users", "UPDATE users SET active = false WHERE role = 'COMPANY_ADMIN'"),
    ("sessions_are_of_active_users", "DELETE FROM company_members"),
    (
        "sessions_are_bounded",
        "INSERT INTO sessions SELECT gen_random_uuid(), user_id, user_agent, address, created_at, last_used_at, expires_at
        FROM sessions, generate_series(1, 50)",
    ),
    ("texts_are_the_domains", "UPDATE sessions SET user_agent = E'a\tb'"),
    ("invitations_are_by_admins", "UPDATE users SET role = 'COMPANY_MANAGER' WHERE role = 'COMPANY_ADMIN'"),
    ("accepted_applications_book_their_days", "UPDATE applications SET booked = NULL"),
    ("accepted_applications_book_their_days", "UPDATE jobs SET start_date = start_date - 1"),
    (
        "periods_share_no_day",
        "INSERT INTO availability_periods SELECT technician_id, first_day + 1, last_day, 'FREE' FROM availability_periods",
    ),
    ("required_types_are_named", "UPDATE jobs SET required_types = '{GWO_FA,GWO_WAH}'"),
    ("texts_are_the_domains", r#"UPDATE jobs SET requirements = '[{"anyOf": ["WAH"], "mandatory": true}]'"#),
    ("texts_are_the_domains", r#"UPDATE jobs SET requirements = '[{"anyOf": ["GWO_WAH"]}]'"#),
    ("texts_are_the_domains", r#"UPDATE applications SET compliance = '{"overall": "GOOD", "missing": []}'"#),
    (
        "texts_are_the_domains",
        r#"UPDATE application_events SET compliance = '{"overall": "MISSING"}' WHERE to_status = 'OFFERED'"#,
    ),
    ("ratings_add_up", "UPDATE technicians SET rating_average = 499"),
    ("ratings_add_up", "UPDATE evaluations SET hidden = true"),
    ("ratings_add_up", "DELETE FROM evaluations"),
    ("evaluations_follow_engagements", "UPDATE applications SET confirmed_at = NULL"),
    ("applications_follow_publishing", "UPDATE jobs SET status = 'DRAFT', published_at = NULL"),
    (
        "steps_are_by_their_side",
        "UPDATE application_events SET actor_user_id = users.id FROM users WHERE role = 'COMPANY_ADMIN'",
    ),
    ("messages_are_numbered", "DELETE FROM messages WHERE seq = 2"),
    ("messages_are_numbered", "DELETE FROM messages WHERE seq = 4"),
    ("messages_are_numbered", "DELETE FROM messages"),
    ("messages_are_numbered", "UPDATE messages SET seq = seq + 1 WHERE seq = 4"),
    ("messages_are_numbered", "UPDATE threads SET last_seq = 5"),
    ("unread_counts_add_up", "UPDATE threads SET company_unread = 2"),
    ("unread_counts_add_up", "UPDATE threads SET technician_unread = 1"),
    ("unread_counts_add_up", "UPDATE threads SET technician_read_seq = 1"),
    (
        "threads_know_their_latest_activity",
        "UPDATE threads SET last_activity_at = last_activity_at + interval '1 second'",
    ),
    ("messages_are_by_their_side", "UPDATE messages SET sender_type = 'TECHNICIAN' WHERE seq = 1"),
    ("messages_are_in_order_of_time", "UPDATE messages SET created_at = created_at - interval '1 day' WHERE seq = 2"),
    ("histories_are_in_order_of_time", "UPDATE application_events SET at = at - interval '1 day' WHERE position = 3"),
    ("tries_are_forgotten", "UPDATE throttle_windows SET window_ends_at = window_ends_at + interval '2 days'"),
    (
        "known_addresses_are_few",
        "INSERT INTO known_addresses SELECT user_id, sha256(n::text::bytea), used_at
        FROM known_addresses, generate_series(1, 20) n",
    ),
    ("answers_are_forgotten", "UPDATE kept_answers SET created_at = created_at + interval '2 days'"),
    (
        "audit_log_knows_its_subjects",
        "INSERT INTO audit_events
        SELECT gen_random_uuid(), id, 'JOB_CLOSED', 'JOB', id, '{}', '{}', 'r', created_at FROM users",
    ),
    (
        "histories_lead_to_statuses",
        "UPDATE applications SET status = 'SHORTLISTED', confirmed_at = NULL, booked = NULL",
    ),
    ("histories_lead_to_statuses", "UPDATE applications SET revision = 4"),
    ("histories_lead_to_statuses", "DELETE FROM application_events"),
    ("histories_lead_to_statuses", "DELETE FROM application_events WHERE position = 2"),
    ("histories_lead_to_statuses", "UPDATE application_events SET to_status = 'REJECTED' WHERE position = 2"),
    ("histories_lead_to_statuses", "UPDATE application_events SET side = 'TECHNICIAN' WHERE position = 2"),
    ("histories_lead_to_statuses", "UPDATE application_events SET position = 4 WHERE position = 3"),
    ("texts_are_the_domains", "UPDATE technicians SET full_name = ' ' || full_name"),
    ("texts_are_the_domains", "UPDATE technicians SET country = 'XX'"),
    ("texts_are_the_domains", "UPDATE jobs SET currency = 'XXQ'"),
    ("texts_are_the_domains", "UPDATE users SET email = 'nobody ' || id"),
    ("texts_are_the_domains", "UPDATE certifications SET document_url = 'ftp://example.com'"),
    ("texts_are_the_domains", "UPDATE certifications SET type_code = 'WAH', course = 'INITIAL'"),
    (
        "endless_certifications_never_expire",
        "UPDATE certifications SET type_code = 'GWO_WAH', course = 'INITIAL', valid_until = NULL",
    ),
    ("revoked_certifications_are_covered", "UPDATE certifications SET valid_from = '2024-12-31'"),
    ("revoked_certifications_are_covered", "UPDATE certifications SET search_provider = 'relyon'"),
    ("revoked_certifications_are_covered", "UPDATE revocations SET undone_at = created_at, undone_count = 0"),
    ("revocations_count_their_certifications", "UPDATE revocations SET count = 0"),
    (
        "types_in_force_are_of_certifications",
        "UPDATE certifications SET type_code = 'GWO_WAH', course = 'INITIAL', decision = NULL, revocation_id = NULL",
    ),
    (
        "types_in_force_are_of_certifications",
        "INSERT INTO types_in_force SELECT id, '{2025-01-01}', '{0,1}' FROM technicians \
        ON CONFLICT (technician_id) DO UPDATE SET since = excluded.since, self_declared = excluded.self_declared",
    ),
    ("texts_are_the_domains", "UPDATE certifications SET decision_note = ' '"),
    ("texts_are_the_domains", "UPDATE certifications SET appeal = E'a\n'"),
    ("texts_are_the_domains", "UPDATE certifications SET prior_note = ' n'"),
    ("texts_are_the_domains", "UPDATE revocations SET reason = ' '"),
    ("texts_are_the_domains", "UPDATE technicians SET winda_id = 'js123456gb'"),
    ("texts_are_the_domains", "UPDATE technicians SET irata_number = '4/12345'"),
    ("texts_are_searchable", "UPDATE certifications SET provider = 'Another'"),
    ("texts_are_searchable", "UPDATE revocations SET provider = 'Another'"),
    ("texts_are_the_domains", "UPDATE messages SET text = E'\n' WHERE seq = 1"),
    ("texts_are_the_domains", "UPDATE skills SET name = 'Ropes ' WHERE name = 'Ropes'"),
    ("texts_are_the_domains", "UPDATE jobs SET title = E'Blade repa\\u0308ir'"),
    ("texts_are_searchable", "UPDATE skills SET name = 'Rope' WHERE name = 'Ropes'"),
    ("texts_are_searchable", "UPDATE skills SET folded_name = 'Ropes' WHERE name = 'Ropes'"),
    ("texts_are_searchable", "DELETE FROM skills"),
    ("texts_are_searchable", "UPDATE users SET search_email = ''"),
    ("texts_are_searchable", "UPDATE technicians SET search_text = ''"),
    ("texts_are_searchable", "UPDATE technicians SET full_name = 'Another'"),
    ("texts_are_searchable", "UPDATE certifications SET name = 'Another'"),
    ("texts_are_searchable", "UPDATE jobs SET search_text = ''"),
    ("texts_are_searchable", "UPDATE jobs SET title = 'Another'"),
    ("texts_are_searchable", "UPDATE companies SET name = 'Another'"),
    ("texts_are_searchable", "UPDATE jobs SET search_location = upper(search_location)"),
    ("references_lead_somewhere", "DELETE FROM technicians"),
    ("references_lead_somewhere", "UPDATE jobs SET company_id = gen_random_uuid()"),
    ("references_lead_somewhere", "UPDATE threads SET company_id = gen_random_uuid()"),
];

#[test]
fn each_violation_is_found() {
    let world = populated();
    // Turns constraint triggers off, as a restore does.
    world.execute("SET LOCAL session_replication_role = replica; SAVEPOINT unbroken");
    for (rule, violation) in VIOLATIONS {
        world.execute(violation);
        let findings = violated_rules(&world);
        let found = findings.iter().find(|finding| finding.name == *rule);
        let finding = found.unwrap_or_else(|| panic!("{violation} violates {findings:?}"));
        assert!(!finding.examples.is_empty() && finding.examples.len() <= 5, "{finding:?}");
        world.execute("ROLLBACK TO unbroken");
    }
}

#[test]
fn rows_older_than_a_check_constraint_are_found() {
    let world = World::with_own_schema();
    world.company();
    world.execute("ALTER TABLE companies ADD CONSTRAINT companies_nameless CHECK (name = '') NOT VALID");
    let findings = violated_rules(&world);
    assert_eq!(
        findings.iter().map(|finding| (finding.name, finding.violations)).collect::<Vec<_>>(),
        [("conditions_hold", 1)]
    );
    assert!(findings[0].examples[0].starts_with("companies_nameless "), "{findings:?}");
}

#[test]
fn a_finding_has_at_most_five_examples() {
    let world = World::isolated();
    for _ in 0..7 {
        world.company();
    }
    world.execute("UPDATE companies SET name = name || ' '");
    let findings = violated_rules(&world);
    let texts = findings.iter().find(|finding| finding.name == "texts_are_the_domains").unwrap();
    assert_eq!((texts.violations, texts.examples.len()), (7, 5));
}

#[test]
fn the_audit_reads_one_snapshot_and_writes_nothing() {
    let world = World::with_own_schema();
    world.company();
    let statements = world.statements_of(|| assert_eq!(violated_rules(&world), []));
    assert!(
        statements.iter().any(|statement| {
            statement.contains("ISOLATION LEVEL REPEATABLE READ") && statement.contains("READ ONLY")
        })
    );
}

#[test]
fn duplicates_are_found_whatever_the_index_says() {
    let world = World::with_own_schema();
    world.company();
    // What a new version of a collation does to an index: it misses rows.
    let unready = "UPDATE pg_index SET indisready = false WHERE indrelid = 'companies'::regclass AND indisunique";
    world.execute(unready);
    world.execute("INSERT INTO companies SELECT * FROM companies");
    world.execute("UPDATE pg_index SET indisready = true WHERE indrelid = 'companies'::regclass AND indisunique");
    let findings = violated_rules(&world);
    let doubled = findings.iter().find(|finding| finding.name == "unique_keys_are_unique").unwrap();
    assert!(doubled.examples.iter().any(|example| example.starts_with("companies_pkey ")), "{findings:?}");
}
