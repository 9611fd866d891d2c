//! The permission matrix: every route, asked by everybody, about everything
//! whose state or owner matters.

mod asking;
mod callers;
mod invalidation;
mod requests;
mod table;
mod things;

use std::collections::BTreeSet;

use repower_domain::accounts::Permission;
use repower_http::Access;

use self::{
    callers::refusal,
    table::{Needs, Table},
};
use crate::support::feature_routes;

#[test]
fn the_routes_are_those_of_the_table() {
    let mut served: Vec<_> = feature_routes().map(|route| format!("{} {}", route.method, route.path)).collect();
    let entries = Table::read().entries;
    let mut known: Vec<_> = entries.iter().map(|entry| format!("{} {}", entry.method, entry.path)).collect();
    served.sort();
    known.sort();
    assert_eq!(known, served);
}

#[test]
fn every_route_is_asked_about_something_and_every_identity_is_tried_with_anothers_and_an_unknown_one() {
    for entry in Table::read().entries {
        let is_asked = |about: &str| entry.rows.iter().any(|row| row.about.contains(about));
        assert!(is_asked(""), "{} {}", entry.method, entry.path);
        if entry.names_a_thing() {
            assert!(is_asked("another") && is_asked("unknown"), "{} {}", entry.method, entry.path);
        }
    }
}

/// Who is not let in is told so whatever they ask; everybody else is let in
/// somewhere, and nobody has to prove twice who they are.
#[test]
fn the_table_says_what_the_rules_say() {
    let table = Table::read();
    for entry in &table.entries {
        for (place, sign) in table.callers.iter().enumerate() {
            let statuses: BTreeSet<_> = entry.rows.iter().map(|row| row.statuses[place]).collect();
            let line = format!("{} {} by {sign}: {statuses:?}", entry.method, entry.path);
            match refusal(entry.needs, sign) {
                Some(status) => assert_eq!(statuses, [status].into(), "{line}"),
                None => assert!(!statuses.contains(&401) && statuses != [403].into(), "{line}"),
            }
        }
    }
}

#[test]
fn the_document_tells_who_is_let_in() {
    for entry in Table::read().entries {
        let mut routes = feature_routes();
        let route = routes.find(|route| route.method == entry.method && route.path == entry.path).unwrap();
        let told = match entry.needs {
            Needs::Nothing => Access::Public,
            Needs::NoBadToken => Access::Optional,
            Needs::Token => Access::Authenticated,
            Needs::Permission(permission) => Access::Permitted(permission),
        };
        assert_eq!(route.access, told, "{} {}", entry.method, entry.path);
    }
}

#[test]
fn every_permission_is_asked_for_by_some_route() {
    let entries = Table::read().entries;
    for permission in Permission::ALL {
        let is_asked_for = entries.iter().any(|entry| entry.needs == Needs::Permission(*permission));
        assert!(is_asked_for, "{permission:?}");
    }
}
