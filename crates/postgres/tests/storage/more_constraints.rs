//! Constraints of the throttle, team, rating, audit and idempotency tables.

use chrono::TimeDelta;
use repower_domain::{
    accounts::{CompanyRole, KnownAddress, Limit, Registration, ThrottleScope},
    admin::{AuditAction, SubjectType},
    companies::Invitation,
};
use repower_ports::{
    accounts::{SecretDigest, ThrottleKey, ThrottleRepository},
    idempotency::{IdempotencyRepository, OmittedSecret, StoredResponse},
};

use crate::{
    constraints::{assert_rejected, update},
    idempotency::a_request,
    known_addresses::sign_in,
    support::{UNLIMITED, World, a_user, at, new_id, value},
};

#[test]
fn the_table_of_throttle_windows_rejects_invalid_rows() {
    let world = World::isolated();
    let limit = Limit { attempts: 9, window: TimeDelta::seconds(9) };
    let key =
        ThrottleKey { scope: ThrottleScope::LoginAccount, subject: "ana".to_owned(), client_address: None, limit };
    world.throttle.count(&[key], at(0)).unwrap();
    assert_rejected(
        &world,
        &[
            update("throttle_windows", "throttle_windows_scope_known", "scope = 'ELSE'"),
            update("throttle_windows", "throttle_windows_subject_length", "subject = 'ana@example.com'"),
            update("throttle_windows", "throttle_windows_tries_range", "tries = -1"),
            (
                "throttle_windows_pkey",
                "INSERT INTO throttle_windows SELECT scope, subject, 1, window_ends_at FROM throttle_windows"
                    .to_owned(),
            ),
        ],
    );
}

#[test]
fn the_table_of_known_addresses_rejects_invalid_rows() {
    let world = World::isolated();
    let user_id = world.technician().user_id;
    sign_in(&world, KnownAddress::builder().user_id(user_id).address([10, 0, 0, 1].into()).used_at(at(0)).build());
    assert_rejected(
        &world,
        &[
            update("known_addresses", "known_addresses_address_length", "address = '10.0.0.1'"),
            update("known_addresses", "known_addresses_user_fkey", "user_id = gen_random_uuid()"),
            ("known_addresses_pkey", "INSERT INTO known_addresses SELECT * FROM known_addresses".to_owned()),
        ],
    );
}

#[test]
fn every_scope_can_be_counted() {
    let world = World::isolated();
    let limit = Limit { attempts: 9, window: TimeDelta::seconds(9) };
    for scope in ThrottleScope::ALL {
        let key = ThrottleKey { scope: *scope, subject: "a".to_owned(), client_address: None, limit };
        world.throttle.count(&[key], at(0)).unwrap();
    }
}

#[test]
fn tables_of_teams_reject_invalid_rows() {
    let world = World::isolated();
    let (registered, other) = (world.register_company(), world.register_company());
    for (number, role) in (1..).zip(CompanyRole::ALL) {
        let email = value(&format!("{number}@example.com"));
        let invitation = Invitation::new(new_id(), registered.company.id, email, *role, at(0));
        world.invite(&invitation, SecretDigest([number; 32]), registered.admin, &UNLIMITED).unwrap();
    }
    let update_row = |assignment: &str, name| update("invitations", name, assignment);
    assert_rejected(
        &world,
        &[
            update("companies", "companies_team_revision_positive", "team_revision = 0"),
            update_row("email = 'one@example.com'", "invitations_company_email_key"),
            update_row("secret_digest = repeat('x', 32)::bytea", "invitations_secret_digest_key"),
            update_row("secret_digest = 'secret'", "invitations_secret_digest_length"),
            update_row("email = ''", "invitations_email_length"),
            update_row("email = upper(email)", "invitations_email_lower_case"),
            update_row("role = 'COMPANY_ADMIN'", "invitations_role_known"),
            update_row("expires_at = created_at", "invitations_days_ordered"),
            update_row("company_id = gen_random_uuid()", "invitations_company_fkey"),
            update_row("invited_by = gen_random_uuid()", "invitations_invited_by_fkey"),
        ],
    );
    // A company with entries in the audit log stays.
    let empty = world.company().id;
    world.execute(&format!("UPDATE invitations SET company_id = '{empty}', invited_by = '{}'", other.admin));
    world.execute(&format!("DELETE FROM companies WHERE id = '{empty}'"));
    assert_eq!(world.count("invitations", "true"), 0);
}

