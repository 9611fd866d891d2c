use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{feature_lines, line_of};
use crate::support::{App, Reply, docs_routes};

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"];

/// The methods of each path.
fn served() -> BTreeMap<String, BTreeSet<String>> {
    let mut paths = BTreeMap::<_, BTreeSet<_>>::new();
    let health = ["/health/live", "/health/ready"].map(|path| ("GET".to_owned(), path.to_owned()));
    for (method, path) in feature_lines().into_iter().chain(health).chain(docs_routes().map(line_of)) {
        let methods = paths.entry(path).or_default();
        if method == "GET" {
            methods.insert("HEAD".to_owned());
        }
        methods.insert(method);
    }
    paths
}

#[test]
fn an_unknown_route_is_named_by_its_path_without_the_query() {
    let app = App::start();
    for (line, path) in [
        ("GET /nowhere", "/nowhere"),
        ("GET /", "/"),
        ("GET /api", "/api"),
        ("GET /api/nowhere?token=secret&x=1", "/api/nowhere"),
        ("DELETE /api/jobs/1/2/3?x", "/api/jobs/1/2/3"),
        ("POST /api/technician", "/api/technician"),
        ("PURGE /api/nowhere", "/api/nowhere"),
        ("GET /api/JOBS", "/api/JOBS"),
        ("GET /a%20b/%C3%A6", "/a%20b/%C3%A6"),
        ("GET /%00", "/%00"),
        ("GET /%FF", "/%FF"),
        ("GET /\"quoted\"", "/\"quoted\""),
        ("GET /../etc/passwd", "/../etc/passwd"),
    ] {
        let reply = app.wire(&format!("{line} HTTP/1.1"), b"");
        assert_eq!(reply.status, 404, "{line}: {reply:?}");
        let whole = json!({
            "success": false, "code": "route_not_found", "message": format!("Route {path} not found"), "details": null,
        });
        assert_eq!(reply.body(), whole, "{line}");
        assert_eq!(reply.header("Content-Type"), Some("application/json"));
    }
}

#[test]
fn every_path_rejects_other_methods_and_lists_its_own() {
    let app = App::start();
    for (path, methods) in served() {
        for method in METHODS.iter().filter(|method| !methods.contains(**method)) {
            let reply = app.wire(&format!("{method} {path} HTTP/1.1"), b"");
            if *method == "HEAD" {
                assert_eq!((reply.status.as_u16(), reply.text.as_str()), (405, ""), "{path}");
            } else {
                assert_eq!(reply.code(405), "method_not_allowed", "{method} {path}");
                assert_eq!(reply.body()["details"], Value::Null);
            }
            assert_eq!(allowed(&reply), methods, "{method} {path}");
        }
    }
}

fn allowed(reply: &Reply) -> BTreeSet<String> {
    reply.header("Allow").unwrap().split(", ").map(str::to_owned).collect()
}

#[test]
fn head_returns_the_headers_of_get_without_a_body() {
    let app = App::start();
    for (path, _) in served().into_iter().filter(|(_, methods)| methods.contains("GET")) {
        let send = |method: &str| app.wire(&format!("{method} {path} HTTP/1.1"), b"");
        let (head, get) = (send("HEAD"), send("GET"));
        assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{path}");
        for header in ["Content-Type", "Content-Length", "ETag", "Cache-Control", "WWW-Authenticate", "Vary"] {
            assert_eq!(head.header(header), get.header(header), "{path} {header}");
        }
    }
    let unknown = app.wire("HEAD /nowhere HTTP/1.1", b"");
    assert_eq!((unknown.status.as_u16(), unknown.text.as_str()), (404, ""));
    let rejected = app.wire("HEAD /api/auth/login HTTP/1.1", b"");
    assert_eq!((rejected.status.as_u16(), rejected.text.as_str(), rejected.header("Allow")), (405, "", Some("POST")));
}

#[test]
fn a_trailing_slash_is_ignored() {
    let app = App::start();
    for (path, methods) in served() {
        for method in methods.iter().filter(|method| *method != "HEAD") {
            let send = |path: &str| app.wire(&format!("{method} {path} HTTP/1.1"), b"");
            let (with, without) = (send(&format!("{path}/")), send(&path));
            assert_eq!((with.status, with.text), (without.status, without.text), "{method} {path}");
        }
    }
    let technician = app.technician("tanja");
    let me = app.get("/api/technicians/me/?limit=").bearer(&technician.token).send().data(200);
    assert_eq!(me["id"], technician.id);
}

#[test]
fn a_path_with_an_empty_segment_has_no_route() {
    let app = App::start();
    let empty = |path: String| {
        let at = |place| format!("{}/{}", &path[..place], &path[place..]);
        let slashes: Vec<_> = path.match_indices('/').map(|(place, _)| at(place)).collect();
        slashes.into_iter().chain([format!("{path}//")]).collect::<Vec<_>>()
    };
    for path in served().into_keys().chain(["/metrics", "/docs"].map(str::to_owned)).flat_map(empty) {
        let reply = app.wire(&format!("GET {path}?limit=1 HTTP/1.1"), b"");
        assert_eq!(reply.code(404), "route_not_found", "{path}");
        assert_eq!(reply.body()["message"], format!("Route {path} not found"));
    }
}

#[test]
fn success_has_a_message_and_errors_have_details() {
    let app = App::start();
    let technician = app.technician("tanja");
    let success = app.get("/api/technicians/me").bearer(&technician.token).send().body();
    assert_eq!(keys(&success), ["data", "message", "success"]);
    let list = app.get("/api/jobs").send().body();
    assert_eq!(keys(&list), ["data", "message", "meta", "success"]);
    let error = app.get("/api/technicians/me").send().body();
    assert_eq!(keys(&error), ["code", "details", "message", "success"]);
    for body in [&success, &list, &error] {
        assert!(!body["message"].as_str().unwrap().is_empty());
    }
}

fn keys(body: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}
