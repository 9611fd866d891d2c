use std::sync::Mutex;

use repower_domain::accounts::CompanyRole;
use serde_json::json;

use super::{concurrently, counts, outcome, tally};
use crate::support::{App, PASSWORD, Person, Reply, Request, text};

const ROUNDS: usize = 20;

/// The two administrators of a new company.
fn two_admins(app: &App, round: usize) -> [Person; 2] {
    let first = app.company(&round.to_string());
    [app.member(&first, CompanyRole::Admin), first]
}

fn demote(app: &App, member: &Person) -> Request {
    app.patch(&app.membership(member)).json(&json!({"role": "MANAGER"}))
}

fn remove(app: &App, member: &Person) -> Request {
    app.delete(&app.membership(member))
}

fn admins_of(app: &App, company: &str) -> i64 {
    app.database.rows(&format!(
        "company_members m JOIN users u ON u.id = m.user_id \
         WHERE m.company_id = '{company}' AND u.role = 'COMPANY_ADMIN'"
    ))
}

/// Asserts that one of two concurrent requests of administrators succeeds, that the
/// other is rejected, and that one administrator remains.
fn assert_one_remains(acts: [fn(&App, &[Person; 2]) -> Request; 2]) {
    let app = App::start();
    let servers = [&app, &app.beside(&[])];
    for round in 0..ROUNDS {
        let admins = two_admins(&app, round);
        let company = admins[1].id.clone();
        let act = |number: usize| acts[number](servers[number], &admins).bearer(&admins[number].token);
        let ready = [0, 1].map(|number| Mutex::new(Some(act(number))));
        let replies = concurrently(2, |number| ready[number].lock().unwrap().take().unwrap().send());
        let (succeeded, rejected): (Vec<&Reply>, Vec<&Reply>) = replies.iter().partition(|reply| reply.status == 200);
        assert_eq!((succeeded.len(), rejected.len()), (1, 1), "{:?}", tally(&replies));
        let error = outcome(rejected[0]);
        // The later administrator may have lost the role or the membership.
        assert!(["409 last_admin", "403 forbidden", "401 unauthenticated"].contains(&error.as_str()), "{error}");
        assert_eq!(admins_of(&app, &company), 1, "{round}");
    }
}

#[test]
fn one_of_two_administrators_who_demote_each_other_succeeds() {
    assert_one_remains([|app, admins| demote(app, &admins[1]), |app, admins| demote(app, &admins[0])]);
}

#[test]
fn one_of_two_administrators_who_remove_each_other_succeeds() {
    assert_one_remains([|app, admins| remove(app, &admins[1]), |app, admins| remove(app, &admins[0])]);
}

#[test]
fn one_of_a_demotion_and_a_removal_of_each_other_succeeds() {
    assert_one_remains([|app, admins| demote(app, &admins[1]), |app, admins| remove(app, &admins[0])]);
}

#[test]
fn one_of_two_administrators_who_demote_themselves_succeeds() {
    assert_one_remains([|app, admins| demote(app, &admins[0]), |app, admins| demote(app, &admins[1])]);
}

#[test]
fn one_of_a_demotion_and_a_removal_of_oneself_succeeds() {
    assert_one_remains([|app, admins| demote(app, &admins[0]), |app, admins| remove(app, &admins[1])]);
}

#[test]
fn one_of_twenty_concurrent_acceptances_of_an_invitation_succeeds() {
    let app = App::start();
    let company = app.company("vestas");
    let invitation = app.invitation(&company, "rita@vestas.example", "RECRUITER");
    let servers = [&app, &app.beside(&[])];
    let replies = concurrently(20, |number| servers[number % 2].join(&invitation));
    assert_eq!(tally(&replies), counts([("201", 1), ("404 not_found", 19)]));
    assert_eq!((app.database.rows("users"), app.database.rows("company_members")), (2, 2));
    assert_eq!(app.database.rows("invitations"), 0);
}

#[test]
fn a_user_with_two_invitations_joins_one_company() {
    let app = App::start();
    let (vestas, siemens) = (app.company("vestas"), app.company("siemens"));
    let servers = [&app, &app.beside(&[])];
    for round in 0..10 {
        let email = format!("{round}@members.example");
        let invitations = [&vestas, &siemens].map(|company| app.invitation(company, &email, "VIEWER"));
        let replies = concurrently(2, |number| servers[number].join(&invitations[number]));
        assert_eq!(tally(&replies), counts([("201", 1), ("409 email_taken", 1)]));
        assert_eq!(app.database.rows(&format!("invitations WHERE email = '{email}'")), 1);
    }
}

#[test]
fn an_invitation_is_accepted_or_revoked_never_both() {
    let app = App::start();
    let company = app.company("vestas");
    for round in 0..10 {
        let email = format!("{round}@members.example");
        let invited = app.invite(&company, &email, "VIEWER").data(201);
        let path = format!("/api/companies/me/invitations/{}", text(&invited["id"]));
        let replies = concurrently(2, |number| match number {
            0 => app.join(&text(&invited["token"])),
            _ => app.delete(&path).bearer(&company.token).send(),
        });
        let outcomes: Vec<_> = replies.iter().map(outcome).collect();
        let joined = app.database.rows(&format!("users WHERE email = '{email}'"));
        assert!(
            (joined == 1 && outcomes == ["201", "404 not_found"])
                || (joined == 0 && outcomes == ["404 not_found", "200"]),
            "{joined} {outcomes:?}"
        );
    }
}

#[test]
fn one_of_many_concurrent_invitations_of_an_email_is_valid() {
    let app = App::start();
    let company = app.company("vestas");
    let replies = concurrently(20, |_| app.invite(&company, "rita@vestas.example", "VIEWER"));
    assert_eq!(tally(&replies), counts([("201", 20)]));
    assert_eq!(app.database.rows("invitations"), 1);
    let joined: Vec<_> = replies.iter().map(|reply| app.join(&text(&reply.data(201)["token"]))).collect();
    assert_eq!(tally(&joined), counts([("201", 1), ("404 not_found", 19)]));
}

#[test]
fn a_registration_during_an_invitation_does_not_join_the_company() {
    let app = App::start();
    let company = app.company("vestas");
    for round in 0..10 {
        let email = format!("{round}@technicians.example");
        let register = json!({
            "email": email, "password": PASSWORD, "role": "TECHNICIAN", "fullName": "T", "country": "DK",
        });
        let replies = concurrently(2, |number| match number {
            0 => app.post("/api/auth/register").json(&register).send(),
            _ => app.invite(&company, &email, "VIEWER"),
        });
        assert_eq!(outcome(&replies[0]), "201");
        let invited = outcome(&replies[1]);
        assert!(["201", "409 already_member"].contains(&invited.as_str()), "{invited}");
    }
}
