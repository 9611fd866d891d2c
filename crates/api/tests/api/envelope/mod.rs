//! What holds for every route: the shape of answers, how input is read, the
//! order of checks, who is asking.

mod bodies;
mod cors;
mod cursors;
mod headers;
mod order;
mod queries;
mod routes;
mod tokens;
mod values;

use repower_api::{http::Route, wiring};

/// An identity that nothing has.
const NOTHING: &str = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11";

/// A request line for a route of the table: its method, and its path with an
/// identity that nothing has.
fn line_of(route: &Route) -> (String, String) {
    let path = route.path.replace("{id}", NOTHING);
    assert!(!path.contains('{'), "{path}");
    (route.method.to_string(), path)
}

/// All routes that the features serve.
fn all_routes() -> Vec<(String, String)> {
    wiring::routes().into_iter().map(line_of).collect()
}