#[test]
fn the_columns_of_ratings_reject_invalid_values() {
    let world = World::isolated();
    world.technician();
    let ratings = |assignment: &str| update("technicians", "technicians_ratings_range", assignment);
    let invalid = [
        "rating_count = -1",
        "rating_average = 100",
        "rating_count = 1",
        "rating_count = 1, rating_average = 99",
        "rating_count = 1, rating_average = 501",
    ];
    assert_rejected(&world, &invalid.map(ratings));
}

#[test]
fn the_table_of_audit_events_rejects_invalid_rows() {
    let world = World::isolated();
    let registration = Registration::super_admin(a_user());
    world.register(&registration);
    let super_admin = registration.account.user.id;
    let insert = |action: &str, kind: &str, before: &str, request: &str| {
        format!(
            "INSERT INTO audit_events VALUES
             (gen_random_uuid(), '{super_admin}', {action}, {kind}, gen_random_uuid(), '{before}', '{{}}', {request}, now())"
        )
    };
    let (action, kind, request) = ("'JOB_CLOSED'", "'JOB'", "'r'");
    assert_rejected(
        &world,
        &[
            ("audit_events_action_known", insert("'ELSE'", kind, "{}", request)),
            ("audit_events_subject_type_known", insert(action, "'ELSE'", "{}", request)),
            ("audit_events_states_shape", insert(action, kind, "[]", request)),
            ("audit_events_request_id_length", insert(action, kind, "{}", "''")),
            ("audit_events_request_id_length", insert(action, kind, "{}", "repeat('x', 129)")),
        ],
    );
    let insert_with = |action: &str, subject: &str, more: &str| {
        format!(
            "INSERT INTO audit_events VALUES (gen_random_uuid(), '{super_admin}', '{action}', 'USER', {subject}, '{{}}', \
             '{{}}', 'r', now(), {more})"
        )
    };
    let id = "gen_random_uuid()";
    assert_rejected(
        &world,
        &[
            ("audit_events_subject_known", insert_with("USERS_LISTED", id, "NULL, NULL")),
            ("audit_events_subject_known", insert_with("USER_ACTIVATED", "NULL", "NULL, NULL")),
            ("audit_events_company_fkey", insert_with("USER_ACTIVATED", id, "gen_random_uuid(), NULL")),
            ("audit_events_caller_request_id_length", insert_with("USER_ACTIVATED", id, "NULL, ''")),
            ("audit_events_caller_request_id_length", insert_with("USER_ACTIVATED", id, "NULL, repeat('x', 129)")),
        ],
    );
    for action in AuditAction::ALL {
        let is_of_list = matches!(action, AuditAction::UsersListed | AuditAction::CertificationsListed);
        let subject = if is_of_list { "NULL" } else { id };
        world.execute(&insert_with(action.as_str(), subject, "NULL, NULL"));
    }
    for kind in SubjectType::ALL {
        world.execute(&insert(action, &format!("'{kind}'"), "{}", request));
    }
}

#[test]
fn the_table_of_stored_responses_rejects_invalid_rows() {
    let world = World::isolated();
    let response = StoredResponse {
        status: 201,
        body: Vec::new(),
        secret: Some(OmittedSecret { kind: "SIGN_IN".into(), of: new_id() }),
    };
    world.idempotency.once(&a_request("k"), &mut || Some(response.clone())).unwrap();
    let update_row = |assignment: &str, name| update("kept_answers", name, assignment);
    assert_rejected(
        &world,
        &[
            update_row("key = ''", "kept_answers_key_length"),
            update_row("key = repeat('x', 129)", "kept_answers_key_length"),
            update_row("request_digest = 'x'", "kept_answers_request_digest_length"),
            update_row("status = 404", "kept_answers_status_range"),
            update_row("secret_kind = 'PASSWORD'", "kept_answers_secret_kind_known"),
            update_row("secret_of = NULL", "kept_answers_secret_whole"),
        ],
    );
}
