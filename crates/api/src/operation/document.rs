use std::future::ready;

use actix_web::web::Data;
use repower_http::{Access, IfNoneMatch, NoParameters, Query, Route};

use super::static_file::{ServedFile, StaticFile};
use crate::error::RouteResult;

const SCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// The OpenAPI document as JSON.
pub(crate) struct Document(pub(crate) &'static [u8]);

/// The routes of the document and its page. The document describes the first only.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/openapi.json", Access::Public, document)
            .named("getDocument", "This document")
            .about("OpenAPI 3.1."),
        page("/docs", HTML, include_bytes!("../../assets/docs/page.html")),
        page("/docs/init.js", SCRIPT, include_bytes!("../../assets/docs/init.js")),
        page("/docs/page.css", CSS, include_bytes!("../../assets/docs/page.css")),
        page("/docs/icon.svg", SVG, include_bytes!("../../assets/docs/icon.svg")),
        page("/docs/swagger-ui-bundle.js", SCRIPT, include_bytes!("../../assets/swagger-ui/swagger-ui-bundle.js")),
        page(
            "/docs/swagger-ui-bundle.js.LICENSE.txt",
            TEXT,
            include_bytes!("../../assets/swagger-ui/swagger-ui-bundle.js.LICENSE.txt"),
        ),
        page("/docs/swagger-ui.css", CSS, include_bytes!("../../assets/swagger-ui/swagger-ui.css")),
    ]
}

async fn document(query: Query<NoParameters>, known: IfNoneMatch, document: Data<Document>) -> RouteResult<ServedFile> {
    query.parse()?;
    Ok(StaticFile { content_type: "application/json", content: document.0 }.serve(&known))
}

fn page(path: &'static str, content_type: &'static str, content: &'static [u8]) -> Route {
    let file = StaticFile { content_type, content };
    Route::get(path, Access::Public, move |query: Query<NoParameters>, known: IfNoneMatch| {
        ready(query.parse().map(|NoParameters {}| file.serve(&known)))
    })
}
