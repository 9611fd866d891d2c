use std::collections::BTreeSet;

use crate::support::{App, Reply, docs_routes};

const PAGE: &str = "/docs";

/// The URLs in the attributes `src` and `href` of the page.
fn named_by(page: &str) -> BTreeSet<&str> {
    let values = ["src=\"", "href=\""].map(|attribute| page.split(attribute).skip(1));
    values.into_iter().flatten().map(|rest| rest.split('"').next().unwrap()).collect()
}

fn paths() -> impl Iterator<Item = &'static str> {
    docs_routes().map(|route| route.path)
}

fn get(app: &App, path: &str) -> Reply {
    let reply = app.get(path).send();
    assert_eq!(reply.status, 200, "{path}");
    reply
}

#[test]
fn every_file_has_its_content_type() {
    let app = App::start_without_database();
    for path in paths() {
        let (_, ending) = path.rsplit_once('.').unwrap_or_default();
        let content_type = match ending {
            "json" => "application/json",
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            "txt" => "text/plain; charset=utf-8",
            _ => "text/html; charset=utf-8",
        };
        let reply = get(&app, path);
        assert_eq!(reply.header("Content-Type"), Some(content_type), "{path}");
        assert_eq!(reply.header("X-Content-Type-Options"), Some("nosniff"), "{path}");
        assert!(!reply.text.is_empty(), "{path}");
    }
}

#[test]
fn the_page_links_to_files_of_the_server_only() {
    let app = App::start_without_database();
    let page = get(&app, PAGE).text;
    let named = named_by(&page);
    for part in ["/api/openapi.json", "/docs/init.js", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"] {
        assert!(named.contains(part), "{part}");
    }
    let served: BTreeSet<_> = paths().collect();
    assert!(named.is_subset(&served), "{named:?}");
    for path in [PAGE, "/docs/init.js", "/docs/page.css"] {
        assert!(!get(&app, path).text.contains("://"), "{path}");
    }
}

#[test]
fn the_page_has_no_inline_script_or_style() {
    let page = get(&App::start_without_database(), PAGE).text;
    assert!(!page.contains("<style") && !page.contains(" style="));
    assert!(!page.contains(" on"), "{page}");
    for script in page.split("<script").skip(1) {
        let (attributes, rest) = script.split_once('>').unwrap();
        assert!(attributes.contains(" src=") && rest.starts_with("</script>"), "{script}");
    }
}

#[test]
fn the_page_loads_from_the_server_only_and_cannot_be_framed() {
    let app = App::start_without_database();
    let page = get(&app, PAGE);
    let policy: BTreeSet<_> = page.header("Content-Security-Policy").unwrap().split("; ").collect();
    let whole = [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ];
    assert_eq!(policy, BTreeSet::from(whole));
    assert_eq!(page.header("X-Frame-Options"), Some("DENY"));
    assert_eq!(page.header("Referrer-Policy"), Some("no-referrer"));
}

#[test]
fn a_file_with_a_known_etag_is_not_sent_again() {
    let app = App::start_without_database();
    let mut tags = BTreeSet::new();
    for path in paths() {
        let first = get(&app, path);
        let tag = first.header("ETag").unwrap();
        let again = app.get(path).header("If-None-Match", tag).send();
        assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""), "{path}");
        for header in ["ETag", "Cache-Control", "Content-Security-Policy"] {
            assert_eq!(again.header(header), first.header(header), "{path} {header}");
        }
        assert_eq!(first.header("Cache-Control"), Some("no-cache"), "{path}");
        tags.insert(tag.to_owned());
    }
    assert_eq!(tags.len(), paths().count());
}

#[test]
fn other_files_and_parameters_are_rejected() {
    let app = App::start_without_database();
    for path in ["/docs/index.html", "/docs/swagger-ui.css.map", "/docs/../Cargo.toml", "/docs/%2e%2e/Cargo.toml"] {
        assert_eq!(app.wire(&format!("GET {path} HTTP/1.1"), b"").code(404), "route_not_found", "{path}");
    }
    assert_eq!(app.get("/docs?url=https://elsewhere.example/").send().fields(), ["url: unknown_field"]);
}
