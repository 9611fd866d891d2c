//! The rules of every route: the shape of responses, the parsing of input, the
//! order of the checks, authentication.

mod bodies;
mod cors;
mod cursors;
mod headers;
mod order;
mod queries;
mod rejected;
mod routes;
mod tokens;
mod upgrades;
mod values;

use repower_http::Route;

use crate::support::{UNKNOWN_ID, feature_routes};

/// The method of a route, and its path with an id that does not exist.
fn line_of(route: &Route) -> (String, String) {
    let path = route.path.replace("{id}", UNKNOWN_ID);
    assert!(!path.contains('{'), "{path}");
    (route.method.to_string(), path)
}

/// The methods and paths of the routes of the features.
fn feature_lines() -> Vec<(String, String)> {
    feature_routes().map(line_of).collect()
}
