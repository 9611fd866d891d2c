//! The foundation as a client sees it: a real server with made-up routes.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
};

use actix_web::web::{self, Data};
use repower_domain::{
    accounts::{Actor, Permission},
    ids::JobId,
    values::Title,
};
use repower_ports::operation::{NotReady, PoolProbe, PoolState, ReadinessProbe};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use validator::Validate;

use super::{input::Required, *};
use crate::{
    openapi::{Operation, Tag},
    server::{Api, Running, bind},
};

const ID: &str = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11";

#[derive(Debug, Deserialize, Validate)]
#[validate(nest_all_fields)]
struct ThingBody {
    title: Required<Title>,
}

fn told() -> Operation {
    Operation::new(Tag::Operation, "told", "", "")
}

const ROUTES: &[Route] = &[
    Route::post("/things/{id}", || web::to(make), told),
    Route::get("/things/{id}", || web::to(show), told),
    Route::get("/things/me", || web::to(mine), told),
    Route::get("/public", || web::to(public), told),
    Route::delete("/panics/here", || web::to(panic_here), told),
    Route::get("/panics/there", || web::to(panic_there), told),
];

async fn make(caller: Caller, id: PathId<JobId>, body: Body<ThingBody>) -> Answer {
    let work = move |_: &Actor| {
        let body = body.parse()?;
        id.parse()?;
        Ok(Success::created("Made", body.title.get()?.as_str()))
    };
    caller.run(Permission::OwnPassport, work).await
}

async fn show(caller: Caller, id: PathId<JobId>) -> Answer {
    let shown = move |actor: Option<&_>| Ok(Success::of("Shown", json!([id.parse()?.to_string(), actor.is_some()])));
    caller.run_or_page(&IfNoneMatch::default(), shown).await
}

async fn mine(caller: Caller) -> Answer {
    caller.run_any(|actor| Ok(Success::of("Mine", actor.role().as_str()))).await
}

async fn public(public: Public, known: IfNoneMatch) -> Answer {
    public.page(&known, || Ok(Success::of("Public", ()).cache_control("public, max-age=5"))).await
}

async fn panic_here() -> Answer {
    panic!("a bug in a handler")
}

async fn panic_there(public: Public) -> Answer {
    public.run(|| panic!("a bug in a use case")).await
}

struct Someone;

impl Identify for Someone {
    fn actor(&self, token: &str) -> Result<Actor, ApiError> {
        let user_id = Uuid::nil().into();
        match token {
            "technician" => Ok(Actor::Technician { user_id, technician_id: Uuid::nil().into() }),
            "admin" => Ok(Actor::SuperAdmin { user_id }),
            _ => Err(ApiError::unauthenticated()),
        }
    }
}

impl ReadinessProbe for Someone {
    fn check(&self) -> Result<(), NotReady> {
        Err(NotReady::MigrationsPending(2))
    }
}

impl PoolProbe for Someone {
    fn state(&self) -> PoolState {
        PoolState { max: 2, idle: 1, in_use: 0, waiting: 0, refused: 0 }
    }
}

fn server(cors: Cors) -> Running {
    let lanes = Lanes::new(2, 2, 100).unwrap();
    let (pool, pages): (Arc<dyn PoolProbe>, _) = (Arc::new(Someone), Pages::new(1 << 20));
    let connections = Arc::new(Connections::new(100));
    let metrics = Data::new(Metrics::new(&lanes, &pool, &pages, &connections, None).unwrap());
    let repeats = idempotency::tests::in_memory();
    let gate = Data::new(Gate::new(Arc::new(Someone), lanes, pages, repeats, TrustedProxies::default()));
    let health = Data::new(health::Health::new(Arc::new(Someone)));
    let api =
        Api { gate, health, metrics, connections, cors, routes: ROUTES.iter().collect(), services: Arc::new(|_| ()) };
    bind(api, SocketAddr::from(([127, 0, 0, 1], 0)), Some(1)).unwrap().start()
}

/// What came back: the status, the head in lower case, and the rest.
struct Reply(u16, String, String);

impl Reply {
    fn code(&self) -> (u16, String) {
        let body: Value = serde_json::from_str(&self.2).unwrap();
        assert_eq!(body.get("success"), Some(&json!(false)));
        (self.0, body.get("code").unwrap().as_str().unwrap().to_owned())
    }

    fn has(&self, header: &str) -> bool {
        self.1.lines().any(|line| line == header.to_ascii_lowercase())
    }
}

