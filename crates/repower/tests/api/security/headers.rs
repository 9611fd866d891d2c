use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs,
    path::PathBuf,
};

use repower_http::Route;
use serde_json::Value;

use crate::support::{App, Reply, UNKNOWN_ID, all_routes};

const FILE: &str = "tests/api/security/headers.txt";

/// Headers of the connection of a test.
const LEFT_OUT: [&str; 2] = ["connection", "keep-alive"];

/// Groups with fewer responses are listed.
const FEW: usize = 20;

/// Headers that differ in each response.
const VOLATILE: [&str; 6] = ["content-length", "date", "etag", "last-modified", "location", "x-request-id"];

/// The headers of a response, one a line.
fn headers(reply: &Reply) -> String {
    let shown = reply.headers.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
    let lines: BTreeSet<_> = shown
        .map(|(name, value)| match name.as_str() {
            name if VOLATILE.contains(&name) => format!("{name}: …"),
            name => format!("{name}: {}", value.to_str().unwrap()),
        })
        .collect();
    lines.into_iter().fold(String::new(), |text, line| text + &line + "\n")
}

/// A successful response of each route: of its example, or of a request without a
/// token for a route that is not in the document.
fn successes(app: &App) -> BTreeMap<String, Reply> {
    let document: Value = serde_json::from_str(repower_api::json()).unwrap();
    let recorded: BTreeMap<_, _> =
        crate::openapi::recorded().replies.into_iter().rev().filter(|(_, reply)| reply.status.is_success()).collect();
    let operation = |route: &Route| {
        let method = route.method.as_str().to_ascii_lowercase();
        document["paths"][route.path][&method]["operationId"].as_str().and_then(|name| recorded.get(name)).cloned()
    };
    let success = |route: &'static Route| {
        let reply = operation(route).unwrap_or_else(|| app.wire(&format!("GET {} HTTP/1.1", route.path), b""));
        (line(route), reply)
    };
    all_routes().iter().map(success).collect()
}

/// An error of a route: the response to a request without a token and with an unknown
/// parameter. Routes that ignore parameters respond to an unknown method.
fn error(app: &App, route: &Route) -> Reply {
    let path = route.path.replace("{id}", UNKNOWN_ID);
    let send = |line: String| app.wire(&line, b"");
    let reply = send(format!("{} {path}?zap=1 HTTP/1.1", route.method));
    if reply.status.is_client_error() { reply } else { send(format!("PURGE {path} HTTP/1.1")) }
}

fn line(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

/// The file groups the responses with equal headers. The routes of the two largest
/// groups, JSON responses and 401, are not listed.
#[test]
fn the_headers_of_every_route_are_those_of_the_file() {
    let app = App::start();
    let mut groups = BTreeMap::<String, BTreeSet<String>>::new();
    let mut add = |line: &str, reply: &Reply| {
        groups.entry(headers(reply)).or_default().insert(format!("{line} {}", reply.status.as_u16()));
    };
    let successes = successes(&app);
    for route in all_routes() {
        let (success, error) = (&successes[&line(route)], error(&app, route));
        let redirects = success.status.is_redirection();
        assert!(success.status.is_success() || redirects, "{}: {success:?}", line(route));
        assert!(error.status.is_client_error(), "{}: {error:?}", line(route));
        add(&line(route), success);
        add(&line(route), &error);
    }
    let mut listed =
        String::from("# The headers of a success and an error of each route; … stands for a value that differs.\n");
    for (headers, lines) in groups {
        write!(listed, "\n{headers}").unwrap();
        if lines.len() >= FEW {
            let statuses: BTreeSet<_> = lines.iter().filter_map(|line| line.rsplit(' ').next()).collect();
            writeln!(listed, "    all other routes {}", Vec::from_iter(statuses).join(", ")).unwrap();
            continue;
        }
        for line in lines {
            writeln!(listed, "    {line}").unwrap();
        }
    }
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(FILE);
    if env::var_os("RENEW_HEADERS").is_some() {
        fs::write(file, listed).unwrap();
        return;
    }
    let committed = fs::read_to_string(file).unwrap();
    assert!(committed == listed, "{FILE} is not up to date: run `make generate`:\n{listed}");
}

#[test]
fn no_response_names_the_software_of_the_server() {
    let committed = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(FILE)).unwrap();
    for name in ["server", "x-powered-by", "via", "set-cookie", "access-control-allow-credentials"] {
        assert!(!committed.lines().any(|line| line.starts_with(&format!("{name}:"))), "{name}");
    }
}

#[test]
fn no_response_loads_resources_or_is_framed() {
    let committed = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(FILE)).unwrap();
    for group in committed.split("\n\n").skip(1) {
        let value = |name: &str| group.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let policy: Vec<_> = value("content-security-policy").unwrap_or_default().split("; ").collect();
        let is_restricted = ["default-src 'none'", "frame-ancestors 'none'"].iter().all(|part| policy.contains(part));
        assert!(is_restricted && value("referrer-policy") == Some("no-referrer"), "{group}");
    }
}

#[test]
fn trace_is_rejected_and_not_echoed() {
    let app = App::start();
    for path in ["/", "/api/jobs", "/api/users/me", "/docs"] {
        let reply = app.wire(&format!("TRACE {path} HTTP/1.1\nAuthorization: Bearer canary"), b"");
        assert!(reply.status.is_client_error() && !reply.text.contains("canary"), "{path}: {reply:?}");
    }
}
