use std::sync::LazyLock;

use actix_web::web::Data;
use repower_http::{AcceptEncoding, Access, IfNoneMatch, NoParameters, Query, Route};

use super::static_file::{ServedFile, StaticFile};
use crate::error::{Error, RouteResult};

const SCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// The OpenAPI document as JSON.
pub(crate) struct Document(pub(crate) &'static LazyLock<StaticFile>);

macro_rules! pages {
    ($($path:literal, $type:ident, $file:literal;)+) => {
        vec![$({
            static FILE: StaticFile = StaticFile::new($type, include_bytes!(concat!("../../assets/", $file)));
            page($path, &FILE)
        }),+]
    };
}

/// The routes of the document and its page. The document describes the first only.
pub(super) fn routes() -> Vec<Route> {
    let document = Route::get("/api/openapi.json", Access::Public, document)
        .named("getDocument", "This document")
        .about("OpenAPI 3.1.");
    let pages = pages! {
        "/docs", HTML, "docs/page.html";
        "/docs/init.js", SCRIPT, "docs/init.js";
        "/docs/page.css", CSS, "docs/page.css";
        "/docs/icon.svg", SVG, "docs/icon.svg";
        "/docs/swagger-ui-bundle.js", SCRIPT, "swagger-ui/swagger-ui-bundle.js";
        "/docs/swagger-ui-bundle.js.LICENSE.txt", TEXT, "swagger-ui/swagger-ui-bundle.js.LICENSE.txt";
        "/docs/swagger-ui.css", CSS, "swagger-ui/swagger-ui.css";
    };
    [vec![document], pages].concat()
}

async fn document(
    query: Query<NoParameters>,
    known: IfNoneMatch,
    accepted: AcceptEncoding,
    document: Data<Document>,
) -> RouteResult<ServedFile> {
    query.parse()?;
    Ok(document.0.serve(&known, accepted).await)
}

fn page(path: &'static str, file: &'static StaticFile) -> Route {
    let serve = move |query: Query<NoParameters>, known: IfNoneMatch, accepted: AcceptEncoding| async move {
        query.parse().map_err(Error::from)?;
        Ok::<_, Error>(file.serve(&known, accepted).await)
    };
    Route::get(path, Access::Public, serve)
}
