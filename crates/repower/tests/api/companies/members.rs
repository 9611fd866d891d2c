use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::MEMBERS;
use crate::support::{App, Person, Reply, assert_id, assert_timestamp};

fn members(app: &App, person: &Person, query: &str) -> Reply {
    app.get(&format!("{MEMBERS}{query}")).bearer(&person.token).send()
}

fn emails(data: &Value) -> Vec<&str> {
    data.as_array().unwrap().iter().map(|member| member["email"].as_str().unwrap()).collect()
}

/// The members of a company, one of each role, oldest first.
fn a_company_of_four(app: &App) -> [Person; 4] {
    let admin = app.company("vestas");
    let others = [CompanyRole::Manager, CompanyRole::Recruiter, CompanyRole::Viewer];
    let [manager, recruiter, viewer] = others.map(|role| app.member(&admin, role));
    [admin, manager, recruiter, viewer]
}

#[test]
fn members_are_listed_oldest_first() {
    let app = App::start();
    let company = a_company_of_four(&app);
    let reply = members(&app, &company[0], "");
    let data = reply.data(200);
    let roles = ["ADMIN", "MANAGER", "RECRUITER", "VIEWER"];
    let expected: Vec<_> = company
        .iter()
        .zip(roles)
        .zip(data.as_array().unwrap())
        .map(|((person, role), shown)| {
            assert_id(&shown["id"]);
            assert_timestamp(&shown["createdAt"]);
            json!({
                "id": shown["id"], "userId": person.user_id, "email": person.email,
                "fullName": person.email.split('@').next(), "role": role, "createdAt": shown["createdAt"],
            })
        })
        .collect();
    let whole = json!({
        "success": true, "message": reply.body()["message"], "data": expected,
        "meta": {"limit": 20, "nextCursor": null},
    });
    assert_eq!(reply.body(), whole);
}

#[test]
fn a_cursor_continues_after_its_page_while_members_join() {
    let app = App::start();
    let company = a_company_of_four(&app);
    let expected: Vec<_> = company.iter().map(|person| person.email.as_str()).collect();
    let first = members(&app, &company[0], "?limit=2");
    assert_eq!(emails(&first.data(200)), expected[..2]);
    assert_eq!(first.body()["meta"]["limit"], 2);
    let cursor = first.body()["meta"]["nextCursor"].as_str().unwrap().to_owned();
    let last = members(&app, &company[0], &format!("?limit=2&cursor={cursor}"));
    assert_eq!(emails(&last.data(200)), expected[2..]);
    assert_eq!(last.body()["meta"], json!({"limit": 2, "nextCursor": null}));
    let late = "INSERT INTO company_members SELECT gen_random_uuid(), id, '{company}', now() FROM users \
                WHERE role = 'COMPANY_RECRUITER' AND email LIKE 'late%'";
    app.database.run(
        "INSERT INTO users (id, email, password_hash, role, tokens_valid_from, created_at, updated_at) \
         VALUES (gen_random_uuid(), 'late@members.example', 'x', 'COMPANY_RECRUITER', now(), now(), now())",
    );
    assert_eq!(app.database.run(&late.replace("{company}", &company[0].id)), 1);
    let rest = members(&app, &company[0], &format!("?limit=2&cursor={cursor}"));
    assert_eq!(emails(&rest.data(200)), expected[2..]);
    let cursor = rest.body()["meta"]["nextCursor"].as_str().unwrap().to_owned();
    let end = members(&app, &company[0], &format!("?limit=2&cursor={cursor}"));
    assert_eq!(emails(&end.data(200)), ["late@members.example"]);
}

#[test]
fn every_limit_pages_through_the_whole_list() {
    let app = App::start();
    let company = a_company_of_four(&app);
    let expected: Vec<_> = company.iter().map(|person| person.email.as_str()).collect();
    for limit in 1..=5 {
        let mut listed = Vec::new();
        let mut query = format!("?limit={limit}");
        loop {
            let page = members(&app, &company[0], &query);
            let data = page.data(200);
            assert!((1..=limit).contains(&data.as_array().unwrap().len()));
            listed.extend(emails(&data).into_iter().map(str::to_owned));
            match &page.body()["meta"]["nextCursor"] {
                Value::String(cursor) => query = format!("?limit={limit}&cursor={cursor}"),
                _ => break,
            }
        }
        assert_eq!(listed, expected, "{limit}");
    }
}

#[test]
fn members_with_equal_timestamps_are_listed_exactly_once() {
    let app = App::start();
    let company = a_company_of_four(&app);
    app.database.run("UPDATE company_members SET created_at = '2026-01-31T10:00:00Z'");
    let ids = app.database.texts("SELECT user_id::text FROM company_members ORDER BY id");
    let mut listed = Vec::new();
    let mut query = "?limit=1".to_owned();
    while listed.len() < 4 {
        let page = members(&app, &company[0], &query);
        listed.push(page.data(200)[0]["userId"].as_str().unwrap().to_owned());
        query = format!("?limit=1&cursor={}", page.body()["meta"]["nextCursor"].as_str().unwrap_or_default());
    }
    assert_eq!((listed, query.as_str()), (ids, "?limit=1&cursor="));
}

#[test]
fn a_company_sees_only_its_own_members() {
    let app = App::start();
    let company = a_company_of_four(&app);
    let other = app.company("siemens");
    assert_eq!(emails(&members(&app, &other, "").data(200)), [other.email.as_str()]);
    assert_eq!(members(&app, &company[3], "").data(200).as_array().unwrap().len(), 4);
}

#[test]
fn a_cursor_of_another_company_is_invalid() {
    let app = App::start();
    let company = a_company_of_four(&app);
    let other = app.company("siemens");
    let page = members(&app, &company[0], "?limit=1").body();
    let cursor = page["meta"]["nextCursor"].as_str().unwrap();
    assert_eq!(members(&app, &other, &format!("?cursor={cursor}")).code(400), "invalid_cursor");
}
