use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs,
    path::PathBuf,
};

use repower_http::Route;
use serde_json::Value;

use crate::{
    openapi::recorded,
    support::{App, Reply, UNKNOWN_ID, all_routes},
};

const FILE: &str = "tests/api/security/headers.txt";

/// These tell of the connection of a test, not of the answer.
const LEFT_OUT: [&str; 2] = ["connection", "keep-alive"];

/// These are another each time.
const VOLATILE: [&str; 5] = ["content-length", "date", "etag", "last-modified", "x-request-id"];

/// The headers of an answer, one a line.
fn headers(reply: &Reply) -> String {
    let told = reply.headers.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
    let lines: BTreeSet<_> = told
        .map(|(name, value)| match name.as_str() {
            name if VOLATILE.contains(&name) => format!("{name}: …"),
            name => format!("{name}: {}", value.to_str().unwrap()),
        })
        .collect();
    lines.into_iter().fold(String::new(), |text, line| text + &line + "\n")
}

/// The answer with which a route succeeds: in the story where it is told there,
/// else to whoever asks.
fn successes(app: &App) -> BTreeMap<String, Reply> {
    let document: Value = serde_json::from_str(repower_api::json()).unwrap();
    let told: BTreeMap<_, _> =
        recorded().replies.into_iter().rev().filter(|(_, reply)| reply.status.is_success()).collect();
    let operation = |route: &Route| {
        let method = route.method.as_str().to_ascii_lowercase();
        document["paths"][route.path][&method]["operationId"].as_str().and_then(|name| told.get(name)).cloned()
    };
    let success = |route: &'static Route| {
        let reply = operation(route).unwrap_or_else(|| app.wire(&format!("GET {} HTTP/1.1", route.path), b""));
        (line(route), reply)
    };
    all_routes().iter().map(success).collect()
}

/// The answer with which a route refuses: nobody asks with a parameter that is
/// not known or, where that does no harm, in another way.
fn refusal(app: &App, route: &Route) -> Reply {
    let path = route.path.replace("{id}", UNKNOWN_ID);
    let ask = |line: String| app.wire(&line, b"");
    let reply = ask(format!("{} {path}?zap=1 HTTP/1.1", route.method));
    if reply.status.is_client_error() { reply } else { ask(format!("PURGE {path} HTTP/1.1")) }
}

fn line(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

/// Who answers with the same headers stands together.
#[test]
fn the_headers_of_every_route_are_those_of_the_file() {
    let app = App::start();
    let mut groups = BTreeMap::<String, BTreeSet<String>>::new();
    let mut tell = |line: &str, reply: &Reply| {
        groups.entry(headers(reply)).or_default().insert(format!("{line} {}", reply.status.as_u16()));
    };
    let successes = successes(&app);
    for route in all_routes() {
        let (success, refusal) = (&successes[&line(route)], refusal(&app, route));
        let redirects = success.status.is_redirection();
        assert!(success.status.is_success() || redirects, "{}: {success:?}", line(route));
        assert!(refusal.status.is_client_error(), "{}: {refusal:?}", line(route));
        tell(&line(route), success);
        tell(&line(route), &refusal);
    }
    let mut told =
        String::from("# The headers of each route's answers, one success and one refusal; … is another each time.\n");
    for (headers, lines) in groups {
        write!(told, "\n{headers}").unwrap();
        for line in lines {
            writeln!(told, "    {line}").unwrap();
        }
    }
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(FILE);
    if env::var_os("RENEW_HEADERS").is_some() {
        fs::write(file, told).unwrap();
        return;
    }
    let kept = fs::read_to_string(file).unwrap();
    assert!(kept == told, "{FILE} is not up to date: run `make generate`:\n{told}");
}

#[test]
fn no_answer_tells_what_it_was_made_with() {
    let kept = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(FILE)).unwrap();
    for name in ["server", "x-powered-by", "via", "set-cookie", "access-control-allow-credentials"] {
        assert!(!kept.lines().any(|line| line.starts_with(&format!("{name}:"))), "{name}");
    }
}

#[test]
fn as_a_page_no_answer_loads_or_frames_anything() {
    let kept = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(FILE)).unwrap();
    for group in kept.split("\n\n").skip(1) {
        let told = |name: &str| group.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let policy: Vec<_> = told("content-security-policy").unwrap_or_default().split("; ").collect();
        let is_shut = ["default-src 'none'", "frame-ancestors 'none'"].iter().all(|part| policy.contains(part));
        assert!(is_shut && told("referrer-policy") == Some("no-referrer"), "{group}");
    }
}

#[test]
fn nobody_traces() {
    let app = App::start();
    for path in ["/", "/api/jobs", "/api/users/me", "/docs"] {
        let reply = app.wire(&format!("TRACE {path} HTTP/1.1\nAuthorization: Bearer canary"), b"");
        assert!(reply.status.is_client_error() && !reply.text.contains("canary"), "{path}: {reply:?}");
    }
}
