use serde_json::json;

use crate::support::{App, PASSWORD, Reply};

const LIMITS: [(&str, &str); 2] = [("RATE_LIMIT_ENABLED", "true"), ("RATE_LIMIT_LOGIN_ADDRESS", "3")];
const PROXIES: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.0/8");

/// The headers beside `X-Forwarded-For` that clients and proxies use for a client
/// address.
const OTHER_HEADERS: [&str; 10] = [
    "Forwarded",
    "X-Real-IP",
    "X-Client-IP",
    "Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "X-Cluster-Client-IP",
    "X-Originating-IP",
    "X-Remote-Addr",
    "Fastly-Client-IP",
];

fn fail(app: &App, number: usize, headers: &[(&str, String)]) -> Reply {
    let body = json!({"email": format!("{number}@technicians.example"), "password": "wrong horse"});
    let request = app.post("/api/auth/login").json(&body);
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send()
}

/// Asserts that the fourth failure is rejected although the headers of each name
/// another client address.
#[track_caller]
fn assert_one_client(app: &App, headers: impl Fn(usize) -> Vec<(&'static str, String)>) {
    app.database.run("DELETE FROM throttle_windows");
    let statuses: Vec<_> = (0..5).map(|number| fail(app, number, &headers(number)).status.as_u16()).collect();
    assert_eq!(statuses, [401, 401, 401, 429, 429], "{:?}", headers(0));
}

fn other_address(header: &str, number: usize) -> String {
    if header == "Forwarded" { format!("for=198.51.100.{number}") } else { format!("198.51.100.{number}") }
}

#[test]
fn a_client_cannot_choose_its_address_by_headers() {
    let alone = App::start_with(&LIMITS);
    assert_one_client(&alone, |number| vec![("X-Forwarded-For", other_address("", number))]);
    for app in [alone, App::start_with(&[LIMITS[0], LIMITS[1], PROXIES])] {
        for header in OTHER_HEADERS {
            assert_one_client(&app, |number| vec![(header, other_address(header, number))]);
        }
        assert_one_client(&app, |number| OTHER_HEADERS.map(|header| (header, other_address(header, number))).to_vec());
    }
}

/// The proxy appends the address of its peer to the header of the client.
#[test]
fn behind_a_proxy_the_entries_of_the_client_are_ignored() {
    let app = App::start_with(&[LIMITS[0], LIMITS[1], PROXIES]);
    assert_one_client(&app, |number| vec![("X-Forwarded-For", format!("198.51.100.{number}, 203.0.113.9"))]);
    assert_one_client(&app, |number| vec![("X-Forwarded-For", format!("10.0.0.{number}, 203.0.113.9, 10.9.9.9"))]);
    assert_one_client(&app, |number| {
        vec![("X-Forwarded-For", format!("198.51.100.{number}")), ("X-Forwarded-For", "203.0.113.9".to_owned())]
    });
    assert_one_client(&app, |number| vec![("X-Forwarded-For", format!("2001:db8:0:0:{number}::"))]);
}

#[test]
fn headers_do_not_override_method_path_host_or_user() {
    let app = App::start();
    let person = app.technician("tanja");
    let before = app.database.contents();
    let headers = [
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-HTTP-Method", "PATCH"),
        ("X-Method-Override", "PUT"),
        ("X-Original-URL", "/api/admin/users"),
        ("X-Rewrite-URL", "/api/admin/users"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "gopher"),
        ("X-User-Id", "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11"),
        ("X-Role", "SUPER_ADMIN"),
    ];
    for (name, value) in headers {
        let reply = app.get("/api/technicians/me").bearer(&person.token).header(name, value).send();
        assert_eq!(reply.data(200)["id"], person.id, "{name}");
        assert!(!format!("{:?} {}", reply.headers, reply.text).contains("evil.example"));
    }
    assert_eq!(app.database.contents(), before);
    for (name, value) in headers {
        let body = json!({"email": person.email, "password": PASSWORD});
        let login = app.post("/api/auth/login").header(name, value).json(&body).send().data(200);
        assert_eq!(
            (&login["user"]["email"], &login["user"]["role"]),
            (&json!(person.email), &json!("TECHNICIAN")),
            "{name}"
        );
    }
}
