//! `GET /api/admin/companies`: the companies of the marketplace.

use serde_json::json;

use super::{get, pages};
use crate::support::{App, each};

const COMPANIES: &str = "/api/admin/companies";

#[test]
fn a_company_is_shown_as_its_members_see_it() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let changes = json!({"website": "https://vestas.example/", "description": "Blades"});
    let edited = app.patch("/api/companies/me").bearer(&company.token).json(&changes).send().data(200);
    let body = get(&app, &root, COMPANIES).body();
    assert_eq!((&body["data"], &body["meta"]), (&json!([edited]), &json!({"limit": 20, "nextCursor": null})));
}

#[test]
fn companies_are_listed_newest_first_page_by_page() {
    let app = App::start();
    let root = app.super_admin();
    for name in ["1", "2", "3", "4", "5"] {
        app.company(name);
    }
    let mut late = ["x", "y", "z"].into_iter();
    let register = || drop(app.company(late.next().unwrap()));
    assert_eq!(pages(&app, &root, COMPANIES, "name", register), [vec!["5", "4"], vec!["3", "2"], vec!["1"]]);
}

#[test]
fn companies_with_equal_timestamps_are_listed_exactly_once() {
    let app = App::start();
    let root = app.super_admin();
    for name in ["1", "2", "3", "4", "5"] {
        app.company(name);
    }
    app.database.run("UPDATE companies SET created_at = '2026-11-22T06:43:00.123456Z'");
    let mut listed = pages(&app, &root, COMPANIES, "name", || ()).concat();
    assert_eq!(listed, each(&get(&app, &root, COMPANIES).data(200), "name"));
    listed.sort();
    assert_eq!(listed, ["1", "2", "3", "4", "5"]);
}

#[test]
fn the_company_list_has_no_filters() {
    let app = App::start();
    let root = app.super_admin();
    let expected = ["q: unknown_field", "limit: wrong_type"];
    let mut fields = get(&app, &root, &format!("{COMPANIES}?q=vestas&limit=all")).fields();
    fields.sort();
    let mut expected = expected.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(fields, expected);
    assert_eq!(get(&app, &root, &format!("{COMPANIES}?cursor=x")).code(400), "invalid_cursor");
}
