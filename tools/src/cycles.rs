//! Cycles in a graph of files.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::PathBuf,
};

/// The imports of each file: the imported files, each with one path that names it.
pub type Imports = BTreeMap<PathBuf, BTreeMap<PathBuf, String>>;

/// An import: the importing file, the imported one, the path in the source.
pub type Import = (PathBuf, PathBuf, String);

/// For each file in a cycle, its shortest cycle; each cycle once.
#[must_use]
pub fn shortest_cycles(imports: &Imports) -> Vec<Vec<Import>> {
    let mut seen = BTreeSet::new();
    let mut cycles: Vec<_> = imports.keys().filter_map(|file| shortest_cycle(imports, file)).collect();
    cycles.sort_by_key(Vec::len);
    cycles.retain(|cycle| seen.insert(cycle.iter().map(|(file, ..)| file.clone()).collect::<BTreeSet<_>>()));
    cycles
}

/// The shortest path from a file back to itself, by breadth-first search.
fn shortest_cycle(imports: &Imports, start: &PathBuf) -> Option<Vec<Import>> {
    let mut reached = BTreeMap::<&PathBuf, Import>::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for (imported, path) in imports.get(file).into_iter().flatten() {
            if !reached.contains_key(imported) {
                reached.insert(imported, (file.clone(), imported.clone(), path.clone()));
                queue.push_back(imported);
            }
        }
    }
    let mut cycle = vec![reached.get(start)?.clone()];
    while let Some((from, ..)) = cycle.last()
        && from != start
    {
        cycle.push(reached.get(from)?.clone());
    }
    cycle.reverse();
    Some(cycle)
}
