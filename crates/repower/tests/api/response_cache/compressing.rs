use std::io::Read;

use crate::support::{App, Person, Reply, parse_wire};

/// A response with its body as it was sent.
struct Sent {
    head: Reply,
    body: Vec<u8>,
}

impl Sent {
    /// The body without its coding.
    fn text(&self) -> String {
        let (mut text, body) = (String::new(), self.body.as_slice());
        let mut decoded: Box<dyn Read> = match self.head.header("Content-Encoding") {
            None => Box::new(body),
            Some("br") => Box::new(brotli::Decompressor::new(body, 4096)),
            Some("zstd") => Box::new(zstd::Decoder::new(body).unwrap()),
            Some("gzip") => Box::new(flate2::read::GzDecoder::new(body)),
            Some(other) => panic!("{other}"),
        };
        decoded.read_to_string(&mut text).unwrap();
        text
    }
}

/// The response to a client that takes these codings.
fn get(app: &App, path: &str, codings: &str, headers: &str) -> Sent {
    let sent = format!("GET {path} HTTP/1.1\nHost: a\nConnection: close\nAccept-Encoding: {codings}\n{headers}\n");
    let received = app.wire_bytes(sent.replace('\n', "\r\n").as_bytes());
    let end = received.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    let (head, body) = received.split_at(end);
    Sent { head: parse_wire(std::str::from_utf8(head).unwrap()), body: body.to_vec() }
}

fn with_jobs() -> (App, Person) {
    let app = App::start();
    let company = app.company("vestas");
    for _ in 0..8 {
        app.open_job(&company);
    }
    (app, company)
}

#[test]
fn public_pages_and_documents_are_compressed_as_the_client_takes_them() {
    let (app, _) = with_jobs();
    for path in ["/api/jobs", "/api/openapi.json", "/docs/swagger-ui.css"] {
        let plain = get(&app, path, "identity", "");
        assert_eq!((plain.head.header("Content-Encoding"), plain.head.header("Vary")), (None, Some("Accept-Encoding")));
        let mut tags = vec![plain.head.header("ETag").unwrap().to_owned()];
        let chosen = [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip, zstd", "zstd"),
            ("gzip", "gzip"),
            ("br;q=0.1, gzip;q=0.2", "gzip"),
        ];
        for (codings, coding) in chosen {
            let sent = get(&app, path, codings, "");
            assert_eq!(sent.head.header("Content-Encoding"), Some(coding), "{path} {codings}");
            assert_eq!(sent.head.header("Vary"), Some("Accept-Encoding"));
            assert_eq!(sent.head.header("Content-Length"), Some(sent.body.len().to_string().as_str()));
            assert_eq!(sent.text(), plain.text(), "{path} {codings}");
            assert!(sent.body.len() * 2 < plain.body.len(), "{path}: {} of {}", sent.body.len(), plain.body.len());
            tags.push(sent.head.header("ETag").unwrap().to_owned());
        }
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 4, "{path}: each coding has a tag of its own");
    }
}

#[test]
fn a_client_that_has_a_compressed_response_gets_304() {
    let (app, _) = with_jobs();
    for path in ["/api/jobs", "/api/openapi.json"] {
        let tag = get(&app, path, "br", "").head.header("ETag").unwrap().to_owned();
        let again = get(&app, path, "br", &format!("If-None-Match: {tag}\n"));
        assert_eq!((again.head.status.as_u16(), again.body.len()), (304, 0));
        let names = ["ETag", "Vary", "Content-Encoding"];
        assert_eq!(names.map(|name| again.head.header(name)), [Some(tag.as_str()), Some("Accept-Encoding"), None]);
        assert_eq!(get(&app, path, "gzip", &format!("If-None-Match: {tag}\n")).head.status, 200);
    }
}

#[test]
fn small_responses_and_responses_to_a_token_are_not_compressed() {
    let (app, company) = with_jobs();
    assert_eq!(get(&app, "/api/jobs?limit=1", "br", "").head.header("Content-Encoding"), None);
    let small = get(&app, "/api/jobs?limit=1", "br, identity;q=0", "");
    assert_eq!(small.head.header("Content-Encoding"), Some("br"));
    let job = app.open_job(&company);
    let token = format!("Authorization: Bearer {}\n", company.token);
    for path in ["/api/companies/me/jobs", &format!("/api/jobs/{job}")] {
        let sent = get(&app, path, "br, gzip, identity;q=0", &token);
        assert_eq!((sent.head.status.as_u16(), sent.head.header("Content-Encoding")), (200, None), "{path}");
        assert!(!sent.head.header("Vary").unwrap_or_default().contains("Accept-Encoding"));
    }
    let public = get(&app, &format!("/api/jobs/{job}"), "br, identity;q=0", "");
    let vary: Vec<_> = public.head.headers.get_all("Vary").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!((public.head.header("Content-Encoding"), vary), (Some("br"), vec!["Authorization", "Accept-Encoding"]));
}
