use repower_domain::accounts::Permission;
use repower_http::{Access, Route};

use super::routes::feature_routes;

/// The permission matrix, beside the rules of the domain.
const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../domain/src/accounts/matrix.txt"));

/// The matrix: the callers, and the status of each route for each of them.
pub(crate) struct Matrix {
    /// The signs of the callers, in the order of the columns.
    pub(crate) callers: Vec<&'static str>,
    pub(crate) entries: Vec<Entry>,
}

/// The rows of a route.
pub(crate) struct Entry {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) rows: Vec<Row>,
}

/// The statuses of a route for one resource.
pub(crate) struct Row {
    /// The state of the resource, in the words of the matrix.
    pub(crate) about: String,
    /// A status for each of the callers.
    pub(crate) statuses: Vec<u16>,
}

impl Matrix {
    pub(crate) fn read() -> Self {
        let mut lines = TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let callers: Vec<_> = lines.next().unwrap().split_whitespace().skip(1).collect();
        let mut entries = Vec::<Entry>::new();
        for line in lines {
            if line.starts_with(' ') {
                let row = Row::read(line, callers.len());
                entries.last_mut().unwrap().rows.push(row);
            } else {
                entries.push(Entry::read(line));
            }
        }
        Self { callers, entries }
    }

    /// The entries by the first segment of the path after `/api`, each to be sent to a
    /// world of its own.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &[Entry]> {
        self.entries.chunk_by(|one, next| one.part() == next.part())
    }
}

impl Entry {
    /// The row of the route table.
    pub(crate) fn route(&self) -> &'static Route {
        let is_own = |route: &&Route| route.method == self.method && route.path == self.path;
        feature_routes().find(is_own).unwrap_or_else(|| panic!("no route {} {}", self.method, self.path))
    }

    fn read(line: &'static str) -> Self {
        let words: Vec<_> = line.split_whitespace().collect();
        let [method, path, needs] = words[..] else { panic!("no route: {line}") };
        Self { method, path, access: access(needs), rows: Vec::new() }
    }

    fn part(&self) -> Option<&str> {
        self.path.split('/').nth(2)
    }

    /// Whether its path has an id.
    pub(crate) fn has_id(&self) -> bool {
        self.path.contains("{id}")
    }
}

/// The access that a word of the matrix stands for.
fn access(word: &str) -> Access {
    let is_named = |permission: &&Permission| format!("{permission:?}") == word;
    match word {
        "public" => Access::Public,
        "optional" => Access::Optional,
        "token" => Access::Token,
        "authenticated" => Access::Authenticated,
        _ => {
            Access::Permitted(*Permission::ALL.iter().find(is_named).unwrap_or_else(|| panic!("no permission: {word}")))
        }
    }
}

impl Row {
    fn read(line: &str, callers: usize) -> Self {
        let words: Vec<_> = line.split_whitespace().collect();
        let (about, statuses) = words.split_at(words.len().saturating_sub(callers));
        let statuses = statuses.iter().map(|status| status.parse().unwrap_or_else(|_| panic!("no statuses: {line}")));
        Self { about: about.join(" "), statuses: statuses.collect() }
    }
}