fn ask(server: &Running, head: &str, body: &str) -> Reply {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let head = head.replace('\n', "\r\n");
    let framing = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    write!(stream, "{head}\r\nHost: x\r\nConnection: close\r\n{framing}\r\n{body}").unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).unwrap();
    let (head, body) = all.split_once("\r\n\r\n").unwrap();
    Reply(head[9..12].parse().unwrap(), head.to_ascii_lowercase(), body.to_owned())
}

fn get(server: &Running, path: &str) -> Reply {
    ask(server, &format!("GET {path} HTTP/1.1"), "")
}

/// A POST by a technician who sends JSON.
fn post(server: &Running, path: &str, body: &str) -> Reply {
    let head = format!(
        "POST {path} HTTP/1.1\nAuthorization: bearer technician\nContent-Type: application/json; charset=utf-8"
    );
    ask(server, &head, body)
}

#[test]
fn every_answer_is_in_the_envelope_with_the_headers_of_all() {
    let server = server(Cors::Any);
    let shown = get(&server, &format!("/things/{ID}/"));
    assert_eq!(
        (shown.0, shown.2.as_str()),
        (200, format!(r#"{{"success":true,"message":"Shown","data":["{ID}",false]}}"#).as_str())
    );
    for reply in [shown, get(&server, "/nowhere"), get(&server, "/panics/there")] {
        for header in [
            "X-Content-Type-Options: nosniff",
            "Cache-Control: no-store",
            "Content-Type: application/json",
            "Access-Control-Allow-Origin: *",
        ] {
            assert!(reply.has(header), "{header}\n{}", reply.1);
        }
        assert!(reply.1.contains("x-request-id: "));
    }
    let named = ask(&server, "GET /public HTTP/1.1\nX-Request-Id: me-1", "");
    assert!(named.has("X-Request-Id: me-1") && named.has("Cache-Control: public, max-age=5"));
    server.stop().unwrap();
}

#[test]
fn an_unknown_route_and_a_wrong_method_are_told() {
    let server = server(Cors::Any);
    let unknown = get(&server, "/nowhere/x/?q=secret");
    assert_eq!(unknown.code(), (404, "route_not_found".into()));
    assert!(unknown.2.contains(r#""message":"Route /nowhere/x not found""#), "{}", unknown.2);
    let refused = ask(&server, &format!("PUT /things/{ID} HTTP/1.1"), "");
    assert_eq!(refused.code(), (405, "method_not_allowed".into()));
    assert!(refused.has("Allow: POST, GET, HEAD"), "{}", refused.1);
    assert_eq!(ask(&server, "OPTIONS /public HTTP/1.1", "").0, 405);
    server.stop().unwrap();
}

#[test]
fn a_literal_path_goes_before_one_with_an_id() {
    let server = server(Cors::Any);
    assert_eq!(get(&server, "/things/me").0, 401);
    let mine = ask(&server, "GET /things/me HTTP/1.1\nAuthorization: Bearer admin", "");
    assert!(mine.2.contains("SUPER_ADMIN"));
    server.stop().unwrap();
}

#[test]
fn head_is_get_without_the_body() {
    let server = server(Cors::Any);
    let head = ask(&server, "HEAD /public HTTP/1.1", "");
    assert_eq!((head.0, head.2.as_str()), (200, ""));
    let body = get(&server, "/public").2;
    assert!(head.has(&format!("Content-Length: {}", body.len())) && head.1.contains("etag: \""));
    server.stop().unwrap();
}

#[test]
fn the_checks_come_in_the_order_of_the_contract() {
    let server = server(Cors::Any);
    let huge = format!(r#"{{"title": "{}"}}"#, "x".repeat(MAX_BODY_BYTES));
    let by = |who: &str, kind: &str, path: &str, body: &str| {
        let head = format!("POST {path} HTTP/1.1\nAuthorization: {who}\nContent-Type: {kind}");
        ask(&server, &head, body).code()
    };
    let told = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(by("Bearer wrong", "text/plain", "/things/5?x=1", &huge), told(413, "payload_too_large"));
    assert_eq!(by("Bearer wrong", "text/plain", "/things/5?x=1", "{"), told(401, "unauthenticated"));
    assert_eq!(by("Bearer admin", "text/plain", "/things/5?x=1", "{"), told(403, "forbidden"));
    assert_eq!(by("Bearer technician", "text/plain", "/things/5", "{"), told(415, "unsupported_media_type"));
    assert_eq!(by("Bearer technician", "application/json", "/things/5", "{"), told(400, "malformed_json"));
    assert_eq!(by("Bearer technician", "application/json", "/things/5", "{}"), told(400, "validation_failed"));
    assert_eq!(by("Bearer technician", "application/json", "/things/5", r#"{"title": "x"}"#), told(404, "not_found"));
    assert_eq!(post(&server, &format!("/things/{ID}"), r#"{"title": " x "}"#).0, 201);
    server.stop().unwrap();
}

#[test]
fn a_body_needs_its_type_and_an_empty_one_is_malformed() {
    let server = server(Cors::Any);
    let undeclared = |body: &str| {
        ask(&server, &format!("POST /things/{ID} HTTP/1.1\nAuthorization: Bearer technician"), body).code()
    };
    assert_eq!(undeclared("{}"), (415, "unsupported_media_type".into()));
    assert_eq!(undeclared(""), (400, "malformed_json".into()));
    server.stop().unwrap();
}

#[test]
fn a_route_that_takes_no_parameters_refuses_them_by_name() {
    let server = server(Cors::Any);
    let refused = get(&server, "/public?page=2&empty=");
    assert_eq!(refused.code(), (400, "validation_failed".into()));
    assert!(refused.2.contains(r#""details":[{"field":"page","code":"unknown_field""#), "{}", refused.2);
    assert_eq!(get(&server, "/public?empty=").0, 200);
    server.stop().unwrap();
}

#[test]
fn only_one_bearer_token_is_a_token() {
    let server = server(Cors::Any);
    for wrong in [
        "",
        "Bearer",
        "Bearer ",
        "technician",
        "Basic technician",
        "Bearer technician x",
        "Bearer,technician",
        "Bearer technician\nAuthorization: Bearer technician",
    ] {
        let reply = ask(&server, &format!("GET /things/{ID} HTTP/1.1\nAuthorization: {wrong}"), "");
        assert_eq!(reply.code(), (401, "unauthenticated".into()), "{wrong}");
        assert!(reply.has("WWW-Authenticate: Bearer"));
    }
    let signed_in = ask(&server, &format!("GET /things/{ID} HTTP/1.1\nAuthorization: BEARER  technician"), "");
    assert!(signed_in.2.contains("true"));
    assert_eq!(get(&server, "/things/%00").code(), (404, "not_found".into()));
    server.stop().unwrap();
}

#[test]
fn a_panic_is_internal_and_the_connection_survives_it() {
    let server = server(Cors::Any);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    for line in ["DELETE /panics/here", "GET /panics/there", "GET /public"] {
        write!(stream, "{line} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    }
    write!(stream, "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).unwrap();
    let statuses: Vec<_> =
        all.lines().filter_map(|line| line.split_once("HTTP/1.1 ")).map(|(_, rest)| &rest[..3]).collect();
    assert_eq!(statuses, ["500", "500", "200", "404"]);
    assert!(all.contains(r#""code":"internal""#) && !all.contains("a bug"));
    server.stop().unwrap();
}

#[test]
fn a_preflight_names_what_is_allowed() {
    let server = server(Cors::Any);
    let asked = "OPTIONS /things/5 HTTP/1.1\nOrigin: https://a.example\nAccess-Control-Request-Method: PATCH";
    let reply = ask(&server, asked, "");
    assert_eq!(reply.0, 204);
    for header in [
        "Access-Control-Allow-Origin: *",
        "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers: Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-Id",
    ] {
        assert!(reply.has(header), "{header}\n{}", reply.1);
    }
    assert!(
        get(&server, "/nowhere")
            .has("Access-Control-Expose-Headers: ETag, Retry-After, X-Request-Id, Idempotency-Replayed")
    );
    server.stop().unwrap();
}

#[test]
fn allowed_origins_are_answered_by_name_and_others_are_not() {
    let server = server(Cors::Only(["https://a.example".to_owned()].into()));
    let from = |origin: &str| ask(&server, &format!("GET /nowhere HTTP/1.1\nOrigin: {origin}"), "");
    let (allowed, other) = (from("https://a.example"), from("https://b.example"));
    assert!(allowed.has("Access-Control-Allow-Origin: https://a.example") && allowed.has("Vary: Origin"));
    assert!(!other.1.contains("access-control-allow-origin") && other.has("Vary: Origin"));
    server.stop().unwrap();
}

#[test]
fn readiness_says_which_of_the_two_failed() {
    let server = server(Cors::Any);
    assert_eq!(get(&server, "/health/live").0, 200);
    let ready = get(&server, "/health/ready");
    assert_eq!(ready.code(), (503, "database_unavailable".into()));
    assert!(ready.2.contains(r#""migrations":"pending""#) && ready.has("Retry-After: 1"), "{}", ready.2);
    server.stop().unwrap();
}
