use repower_domain::accounts::Permission;

/// The table that stands beside the rules of the domain.
const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../domain/src/accounts/matrix.txt"));

/// The table: who calls, and what each route answers to each of them.
pub(super) struct Table {
    /// The callers, by the signs that the columns have.
    pub(super) callers: Vec<&'static str>,
    pub(super) entries: Vec<Entry>,
}

/// A route.
pub(super) struct Entry {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) needs: Needs,
    pub(super) rows: Vec<Row>,
}

/// What a route asks of its callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: a token is not looked at.
    Nothing,
    /// No token, but one that is there must be good.
    NoBadToken,
    /// A token.
    Token,
    /// A token of a role that has this permission.
    Permission(Permission),
}

/// What a route answers about one thing.
pub(super) struct Row {
    /// The thing, in the words of the table.
    pub(super) about: String,
    /// A status for each of the callers.
    pub(super) statuses: Vec<u16>,
}

impl Table {
    pub(super) fn read() -> Self {
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
}

impl Entry {
    fn read(line: &'static str) -> Self {
        let words: Vec<_> = line.split_whitespace().collect();
        let [method, path, needs] = words[..] else { panic!("no route: {line}") };
        Self { method, path, needs: Needs::read(needs), rows: Vec::new() }
    }

    /// Whether it is about a thing that its path names.
    pub(super) fn names_a_thing(&self) -> bool {
        self.path.contains("{id}")
    }
}

impl Needs {
    fn read(word: &str) -> Self {
        let named = |permission: &&Permission| format!("{permission:?}") == word;
        match word {
            "everybody" => Self::Nothing,
            "anybody" => Self::NoBadToken,
            "whoever-signs-in" => Self::Token,
            _ => {
                Self::Permission(*Permission::ALL.iter().find(named).unwrap_or_else(|| panic!("no permission: {word}")))
            }
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
