//! What is served where, for programs, and a page to read it and try it out. The
//! page needs nothing from any other host, and may ask none.

use std::sync::OnceLock;

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, Bytes},
};

use super::{ApiError, IfNoneMatch, Query, Route, caller::NoParameters, entity_tag};
use crate::openapi::{self, Operation, Tag};

/// What the page may load and ask: this server, and pictures within its styles.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static DOCUMENT: File = File::new("application/json", || openapi::json().as_bytes());
static PAGE: File = File::new("text/html; charset=utf-8", || include_bytes!("../../assets/docs/page.html"));
static INIT: File = File::new(SCRIPT, || include_bytes!("../../assets/docs/init.js"));
static STYLE: File = File::new(CSS, || include_bytes!("../../assets/docs/page.css"));
static ICON: File = File::new("image/svg+xml", || include_bytes!("../../assets/docs/icon.svg"));
static BUNDLE: File = File::new(SCRIPT, || include_bytes!("../../assets/swagger-ui/swagger-ui-bundle.js"));
static BUNDLE_STYLE: File = File::new(CSS, || include_bytes!("../../assets/swagger-ui/swagger-ui.css"));
static BUNDLE_LICENCE: File = File::new("text/plain; charset=utf-8", || {
    include_bytes!("../../assets/swagger-ui/swagger-ui-bundle.js.LICENSE.txt")
});

const SCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// The routes.
pub const ROUTES: &[Route] = &[
    Route::get(
        "/api/openapi.json",
        || DOCUMENT.route(),
        || {
            Operation::new(Tag::Operation, "getDocument", "This document", "OpenAPI 3.1.")
                .local()
                .conditional()
                .answers_outside_the_envelope("application/json", openapi::anything)
        },
    ),
    Route::page("/docs", || PAGE.route()),
    Route::page("/docs/init.js", || INIT.route()),
    Route::page("/docs/page.css", || STYLE.route()),
    Route::page("/docs/icon.svg", || ICON.route()),
    Route::page("/docs/swagger-ui-bundle.js", || BUNDLE.route()),
    Route::page("/docs/swagger-ui-bundle.js.LICENSE.txt", || BUNDLE_LICENCE.route()),
    Route::page("/docs/swagger-ui.css", || BUNDLE_STYLE.route()),
];

/// Bytes that stay the same as long as the program runs.
struct File {
    content_type: &'static str,
    content: fn() -> &'static [u8],
    etag: OnceLock<String>,
}

impl File {
    const fn new(content_type: &'static str, content: fn() -> &'static [u8]) -> Self {
        Self { content_type, content, etag: OnceLock::new() }
    }

    fn route(&'static self) -> actix_web::Route {
        web::to(move |query, known| std::future::ready(self.answer(&query, &known)))
    }

    /// The file, or 304 when the client has it already.
    fn answer(&self, query: &Query<NoParameters>, known: &IfNoneMatch) -> Result<HttpResponse, ApiError> {
        query.parse()?;
        let content = (self.content)();
        let etag = self.etag.get_or_init(|| entity_tag(content));
        let is_known = known.holds(etag);
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response
            .insert_header((header::ETAG, etag.as_str()))
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
            .insert_header((header::X_FRAME_OPTIONS, "DENY"));
        if is_known {
            return Ok(response.finish());
        }
        Ok(response.content_type(self.content_type).body(Bytes::from_static(content)))
    }
}
