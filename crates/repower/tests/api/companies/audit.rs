//! `GET /api/companies/me/audit`: what was done within the own company.

use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use crate::{
    admin::set_active,
    support::{App, Person, Reply, a_moment, an_id, each, encoded, text},
};

const AUDIT: &str = "/api/companies/me/audit";

fn get(app: &App, admin: &Person, query: &str) -> Reply {
    app.get(&format!("{AUDIT}{query}")).bearer(&admin.token).send()
}

fn actions(app: &App, admin: &Person, query: &str) -> Vec<String> {
    each(&get(app, admin, query).data(200), "action")
}

/// Does each act within a company; returns the entries that they must have, the last
/// act first.
fn act(app: &App, company: &Person) -> Vec<Value> {
    let patch = |path: &str, body: &Value| app.patch(path).bearer(&company.token).json(body).send().data(200);
    let entry = |action: &str, actor: &str, subject: (&str, &str), before: Value, after: Value| {
        json!({
            "action": action, "actorId": actor, "subjectType": subject.0, "subjectId": subject.1, "before": before,
            "after": after,
        })
    };
    let (by, email) = (company.user_id.as_str(), "new@vestas.example");
    let invited = app.invite(company, email, "VIEWER").data(201);
    let (invitation, pending) = (text(&invited["id"]), json!({"email": email, "role": "VIEWER"}));
    let joined = app.join(&text(&invited["token"])).data(201);
    let (user, member) = (text(&joined["user"]["id"]), text(&joined["membership"]["id"]));
    let revoked = text(&app.invite(company, "other@vestas.example", "ADMIN").data(201)["id"]);
    app.delete(&format!("/api/companies/me/invitations/{revoked}")).bearer(&company.token).send().data(200);
    let other = json!({"email": "other@vestas.example", "role": "ADMIN"});
    let membership = format!("/api/companies/me/members/{member}");
    patch(&membership, &json!({"role": "MANAGER"}));
    app.delete(&membership).bearer(&company.token).send().data(200);
    patch("/api/companies/me", &json!({"name": "vestas", "country": "SE", "description": "Blades"}));
    let technician = app.technician("tanja");
    let application = app.apply(&technician, &app.open_job(company));
    for status in ["OFFERED", "ACCEPTED"] {
        app.move_application(company, &application, status).data(200);
    }
    let mut entries = vec![
        entry("INVITATION_CREATED", by, ("INVITATION", &invitation), json!({}), pending.clone()),
        entry("INVITATION_ACCEPTED", &user, ("INVITATION", &invitation), pending, json!({})),
        entry("INVITATION_CREATED", by, ("INVITATION", &revoked), json!({}), other.clone()),
        entry("INVITATION_REVOKED", by, ("INVITATION", &revoked), other, json!({})),
        entry("MEMBER_ROLE_CHANGED", by, ("USER", &user), json!({"role": "VIEWER"}), json!({"role": "MANAGER"})),
        entry("MEMBER_REMOVED", by, ("USER", &user), json!({"role": "MANAGER"}), json!({})),
        entry(
            "COMPANY_EDITED",
            by,
            ("COMPANY", &company.id),
            json!({"country": "DK", "description": null}),
            json!({"country": "SE", "description": "Blades"}),
        ),
        entry(
            "ACCEPTANCE_RECORDED",
            by,
            ("APPLICATION", &application),
            json!({"status": "OFFERED"}),
            json!({"status": "ACCEPTED"}),
        ),
    ];
    entries.reverse();
    entries
}

