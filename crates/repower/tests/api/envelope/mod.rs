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

use repower_http::Route;

use crate::support::{UNKNOWN_ID, feature_routes};

/// A request line for a route of the table: its method, and its path with an
/// identity that nothing has.
fn line_of(route: &Route) -> (String, String) {
    let path = route.path.replace("{id}", UNKNOWN_ID);
    assert!(!path.contains('{'), "{path}");
    (route.method.to_string(), path)
}

/// All routes that the features serve.
fn feature_lines() -> Vec<(String, String)> {
    feature_routes().map(line_of).collect()
}
