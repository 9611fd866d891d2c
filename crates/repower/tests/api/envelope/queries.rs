use crate::support::{App, Reply};

#[test]
fn the_limit_of_a_list_is_1_to_100_and_20_by_default() {
    let app = App::start();
    let company = app.company("vestas");
    let list =
        |path: &str, limit: &str| -> Reply { app.get(&format!("{path}?limit={limit}")).bearer(&company.token).send() };
    for path in ["/api/companies/me/members", "/api/companies/me/jobs", "/api/jobs", "/api/chat/threads"] {
        for (limit, expected) in [("1", 1), ("100", 100), ("", 20), ("7.0", 7), ("%20", 20)] {
            assert_eq!(list(path, limit).body()["meta"]["limit"], expected, "{path} {limit}");
        }
        for limit in ["0", "101", "-1", "1e3", "99999999999999999999"] {
            assert_eq!(list(path, limit).fields(), ["limit: out_of_range"], "{path} {limit}");
        }
        for limit in ["abc", "5.5", "1,2", "null", "0x10"] {
            assert_eq!(list(path, limit).fields(), ["limit: wrong_type"], "{path} {limit}");
        }
        for limit in ["%00", "%FF", "5%00"] {
            assert_eq!(list(path, limit).fields(), ["limit: invalid_format"], "{path} {limit}");
        }
    }
}

#[test]
fn an_unknown_parameter_is_rejected_by_its_name() {
    let app = App::start();
    let technician = app.technician("tanja");
    let get = |path: &str| app.get(path).bearer(&technician.token).send();
    for (path, expected) in [
        ("/api/jobs?page=2", "page"),
        ("/api/jobs?Limit=2", "Limit"),
        ("/api/jobs?limit%00=2", "limit\u{0}"),
        ("/api/technicians/me?fields=id", "fields"),
        ("/api/technicians/me/passport?x=%FF", "x"),
        ("/api/applications/me?sort=asc", "sort"),
        ("/health/live?x=1", "x"),
        ("/health/ready?x=1", "x"),
    ] {
        assert_eq!(get(path).fields(), [format!("{expected}: unknown_field")], "{path}");
    }
}

#[test]
fn writing_routes_reject_parameters_and_store_nothing() {
    let app = App::start();
    let technician = app.technician("tanja");
    let before = app.database.contents();
    let body = serde_json::json!({"bio": "x"});
    let patched = app.patch("/api/technicians/me?dry=true").bearer(&technician.token).json(&body).send();
    assert_eq!(patched.fields(), ["dry: unknown_field"]);
    let registered = app.post("/api/auth/register?role=TECHNICIAN").json(&serde_json::json!({
        "email": "new@technicians.example", "password": "correct horse", "role": "TECHNICIAN", "fullName": "N",
        "country": "DK",
    }));
    assert_eq!(registered.send().fields(), ["role: unknown_field"]);
    assert_eq!(app.database.contents(), before);
}

#[test]
fn a_parameter_without_a_value_counts_as_absent() {
    let app = App::start();
    let technician = app.technician("tanja");
    for path in [
        "/api/jobs?",
        "/api/jobs?limit=&cursor=&q=&discipline=&companyId=",
        "/api/jobs?&&limit",
        "/api/jobs?unknown=",
        "/api/technicians/me?x=",
    ] {
        assert!(app.get(path).bearer(&technician.token).send().status.is_success(), "{path}");
    }
}

#[test]
fn a_repeated_parameter_is_rejected() {
    let app = App::start();
    assert_eq!(app.get("/api/jobs?limit=5&limit=5").send().fields(), ["limit: duplicate"]);
    let wrong = app.get("/api/jobs?limit=0&country=XX&country=DK&discipline=X&zap=1").send();
    let expected = ["discipline: not_allowed", "country: duplicate", "limit: out_of_range", "zap: unknown_field"];
    assert_eq!(wrong.fields(), expected);
}

#[test]
fn all_errors_of_the_parameters_are_returned_together() {
    let app = App::start();
    let query = "discipline=x&country=Atlantis&location=a%00b&contractType=5&startDateFrom=soon&dayRateMin=-1\
                 &dayRateMax=5.5&currency=euro&companyId=5&q=%FF&limit=abc";
    let expected = [
        "discipline: not_allowed",
        "country: not_allowed",
        "location: invalid_format",
        "contractType: not_allowed",
        "startDateFrom: invalid_format",
        "dayRateMin: out_of_range",
        "dayRateMax: wrong_type",
        "currency: not_allowed",
        "companyId: invalid_format",
        "q: invalid_format",
        "limit: wrong_type",
    ];
    assert_eq!(app.get(&format!("/api/jobs?{query}")).send().fields(), expected);
}