#[test]
fn each_act_within_the_company_is_shown_newest_first_to_its_admins_and_to_no_other_company() {
    let app = App::start();
    let (company, other) = (app.company("vestas"), app.company("siemens"));
    let expected = act(&app, &company);
    let body = get(&app, &company, "").body();
    assert_eq!(body["data"].as_array().unwrap().len(), expected.len());
    for (shown, expected) in body["data"].as_array().unwrap().iter().zip(&expected) {
        let mut whole = expected.clone();
        whole["id"] = an_id(&shown["id"]);
        whole["createdAt"] = a_moment(&shown["createdAt"]);
        whole["requestId"] = json!(text(&shown["requestId"]));
        whole["callerRequestId"] = Value::Null;
        assert_eq!(*shown, whole);
    }
    assert_eq!(body["meta"], json!({"limit": 20, "nextCursor": null}));
    assert_eq!(get(&app, &other, "").data(200), json!([]));
    let root = app.super_admin();
    let all = app.get("/api/admin/audit").bearer(&root.token).send().data(200);
    assert_eq!(all, body["data"]);
}

#[test]
fn an_administrator_s_acts_on_members_and_jobs_of_the_company_are_shown_too() {
    let app = App::start();
    let (company, other, root) = (app.company("vestas"), app.company("siemens"), app.super_admin());
    let viewer = app.member(&company, CompanyRole::Viewer);
    let close = |job: &str| {
        let path = format!("/api/admin/jobs/{job}/status");
        app.patch(&path).bearer(&root.token).json(&json!({"status": "CLOSED"})).send().data(200);
    };
    close(&app.open_job(&company));
    close(&app.open_job(&other));
    set_active(&app, &root, &viewer.user_id, false).data(200);
    set_active(&app, &root, &app.technician("tanja").user_id, false).data(200);
    app.get("/api/admin/users").bearer(&root.token).send().data(200);
    let shown = get(&app, &company, "").data(200);
    assert_eq!(each(&shown, "action"), ["USER_DEACTIVATED", "JOB_CLOSED"]);
    assert_eq!(shown[0]["actorId"], root.user_id);
    assert_eq!(actions(&app, &other, ""), ["JOB_CLOSED"]);
}

#[test]
fn an_acceptance_by_the_technician_and_a_replay_are_no_acts_of_the_company() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let application = app.apply(&technician, &app.open_job(&company));
    app.move_application(&company, &application, "OFFERED").data(200);
    app.move_application(&technician, &application, "ACCEPTED").data(200);
    for _ in 0..2 {
        let body = json!({"email": "new@vestas.example", "role": "VIEWER"});
        let invite = app.post("/api/companies/me/invitations").bearer(&company.token).header("Idempotency-Key", "one");
        invite.json(&body).send().data(201);
    }
    assert_eq!(actions(&app, &company, ""), ["INVITATION_CREATED"]);
}

#[test]
fn the_log_of_the_company_is_filtered_and_paged_like_that_of_administration() {
    let app = App::start();
    let (company, other) = (app.company("vestas"), app.company("siemens"));
    let all: Vec<_> = act(&app, &company).iter().map(|entry| text(&entry["action"])).collect();
    act_elsewhere(&app, &other);
    for (query, count) in [
        ("?action=INVITATION_CREATED", 2),
        ("?subjectType=USER", 2),
        (&format!("?subjectId={}", company.id), 1),
        (&format!("?actorId={}", company.user_id), 7),
        (&format!("?actorId={}", other.user_id), 0),
    ] {
        assert_eq!(actions(&app, &company, query).len(), count, "{query}");
    }
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let body = get(&app, &company, &format!("?limit=3&cursor={cursor}")).body();
        paged.extend(each(&body["data"], "action"));
        let Some(next) = body["meta"]["nextCursor"].as_str() else { break };
        cursor = encoded(next);
        let foreign = get(&app, &other, &format!("?limit=3&cursor={cursor}"));
        assert_eq!(foreign.code(400), "invalid_cursor");
    }
    assert_eq!(paged, all);
    assert_eq!(get(&app, &company, "?companyId=x").fields(), ["companyId: unknown_field"]);
}

fn act_elsewhere(app: &App, company: &Person) {
    app.invitation(company, "new@siemens.example", "VIEWER");
}
