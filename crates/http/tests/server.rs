//! Black-box tests of the crate: HTTP requests to a server with routes for the tests.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests fail like tests"
)]

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, mpsc},
    thread,
};

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::from_fn, rt::System, web::Data};
use chrono::DateTime;
use repower_domain::{
    accounts::{Actor, Permission},
    ids::JobId,
    values::Title,
};
use repower_http::{
    Access, ApiError, Authenticator, Body, BodyBudget, Caller, Cors, Created, Executors, HttpState, IfNoneMatch,
    MAX_BODY_BYTES, Metrics, NormalizePath, PathId, Public, Reply, ResponseCache, Route, Scrapers, Success,
    TrustedProxies,
    input::Required,
    log_request, mount,
    schema::{RequestSchema, ResponseSchema},
};
use repower_ports::accounts::{Bearer, TokenKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use validator::Validate;

const ID: &str = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11";

/// A body.
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[validate(nest_all_fields)]
struct ThingBody {
    title: Required<Title>,
}

/// A response.
#[derive(Debug, Serialize, ResponseSchema)]
struct ThingView {
    text: String,
    known: bool,
}

fn routes() -> Vec<Route> {
    vec![
        Route::post("/things/{id}", Permission::OwnPassport, create),
        Route::get("/things/{id}", Access::Optional, show),
        Route::get("/things/me", Access::Authenticated, own),
        Route::get("/public", Access::Public, public),
        Route::delete("/panics/here", Access::Public, panic_here),
        Route::get("/panics/there", Access::Public, panic_there),
    ]
}

async fn create(caller: Caller, id: PathId<JobId>, body: Body<ThingBody>) -> Result<Created<ThingView>, ApiError> {
    let work = move |_: &Actor| {
        let body = body.parse()?;
        id.parse()?;
        let text = body.title.get()?.to_string();
        Ok::<_, ApiError>(Created::new("Created", ThingView { text, known: true }))
    };
    caller.run(work).await
}

async fn show(caller: Caller, id: PathId<JobId>) -> Result<Success<ThingView>, ApiError> {
    let work = move |actor: Option<&Actor>| {
        let view = ThingView { text: id.parse()?.to_string(), known: actor.is_some() };
        Ok::<_, ApiError>(Success::new("Thing", view))
    };
    caller.optionally_authenticated(&IfNoneMatch::default(), None, work).await
}

async fn own(caller: Caller) -> Result<Success<ThingView>, ApiError> {
    let view = |actor: &Actor| ThingView { text: actor.role().to_string(), known: true };
    caller.run(move |actor| Ok(Success::new("Own", view(actor)))).await
}

async fn public(public: Public, known: IfNoneMatch) -> Result<Success<()>, ApiError> {
    public.cached(&known, || Ok::<_, ApiError>(Success::new("Public", ()).cache_control("public, max-age=5"))).await
}

async fn panic_here() -> Result<Success<()>, ApiError> {
    unreachable!("a defect in a handler")
}

async fn panic_there(public: Public) -> Result<Success<()>, ApiError> {
    public.cached::<_, ApiError, _>(&IfNoneMatch::default(), || unreachable!("a defect in a use case")).await
}

struct Tokens;

impl Authenticator for Tokens {
    fn verify(&self, token: &str) -> Result<Bearer, ApiError> {
        let number = ["technician", "admin"].iter().position(|known| *known == token);
        let number = number.ok_or_else(ApiError::unauthenticated)? as u128;
        Ok(Bearer { user_id: Uuid::from_u128(number).into(), token: TokenKind::Sessionless(DateTime::UNIX_EPOCH) })
    }

    fn actor(&self, &Bearer { user_id, .. }: &Bearer) -> Result<Actor, ApiError> {
        Ok(match user_id.uuid().as_u128() {
            0 => Actor::Technician { user_id, technician_id: Uuid::nil().into() },
            _ => Actor::SuperAdmin { user_id },
        })
    }

    fn count_write(&self, _: &Actor) -> Result<(), ApiError> {
        Ok(())
    }
}

/// A server on a separate thread; stopped on drop.
struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    fn start(cors: Cors) -> Self {
        let state = Data::new(HttpState {
            authenticator: Arc::new(Tokens),
            executors: Executors::new(3, None, 2, 100).unwrap(),
            cache: ResponseCache::new(1 << 20),
            proxies: TrustedProxies::default(),
            bodies: BodyBudget::default(),
        });
        let metrics = Data::new(Metrics::new(&routes(), Scrapers::Anyone).unwrap());
        let application = move || {
            App::new()
                .app_data(state.clone())
                .app_data(metrics.clone())
                .app_data(Data::new(cors.clone()))
                .configure(|config| mount(&routes(), config))
                .wrap(NormalizePath)
                .wrap(from_fn(Cors::apply))
                .wrap(from_fn(log_request))
        };
        let (started, starting) = mpsc::channel();
        let thread = thread::spawn(move || {
            System::new().block_on(async move {
                let server = HttpServer::new(application).workers(1).bind(("127.0.0.1", 0)).unwrap();
                let address = server.addrs()[0];
                let server = server.disable_signals().run();
                started.send((address, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (address, handle) = starting.recv().unwrap();
        Self { address, handle, thread: Some(thread) }
    }

    /// Sends a request: the head without its framing, and a body.
    fn send(&self, head: &str, body: &str) -> Received {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let head = head.replace('\n', "\r\n");
        let framing = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        write!(stream, "{head}\r\nHost: x\r\nConnection: close\r\n{framing}\r\n{body}").unwrap();
        let mut all = String::new();
        stream.read_to_string(&mut all).unwrap();
        let (head, body) = all.split_once("\r\n\r\n").unwrap();
        Received { status: head[9..12].parse().unwrap(), head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    fn get(&self, path: &str) -> Received {
        self.send(&format!("GET {path} HTTP/1.1"), "")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The thread ends after the command was executed.
        drop(self.handle.stop(true));
        self.thread.take().unwrap().join().expect("the server ends");
    }
}

/// A response; the head in lower case.
struct Received {
    status: u16,
    head: String,
    body: String,
}

impl Received {
    fn error(&self) -> (u16, String) {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(body["success"], false);
        (self.status, body["code"].as_str().unwrap().to_owned())
    }

    fn has(&self, header: &str) -> bool {
        self.head.lines().any(|line| line == header.to_ascii_lowercase())
    }
}

fn error(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn every_response_has_the_envelope_and_the_common_headers() {
    let server = Server::start(Cors::Any);
    let shown = server.get(&format!("/things/{ID}/"));
    let envelope = json!({"success": true, "message": "Thing", "data": {"text": ID, "known": false}});
    assert_eq!((shown.status, serde_json::from_str::<Value>(&shown.body).unwrap()), (200, envelope));
    for reply in [shown, server.get("/nowhere"), server.get("/panics/there")] {
        for header in [
            "X-Content-Type-Options: nosniff",
            "Cache-Control: no-store",
            "Content-Type: application/json",
            "Access-Control-Allow-Origin: *",
        ] {
            assert!(reply.has(header), "{header}\n{}", reply.head);
        }
        assert!(reply.head.contains("x-request-id: "));
    }
    let named = server.send("GET /public HTTP/1.1\nX-Request-Id: me-1", "");
    assert!(named.has("X-Request-Id: me-1") && named.has("Cache-Control: public, max-age=5"));
}

#[test]
fn an_unknown_path_is_404_and_another_method_of_a_path_405() {
    let server = Server::start(Cors::Any);
    let unknown = server.get("/nowhere/x/?q=secret");
    assert_eq!(unknown.error(), error(404, "route_not_found"));
    assert!(unknown.body.contains(r#""message":"Route /nowhere/x not found""#), "{}", unknown.body);
    let rejected = server.send(&format!("PUT /things/{ID} HTTP/1.1"), "");
    assert_eq!(rejected.error(), error(405, "method_not_allowed"));
    assert!(rejected.has("Allow: POST, GET, HEAD"), "{}", rejected.head);
    assert_eq!(server.send("OPTIONS /public HTTP/1.1", "").status, 405);
}

#[test]
fn a_literal_path_precedes_one_with_an_id() {
    let server = Server::start(Cors::Any);
    assert_eq!(server.get("/things/me").status, 401);
    let own = server.send("GET /things/me HTTP/1.1\nAuthorization: Bearer admin", "");
    assert!(own.body.contains("SUPER_ADMIN"));
}

#[test]
fn head_is_get_without_the_body() {
    let server = Server::start(Cors::Any);
    let head = server.send("HEAD /public HTTP/1.1", "");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let body = server.get("/public").body;
    assert!(head.has(&format!("Content-Length: {}", body.len())) && head.head.contains("etag: \""));
}

#[test]
fn the_order_of_checks_is_that_of_the_contract() {
    let server = Server::start(Cors::Any);
    let huge = format!(r#"{{"title": "{}"}}"#, "x".repeat(MAX_BODY_BYTES));
    let by = |authorization: &str, media_type: &str, path: &str, body: &str| {
        let head = format!("POST {path} HTTP/1.1\nAuthorization: {authorization}\nContent-Type: {media_type}");
        server.send(&head, body).error()
    };
    let json = "application/json; charset=utf-8";
    assert_eq!(by("Bearer wrong", "text/plain", "/things/5?x=1", &huge), error(413, "payload_too_large"));
    assert_eq!(by("Bearer wrong", "text/plain", "/things/5?x=1", "{"), error(401, "unauthenticated"));
    assert_eq!(by("Bearer admin", "text/plain", "/things/5?x=1", "{"), error(403, "forbidden"));
    assert_eq!(by("Bearer technician", "text/plain", "/things/5?x=1", "{"), error(400, "validation_failed"));
    assert_eq!(by("Bearer technician", "text/plain", "/things/5", "{"), error(415, "unsupported_media_type"));
    assert_eq!(by("Bearer technician", json, "/things/5", "{"), error(400, "malformed_json"));
    assert_eq!(by("Bearer technician", json, "/things/5", "{}"), error(400, "validation_failed"));
    assert_eq!(by("Bearer technician", json, "/things/5", r#"{"title": "x"}"#), error(404, "not_found"));
    let head = format!("POST /things/{ID} HTTP/1.1\nAuthorization: Bearer technician\nContent-Type: {json}");
    assert_eq!(server.send(&head, r#"{"title": " x "}"#).status, 201);
}

#[test]
fn a_body_needs_the_content_type_of_json_and_an_empty_one_is_malformed() {
    let server = Server::start(Cors::Any);
    let undeclared = |body: &str| {
        server.send(&format!("POST /things/{ID} HTTP/1.1\nAuthorization: Bearer technician"), body).error()
    };
    assert_eq!(undeclared("{}"), error(415, "unsupported_media_type"));
    assert_eq!(undeclared(""), error(400, "malformed_json"));
}

#[test]
fn a_route_without_parameters_rejects_them_by_name() {
    let server = Server::start(Cors::Any);
    let rejected = server.get("/public?page=2&empty=");
    assert_eq!(rejected.error(), error(400, "validation_failed"));
    assert!(rejected.body.contains(r#""details":[{"field":"page","code":"unknown_field""#), "{}", rejected.body);
    assert_eq!(server.get("/public?empty=").status, 200);
}

#[test]
fn only_exactly_one_bearer_token_is_a_token() {
    let server = Server::start(Cors::Any);
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
        let reply = server.send(&format!("GET /things/{ID} HTTP/1.1\nAuthorization: {wrong}"), "");
        assert_eq!(reply.error(), error(401, "unauthenticated"), "{wrong}");
        assert!(reply.has("WWW-Authenticate: Bearer"));
    }
    let authenticated = server.send(&format!("GET /things/{ID} HTTP/1.1\nAuthorization: BEARER  technician"), "");
    assert!(authenticated.body.contains("true"));
    assert_eq!(server.get("/things/%00").error(), error(404, "not_found"));
}

#[test]
fn a_panic_is_internal_and_the_connection_survives_it() {
    let server = Server::start(Cors::Any);
    let mut stream = TcpStream::connect(server.address).unwrap();
    for line in ["DELETE /panics/here", "GET /panics/there", "GET /public"] {
        write!(stream, "{line} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    }
    write!(stream, "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).unwrap();
    let statuses: Vec<_> =
        all.lines().filter_map(|line| line.split_once("HTTP/1.1 ")).map(|(_, rest)| &rest[..3]).collect();
    assert_eq!(statuses, ["500", "500", "200", "404"]);
    assert!(all.contains(r#""code":"internal""#) && !all.contains("a defect in"));
}

#[test]
fn a_preflight_lists_the_allowed_methods_and_headers() {
    let server = Server::start(Cors::Any);
    let preflight = "OPTIONS /things/5 HTTP/1.1\nOrigin: https://a.example\nAccess-Control-Request-Method: PATCH";
    let reply = server.send(preflight, "");
    assert_eq!(reply.status, 204);
    for header in [
        "Access-Control-Allow-Origin: *",
        "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers: Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-Id",
    ] {
        assert!(reply.has(header), "{header}\n{}", reply.head);
    }
    let exposed = "Access-Control-Expose-Headers: ETag, Retry-After, X-Request-Id, Idempotency-Replayed";
    assert!(server.get("/nowhere").has(exposed));
}

#[test]
fn only_allowed_origins_are_named() {
    let server = Server::start(Cors::Only(["https://a.example".to_owned()].into()));
    let from = |origin: &str| server.send(&format!("GET /nowhere HTTP/1.1\nOrigin: {origin}"), "");
    let (allowed, other) = (from("https://a.example"), from("https://b.example"));
    assert!(allowed.has("Access-Control-Allow-Origin: https://a.example") && allowed.has("Vary: Origin"));
    assert!(!other.head.contains("access-control-allow-origin") && other.has("Vary: Origin"));
}
