use serde_json::{Value, json};

use crate::support::{App, PASSWORD, Person, Request};

const ME: &str = "/api/technicians/me";

fn patch(app: &App, technician: &Person) -> Request {
    app.patch(ME).bearer(&technician.token)
}

#[test]
fn invalid_json_is_rejected_and_nothing_is_stored() {
    let app = App::start();
    let technician = app.technician("tanja");
    let before = app.database.contents();
    let texts: [&[u8]; 21] = [
        b"",
        b" \n",
        b"{",
        b"}",
        b"{\"bio\":}",
        b"{'bio': \"x\"}",
        b"{bio: \"x\"}",
        b"{\"bio\": \"x\",}",
        b"{\"bio\": \"x\"} {}",
        b"{\"bio\": \"x\"}x",
        b"nul",
        b"True",
        b"{\"bio\": NaN}",
        b"{\"yearsExperience\": 01}",
        b"{\"yearsExperience\": +1}",
        b"{\"yearsExperience\": .5}",
        b"{\"bio\": \"\xff\xfe\"}",
        b"{\"bio\": \"\xc3\"}",
        b"{\"bio\": \"a\x00b\"}",
        b"{\"bio\": \"a\nb\"}",
        b"{\"bio\": \"\\ud800\"}",
    ];
    for text in texts {
        for reply in [patch(&app, &technician).raw(text).send(), app.post("/api/auth/register").raw(text).send()] {
            let shown = String::from_utf8_lossy(text);
            assert_eq!(reply.code(400), "malformed_json", "{shown}");
            assert_eq!(reply.body()["details"], Value::Null, "{shown}");
        }
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn an_empty_body_is_malformed_json_with_or_without_a_content_type() {
    let app = App::start();
    let technician = app.technician("tanja");
    assert_eq!(patch(&app, &technician).send().code(400), "malformed_json");
    assert_eq!(patch(&app, &technician).raw("").send().code(400), "malformed_json");
}

#[test]
fn deeply_nested_json_is_rejected_and_the_server_continues() {
    let app = App::start();
    let technician = app.technician("tanja");
    for (open, close) in [("[", "]"), ("{\"bio\":", "}")] {
        for depth in [200, 10_000, 30_000] {
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            assert_eq!(patch(&app, &technician).raw(deep).send().code(400), "malformed_json", "{open} {depth}");
        }
    }
    let shallow = json!({"bio": [[[{}]]]});
    assert_eq!(patch(&app, &technician).json(&shallow).send().fields(), ["bio: wrong_type"]);
    patch(&app, &technician).json(&json!({"bio": "x"})).send().data(200);
}

#[test]
fn a_body_that_is_not_an_object_is_one_error_of_the_whole_body() {
    let app = App::start();
    let technician = app.technician("tanja");
    for text in ["null", "true", "5", "\"{}\"", "[]", "[{}]"] {
        for reply in [
            patch(&app, &technician).raw(text).send(),
            app.put("/api/technicians/me/skills").bearer(&technician.token).raw(text).send(),
            app.post("/api/auth/register").raw(text).send(),
            app.post("/api/auth/login").raw(text).send(),
        ] {
            assert_eq!(reply.fields(), [": wrong_type"], "{text}");
        }
    }
}

#[test]
fn a_body_has_at_most_256_kib() {
    let app = App::start();
    let technician = app.technician("tanja");
    let before = app.database.contents();
    let body = r#"{"bio": "x"}"#;
    let padded = |length: usize| [body, &" ".repeat(length - body.len())].concat();
    for length in [256 * 1024 + 1, 1024 * 1024, 3 * 1024 * 1024] {
        for reply in [
            patch(&app, &technician).raw(padded(length)).send(),
            app.post("/api/auth/login").raw(padded(length)).send(),
        ] {
            assert_eq!(reply.code(413), "payload_too_large", "{length}");
            assert_eq!(reply.body()["details"], Value::Null);
        }
    }
    assert_eq!(app.database.contents(), before);
    assert_eq!(patch(&app, &technician).raw(padded(256 * 1024)).send().data(200)["bio"], "x");
}

/// The memory of bodies is for callers with a token, and small bodies.
#[test]
fn a_large_body_with_an_invalid_token_is_unauthenticated_and_one_that_is_too_large_is_too_large() {
    let app = App::start();
    for length in [16 * 1024, 16 * 1024 + 1, 256 * 1024, 256 * 1024 + 1] {
        let body = " ".repeat(length);
        for request in [app.patch("/api/technicians/me"), app.patch("/api/technicians/me").bearer("a.b.c")] {
            let reply = request.raw(body.clone()).send();
            let expected = if length > 256 * 1024 { (413, "payload_too_large") } else { (401, "unauthenticated") };
            assert_eq!(reply.code(expected.0), expected.1, "{length}");
        }
    }
}

#[test]
fn a_chunked_body_has_the_same_limit() {
    let app = App::start();
    let chunk = [format!("{:x}\r\n", 64 * 1024).as_bytes(), &b" ".repeat(64 * 1024), b"\r\n"].concat();
    let head = "POST /api/auth/login HTTP/1.1\nContent-Type: application/json\nTransfer-Encoding: chunked";
    let chunks = |count: usize| [chunk.repeat(count), b"2\r\n{}\r\n0\r\n\r\n".to_vec()].concat();
    assert_eq!(app.wire_framed(head, &chunks(4)).code(413), "payload_too_large");
    assert_eq!(app.wire_framed(head, &chunks(3)).fields(), ["email: required", "password: required"]);
}

#[test]
fn a_body_without_the_content_type_of_json_is_rejected() {
    let app = App::start();
    let technician = app.technician("tanja");
    let before = app.database.contents();
    let body = r#"{"bio": "x"}"#;
    for media_type in [
        "text/plain",
        "text/json",
        "application/xml",
        "application/jsonx",
        "application/json-patch+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "json",
        "",
        "application/json, text/plain",
    ] {
        let reply = patch(&app, &technician).header("Content-Type", media_type).bytes(body).send();
        assert_eq!(reply.code(415), "unsupported_media_type", "{media_type}");
        assert_eq!(reply.body()["details"], Value::Null);
    }
    assert_eq!(patch(&app, &technician).bytes(body).send().code(415), "unsupported_media_type");
    assert_eq!(app.database.contents(), before);
    for media_type in ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"] {
        patch(&app, &technician).header("Content-Type", media_type).bytes(body).send().data(200);
    }
}

#[test]
fn the_content_type_is_checked_before_the_body_is_parsed() {
    let app = App::start();
    let body = json!({"email": "a@b.example", "password": PASSWORD}).to_string();
    for path in ["/api/auth/login", "/api/auth/register"] {
        assert_eq!(app.post(path).bytes(&body).send().code(415), "unsupported_media_type");
        let text = app.post(path).header("Content-Type", "text/plain");
        assert_eq!(text.bytes("{").send().code(415), "unsupported_media_type");
    }
}

#[test]
fn a_body_with_a_coding_is_rejected_with_the_one_that_is_taken() {
    let app = App::start();
    let technician = app.technician("tanja");
    let send = |coding: &str, body: &str| patch(&app, &technician).header("Content-Encoding", coding).raw(body).send();
    for coding in ["gzip", "br", "deflate", "GZIP", "identity, gzip", "x"] {
        let reply = send(coding, r#"{"bio": "x"}"#);
        assert_eq!(reply.code(415), "unsupported_media_type", "{coding}");
        assert_eq!(reply.header("Accept-Encoding"), Some("identity"), "{coding}");
    }
    send("identity", r#"{"bio": "x"}"#).data(200);
    let other = patch(&app, &technician).bytes("{}").send();
    assert_eq!((other.code(415).as_str(), other.header("Accept-Encoding")), ("unsupported_media_type", None));
}

#[test]
fn a_byte_order_mark_before_a_body_is_skipped() {
    let app = App::start();
    let technician = app.technician("tanja");
    let bio = "\u{feff}{\"bio\": \"With a mark\"}";
    assert_eq!(patch(&app, &technician).raw(bio).send().data(200)["bio"], "With a mark");
    for text in ["\u{feff}", "\u{feff}\u{feff}{}", "{}\u{feff}"] {
        assert_eq!(patch(&app, &technician).raw(text).send().code(400), "malformed_json", "{text:?}");
    }
}
