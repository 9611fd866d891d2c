//! The permission matrix: the example request of every route, sent by every caller,
//! about a resource in every state that matters.

mod admission;
mod invalidation;
mod statuses;

use std::collections::BTreeSet;

use repower_domain::accounts::Permission;
use repower_http::Access;

use self::admission::rejection;
use crate::support::{Matrix, feature_routes};

#[test]
fn the_matrix_has_exactly_the_routes_of_the_route_table() {
    let mut routes: Vec<_> = feature_routes().map(|route| format!("{} {}", route.method, route.path)).collect();
    let entries = Matrix::read().entries;
    let mut known: Vec<_> = entries.iter().map(|entry| format!("{} {}", entry.method, entry.path)).collect();
    routes.sort();
    known.sort();
    assert_eq!(known, routes);
}

#[test]
fn every_path_with_an_id_has_rows_for_a_resource_of_others_and_an_unknown_one() {
    for entry in Matrix::read().entries {
        let has_row = |about: &str| entry.rows.iter().any(|row| row.about.contains(about));
        assert!(has_row(""), "{} {}", entry.method, entry.path);
        if entry.has_id() {
            assert!(has_row("another") && has_row("unknown"), "{} {}", entry.method, entry.path);
        }
    }
}

/// A rejected caller gets the same status for every resource; an admitted one never
/// 401, and not 403 everywhere.
#[test]
fn the_statuses_of_the_matrix_follow_from_the_permissions() {
    let matrix = Matrix::read();
    for entry in &matrix.entries {
        for (column, sign) in matrix.callers.iter().enumerate() {
            let statuses: BTreeSet<_> = entry.rows.iter().map(|row| row.statuses[column]).collect();
            let line = format!("{} {} by {sign}: {statuses:?}", entry.method, entry.path);
            match rejection(entry.access, sign) {
                Some(status) => assert_eq!(statuses, [status].into(), "{line}"),
                None => assert!(!statuses.contains(&401) && statuses != [403].into(), "{line}"),
            }
        }
    }
}

#[test]
fn the_access_of_the_matrix_is_that_of_the_route_table() {
    for entry in Matrix::read().entries {
        assert_eq!(entry.route().access, entry.access, "{} {}", entry.method, entry.path);
    }
}

#[test]
fn every_permission_is_that_of_some_route() {
    let entries = Matrix::read().entries;
    for permission in Permission::ALL {
        assert!(entries.iter().any(|entry| entry.access == Access::Permitted(*permission)), "{permission:?}");
    }
}
