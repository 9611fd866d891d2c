use std::collections::BTreeSet;

use super::statuses::status;
use crate::support::{Entry, Matrix, Row, World, feature_routes};

/// The tables that cached responses are made of.
const CACHED: [&str; 2] = ["jobs", "companies"];

/// Their rows, without the column that no response shows.
fn cached(world: &World) -> Vec<String> {
    let rows = |table| format!("SELECT (to_jsonb({table}) - 'team_revision')::text FROM {table} ORDER BY 1");
    CACHED.iter().flat_map(|table| world.app().database.texts(&rows(table))).collect()
}

fn invalidations(world: &World) -> String {
    let metrics = world.app().get("/metrics").send().text;
    let name = "repower_response_cache_invalidations_total ";
    metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned()
}

/// Whether an admitted request changed cached data, and whether it invalidated
/// the cache.
fn effect(world: &World, matrix: &Matrix, entry: &Entry, row: &Row) -> Option<(bool, bool)> {
    let column = row.statuses.iter().position(|status| *status < 400)?;
    let example = world.example(entry.route(), &row.about);
    let before = (cached(world), invalidations(world));
    let reply = example.request(world, world.callers.by_sign(matrix.callers[column])).send();
    assert_eq!(status(&reply), row.statuses[column], "{} {}", entry.method, entry.path);
    Some((before.0 != cached(world), before.1 != invalidations(world)))
}

#[test]
fn the_routes_that_change_cached_responses_invalidate_them_and_no_others() {
    let matrix = Matrix::read();
    let (mut changing, mut invalidating) = (BTreeSet::new(), BTreeSet::new());
    for part in matrix.parts() {
        let world = World::new();
        for entry in part.iter().filter(|entry| entry.method != "GET") {
            for (changed, invalidated) in entry.rows.iter().filter_map(|row| effect(&world, &matrix, entry, row)) {
                let route = (entry.method.to_owned(), entry.path.to_owned());
                assert!(!changed || invalidated, "{route:?} changes cached responses and does not invalidate them");
                changing.extend(changed.then(|| route.clone()));
                invalidating.extend(invalidated.then_some(route));
            }
        }
    }
    assert_eq!(invalidating, changing);
    let declared = feature_routes().filter(|route| route.invalidates_cache);
    assert_eq!(changing, declared.map(|route| (route.method.to_string(), route.path.to_owned())).collect());
}
