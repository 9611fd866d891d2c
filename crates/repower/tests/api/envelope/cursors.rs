use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use crate::support::{App, Person};

/// Creates two rows for each list; returns a reader and the path of each.
fn lists(app: &App) -> Vec<(Person, String)> {
    let company = app.company("vestas");
    app.member(&company, CompanyRole::Viewer);
    let (tanja, anders) = (app.technician("tanja"), app.technician("anders"));
    let [job, other_job] = [(); 2].map(|()| app.open_job(&company));
    app.apply(&tanja, &job);
    app.apply(&tanja, &other_job);
    app.apply(&anders, &job);
    for body in [json!({"companyId": company.id}), json!({"companyId": company.id, "jobId": job})] {
        app.post("/api/chat/threads").bearer(&tanja.token).json(&body).send().data(201);
    }
    for email in ["ida@invited.example", "ivo@invited.example"] {
        app.invitation(&company, email, "VIEWER");
    }
    let of_company = [
        "companies/me/applications",
        "companies/me/members",
        "companies/me/invitations",
        "companies/me/jobs",
        "jobs",
        "technicians",
    ];
    let mut lists: Vec<_> = of_company.map(|path| (company.clone(), format!("/api/{path}"))).into();
    lists.extend(admin_lists(app));
    lists.push((company, format!("/api/jobs/{job}/applications")));
    lists.push((tanja.clone(), "/api/applications/me".to_owned()));
    lists.push((tanja, "/api/chat/threads".to_owned()));
    lists
}

/// Creates two rows for each list of a super admin; returns the reader and the paths.
fn admin_lists(app: &App) -> [(Person, String); 3] {
    let (root, user) = (app.super_admin(), app.company("siemens").user_id);
    for active in [false, true] {
        let path = format!("/api/admin/users/{user}");
        app.patch(&path).bearer(&root.token).json(&json!({ "active": active })).send().data(200);
    }
    ["users", "companies", "audit"].map(|list| (root.clone(), format!("/api/admin/{list}")))
}

fn cursor_of(app: &App, person: &Person, path: &str) -> String {
    let page = app.get(path).bearer(&person.token).send().body();
    page["meta"]["nextCursor"].as_str().unwrap_or_else(|| panic!("{path}: {page:#}")).to_owned()
}

#[track_caller]
fn assert_invalid(app: &App, person: &Person, path: &str) {
    let reply = app.get(path).bearer(&person.token).send();
    assert_eq!(reply.code(400), "invalid_cursor", "{path}");
    assert_eq!(reply.body()["details"], Value::Null);
}

#[test]
fn a_cursor_is_invalid_in_any_other_list() {
    let app = App::start();
    let lists = lists(&app);
    for (place, (person, path)) in lists.iter().enumerate() {
        let cursor = cursor_of(&app, person, &format!("{path}?limit=1"));
        app.get(&format!("{path}?cursor={cursor}")).bearer(&person.token).send().data(200);
        for (other, (person, path)) in lists.iter().enumerate() {
            if other != place {
                assert_invalid(&app, person, &format!("{path}?cursor={cursor}"));
            }
        }
    }
}

#[test]
fn a_malformed_cursor_is_rejected_in_every_list() {
    let app = App::start();
    for (person, path) in lists(&app) {
        let good = cursor_of(&app, &person, &format!("{path}?limit=1"));
        let cut = &good[..good.len() - 2];
        for invalid in
            ["x", "AAAA", "%F0%9F%92%A5", "a%20b", cut, &format!("{good}AA"), &good.to_lowercase(), "null", "0"]
        {
            assert_invalid(&app, &person, &format!("{path}?cursor={invalid}"));
        }
        let nul = app.get(&format!("{path}?cursor={good}%00")).bearer(&person.token).send();
        assert_eq!(nul.fields(), ["cursor: invalid_format"]);
    }
}

#[test]
fn a_cursor_is_bound_to_its_filters() {
    let app = App::start();
    let company = app.company("vestas");
    for _ in 0..2 {
        app.open_job(&company);
    }
    let cursor = cursor_of(&app, &company, "/api/jobs?limit=1&country=DK");
    for same in ["country=DK", "country=dnk", "country=Denmark&limit=5", "limit=1&country=%20dk%20&q="] {
        app.get(&format!("/api/jobs?{same}&cursor={cursor}")).send().data(200);
    }
    for other in [
        "",
        "country=SE",
        "country=DK&discipline=BLADE_REPAIR",
        "country=DK&q=x",
        "companyId=",
        "country=DK&dayRateMin=0",
    ] {
        assert_invalid(&app, &company, &format!("/api/jobs?{other}&cursor={cursor}"));
    }
    let cursor = cursor_of(&app, &company, "/api/companies/me/jobs?limit=1&status=OPEN");
    assert_invalid(&app, &company, &format!("/api/companies/me/jobs?status=DRAFT&cursor={cursor}"));
    assert_invalid(&app, &company, &format!("/api/companies/me/jobs?cursor={cursor}"));
}

#[test]
fn other_errors_of_the_query_are_reported_before_an_invalid_cursor() {
    let app = App::start();
    assert_eq!(app.get("/api/jobs?cursor=x&limit=0").send().fields(), ["limit: out_of_range"]);
    assert_eq!(app.get("/api/jobs?cursor=x&cursor=y").send().fields(), ["cursor: duplicate"]);
}
