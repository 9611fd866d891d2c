//! The rules of the later tables, kept by the tables themselves.

use chrono::TimeDelta;
use repower_domain::{
    accounts::{CompanyRole, Limit, Registration, ThrottleScope},
    admin::AuditAct,
    companies::Invitation,
};
use repower_ports::{
    accounts::{SecretDigest, ThrottleKey, ThrottleRepository},
    companies::InvitationRepository,
    idempotency::{IdempotencyRepository, KeptAnswer, KeptSecret},
};

use crate::{
    constraints::{assert_refused, set},
    idempotency::a_request,
    support::{World, a_user, at, new_id, value},
};

#[test]
fn counts_of_tries_keep_their_rules_by_themselves() {
    let world = World::isolated();
    let limit = Limit { tries: 9, window: TimeDelta::seconds(9) };
    let key = ThrottleKey { scope: ThrottleScope::LoginAccount, subject: "ana".to_owned(), limit };
    world.throttle.count(&[key], at(0)).unwrap();
    assert_refused(
        &world,
        &[
            set("throttle_windows", "throttle_windows_scope_known", "scope = 'ELSE'"),
            set("throttle_windows", "throttle_windows_subject_length", "subject = 'ana@example.com'"),
            set("throttle_windows", "throttle_windows_tries_range", "tries = -1"),
            (
                "throttle_windows_pkey",
                "INSERT INTO throttle_windows SELECT scope, subject, 1, window_ends_at FROM throttle_windows"
                    .to_owned(),
            ),
        ],
    );
}

#[test]
fn every_scope_can_be_counted() {
    let world = World::isolated();
    let limit = Limit { tries: 9, window: TimeDelta::seconds(9) };
    for scope in ThrottleScope::ALL {
        world.throttle.count(&[ThrottleKey { scope: *scope, subject: "a".to_owned(), limit }], at(0)).unwrap();
    }
}

#[test]
fn teams_keep_their_rules_by_themselves() {
    let world = World::isolated();
    let (founded, other) = (world.found(), world.found());
    for (number, role) in (1..).zip(CompanyRole::ALL) {
        let email = value(&format!("{number}@example.com"));
        let invitation = Invitation::new(new_id(), founded.company.id, email, *role, at(0));
        world.invitations.invite(&invitation, SecretDigest([number; 32]), founded.admin).unwrap();
    }
    let put = |assignment: &str, name| set("invitations", name, assignment);
    assert_refused(
        &world,
        &[
            set("companies", "companies_team_revision_positive", "team_revision = 0"),
            put("email = 'one@example.com'", "invitations_company_email_key"),
            put("secret_digest = repeat('x', 32)::bytea", "invitations_secret_digest_key"),
            put("secret_digest = 'secret'", "invitations_secret_digest_length"),
            put("email = ''", "invitations_email_length"),
            put("email = upper(email)", "invitations_email_lower_case"),
            put("role = 'COMPANY_ADMIN'", "invitations_role_known"),
            put("expires_at = created_at", "invitations_days_ordered"),
            put("company_id = gen_random_uuid()", "invitations_company_fkey"),
            put("invited_by = gen_random_uuid()", "invitations_invited_by_fkey"),
        ],
    );
    world.execute(&format!("UPDATE invitations SET invited_by = '{}'", other.admin));
    world.execute(&format!("DELETE FROM companies WHERE id = '{}'", founded.company.id));
    assert_eq!(world.count("invitations", "true"), 0);
}

#[test]
fn ratings_keep_their_rules_by_themselves() {
    let world = World::isolated();
    world.technician();
    let ratings = |assignment: &str| set("technicians", "technicians_ratings_range", assignment);
    assert_refused(&world, &["rating_count = -1", "rating_sum = 1", "rating_count = 1, rating_sum = 6"].map(ratings));
}

#[test]
fn the_log_keeps_its_rules_by_itself() {
    let world = World::isolated();
    let registration = Registration::super_admin(a_user());
    world.register(&registration);
    let boss = registration.account.user.id;
    let insert = |action: &str, kind: &str, before: &str, request: &str| {
        format!(
            "INSERT INTO audit_events VALUES
             (gen_random_uuid(), '{boss}', {action}, {kind}, gen_random_uuid(), '{before}', '{{}}', {request}, now())"
        )
    };
    let (action, kind, request) = ("'JOB_CLOSED'", "'JOB'", "'r'");
    assert_refused(
        &world,
        &[
            ("audit_events_action_known", insert("'ELSE'", kind, "{}", request)),
            ("audit_events_subject_type_known", insert(action, "'ELSE'", "{}", request)),
            ("audit_events_states_shape", insert(action, kind, "[]", request)),
            ("audit_events_request_id_length", insert(action, kind, "{}", "''")),
            ("audit_events_request_id_length", insert(action, kind, "{}", "repeat('x', 129)")),
        ],
    );
    assert_eq!(AuditAct::CloseJob(new_id()).action().as_str(), "JOB_CLOSED");
}

#[test]
fn kept_answers_keep_their_rules_by_themselves() {
    let world = World::isolated();
    let answer = KeptAnswer { status: 201, body: Vec::new(), secret: KeptSecret::SignIn(new_id()) };
    world.idempotency.once(&a_request("k"), &mut || Some(answer.clone())).unwrap();
    let put = |assignment: &str, name| set("kept_answers", name, assignment);
    assert_refused(
        &world,
        &[
            put("key = ''", "kept_answers_key_length"),
            put("key = repeat('x', 129)", "kept_answers_key_length"),
            put("request_digest = 'x'", "kept_answers_request_digest_length"),
            put("status = 404", "kept_answers_status_range"),
            put("secret_kind = 'PASSWORD'", "kept_answers_secret_kind_known"),
            put("secret_of = NULL", "kept_answers_secret_whole"),
        ],
    );
}
