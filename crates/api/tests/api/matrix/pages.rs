use std::collections::BTreeSet;

use super::{
    asking::PARTS,
    table::{Entry, Row, Table},
    things::World,
};

/// All that public pages show is in these; what a team's changes are known by is
/// not among it.
const SHOWN: [&str; 2] = ["jobs", "companies"];

fn shown(world: &World) -> Vec<String> {
    let rows = |table| format!("SELECT (to_jsonb({table}) - 'team_revision')::text FROM {table} ORDER BY 1");
    SHOWN.iter().flat_map(|table| world.app().database.texts(&rows(table))).collect()
}

/// How often the server has forgotten its pages.
fn changes(world: &World) -> String {
    let told = world.app().get("/metrics").send().text;
    told.lines().find_map(|line| line.strip_prefix("repower_page_changes_total ")).unwrap().to_owned()
}

/// Whether the request of somebody who is let in changed what is shown, and
/// whether the pages were forgotten.
fn effect(world: &World, table: &Table, entry: &Entry, row: &Row) -> Option<(bool, bool)> {
    let place = row.statuses.iter().position(|status| *status < 400)?;
    let asked = world.ask(entry, &row.about);
    let before = (shown(world), changes(world));
    assert_eq!(asked.by(world, table.callers[place]), row.statuses[place], "{} {}", entry.method, entry.path);
    Some((before.0 != shown(world), before.1 != changes(world)))
}

#[test]
fn pages_are_forgotten_where_a_route_changes_what_they_show_and_nowhere_else() {
    let table = Table::read();
    let (mut changing, mut forgetting) = (BTreeSet::new(), BTreeSet::new());
    for part in PARTS {
        let world = World::new();
        let is_write = |entry: &&Entry| entry.method != "GET" && entry.path.starts_with(part);
        for entry in table.entries.iter().filter(is_write) {
            for (is_changed, is_forgotten) in entry.rows.iter().filter_map(|row| effect(&world, &table, entry, row)) {
                let route = (entry.method, entry.path);
                assert!(!is_changed || is_forgotten, "{route:?} changes what pages show, and they are not forgotten");
                changing.extend(is_changed.then_some(route));
                forgetting.extend(is_forgotten.then_some(route));
            }
        }
    }
    assert_eq!(forgetting, changing);
    let expected = [
        ("PATCH", "/api/admin/jobs/{id}/status"),
        ("PATCH", "/api/companies/me"),
        ("PATCH", "/api/jobs/{id}"),
        ("PATCH", "/api/jobs/{id}/status"),
        ("POST", "/api/jobs"),
    ];
    assert_eq!(Vec::from_iter(changing), expected);
}
