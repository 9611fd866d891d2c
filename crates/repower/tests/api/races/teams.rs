use std::sync::Mutex;

use repower_domain::accounts::CompanyRole;
use serde_json::json;

use super::{at_once, counts, outcome, tally};
use crate::support::{App, PASSWORD, Person, Reply, Request, text};

const ROUNDS: usize = 20;

/// The two who run a company that is made for this round.
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

/// Lets both do something at once that would be right for each alone. One of
/// them succeeds; the other is told why not, and one administrator is left.
fn assert_one_is_kept(acts: [fn(&App, &[Person; 2]) -> Request; 2]) {
    let app = App::start();
    let servers = [&app, &app.beside(&[])];
    for round in 0..ROUNDS {
        let admins = two_admins(&app, round);
        let company = admins[1].id.clone();
        let act = |number: usize| acts[number](servers[number], &admins).bearer(&admins[number].token);
        let ready = [0, 1].map(|number| Mutex::new(Some(act(number))));
        let replies = at_once(2, |number| ready[number].lock().unwrap().take().unwrap().send());
        let (won, lost): (Vec<&Reply>, Vec<&Reply>) = replies.iter().partition(|reply| reply.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 1), "{:?}", tally(&replies));
        let told = outcome(lost[0]);
        // Who acts a moment later may be no administrator any more, or be gone.
        assert!(["409 last_admin", "403 forbidden", "401 unauthenticated"].contains(&told.as_str()), "{told}");
        assert_eq!(admins_of(&app, &company), 1, "{round}");
    }
}

#[test]
fn two_admins_who_demote_each_other_do_not_both_succeed() {
    assert_one_is_kept([|app, admins| demote(app, &admins[1]), |app, admins| demote(app, &admins[0])]);
}

#[test]
fn two_admins_who_remove_each_other_do_not_both_succeed() {
    assert_one_is_kept([|app, admins| remove(app, &admins[1]), |app, admins| remove(app, &admins[0])]);
}

#[test]
fn one_who_demotes_and_one_who_removes_do_not_both_succeed() {
    assert_one_is_kept([|app, admins| demote(app, &admins[1]), |app, admins| remove(app, &admins[0])]);
}

#[test]
fn two_admins_who_step_down_at_once_do_not_both_succeed() {
    assert_one_is_kept([|app, admins| demote(app, &admins[0]), |app, admins| demote(app, &admins[1])]);
}

#[test]
fn one_who_steps_down_and_one_who_leaves_do_not_both_succeed() {
    assert_one_is_kept([|app, admins| demote(app, &admins[0]), |app, admins| remove(app, &admins[1])]);
}

#[test]
fn of_twenty_who_accept_one_invitation_one_joins() {
    let app = App::start();
    let company = app.company("vestas");
    let invitation = app.invitation(&company, "rita@vestas.example", "RECRUITER");
    let servers = [&app, &app.beside(&[])];
    let replies = at_once(20, |number| servers[number % 2].join(&invitation));
    assert_eq!(tally(&replies), counts([("201", 1), ("404 not_found", 19)]));
    assert_eq!((app.database.rows("users"), app.database.rows("company_members")), (2, 2));
    assert_eq!(app.database.rows("invitations"), 0);
}

#[test]
fn of_two_companies_that_invite_the_same_person_one_gets_them() {
    let app = App::start();
    let (vestas, siemens) = (app.company("vestas"), app.company("siemens"));
    let servers = [&app, &app.beside(&[])];
    for round in 0..10 {
        let email = format!("{round}@members.example");
        let invitations = [&vestas, &siemens].map(|company| app.invitation(company, &email, "VIEWER"));
        let replies = at_once(2, |number| servers[number].join(&invitations[number]));
        assert_eq!(tally(&replies), counts([("201", 1), ("409 email_taken", 1)]));
        assert_eq!(app.database.rows(&format!("invitations WHERE email = '{email}'")), 1);
    }
}

#[test]
fn an_invitation_that_is_accepted_and_revoked_at_once_is_one_of_both() {
    let app = App::start();
    let company = app.company("vestas");
    for round in 0..10 {
        let email = format!("{round}@members.example");
        let invited = app.invite(&company, &email, "VIEWER").data(201);
        let path = format!("/api/companies/me/invitations/{}", text(&invited["id"]));
        let replies = at_once(2, |number| match number {
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
fn of_many_invitations_of_one_address_one_is_pending_and_good() {
    let app = App::start();
    let company = app.company("vestas");
    let replies = at_once(20, |_| app.invite(&company, "rita@vestas.example", "VIEWER"));
    assert_eq!(tally(&replies), counts([("201", 20)]));
    assert_eq!(app.database.rows("invitations"), 1);
    let joined: Vec<_> = replies.iter().map(|reply| app.join(&text(&reply.data(201)["token"]))).collect();
    assert_eq!(tally(&joined), counts([("201", 1), ("404 not_found", 19)]));
}

#[test]
fn who_registers_while_they_are_invited_joins_nothing_unasked() {
    let app = App::start();
    let company = app.company("vestas");
    for round in 0..10 {
        let email = format!("{round}@technicians.example");
        let register = json!({
            "email": email, "password": PASSWORD, "role": "TECHNICIAN", "fullName": "T", "country": "DK",
        });
        let replies = at_once(2, |number| match number {
            0 => app.post("/api/auth/register").json(&register).send(),
            _ => app.invite(&company, &email, "VIEWER"),
        });
        assert_eq!(outcome(&replies[0]), "201");
        let invited = outcome(&replies[1]);
        assert!(["201", "409 already_member"].contains(&invited.as_str()), "{invited}");
    }
}
