use super::{
    callers::{Callers, refusal},
    requests::{Asked, told},
    table::{Entry, Row, Table},
    things::World,
};

/// The table, a part for each test. Every route begins with one of these.
pub(super) const PARTS: [&str; 8] = [
    "/api/auth/",
    "/api/users/",
    "/api/technicians",
    "/api/companies/",
    "/api/jobs",
    "/api/applications/",
    "/api/chat/",
    "/api/admin/",
];

/// A row of the table, with a request for it.
struct Case<'a> {
    entry: &'a Entry,
    row: &'a Row,
    about: &'a str,
    asked: Asked,
    answers: Vec<u16>,
}

impl<'a> Case<'a> {
    fn new(world: &World, entry: &'a Entry, row: &'a Row, about: &'a str) -> Self {
        Self { entry, row, about, asked: world.ask(entry, about), answers: vec![0; row.statuses.len()] }
    }

    /// Has those ask whom the table refuses.
    fn ask_refused(&mut self, world: &World, callers: &[&str]) {
        for (place, sign) in callers.iter().enumerate() {
            if self.row.statuses[place] >= 400 {
                self.answers[place] = self.asked.by(world, sign);
            }
        }
    }

    /// Has those ask whom the table serves; what they may change is made anew
    /// for each.
    fn ask_welcome(&mut self, world: &World, callers: &[&str]) {
        for (place, sign) in callers.iter().enumerate() {
            if self.row.statuses[place] < 400 {
                if self.entry.method != "GET" {
                    self.asked = world.ask(self.entry, self.about);
                }
                self.answers[place] = self.asked.by(world, sign);
            }
        }
    }

    /// What came out, where it is not what the table says.
    fn difference(&self) -> Option<String> {
        let Entry { method, path, .. } = self.entry;
        let (expected, found) = (&self.row.statuses, &self.answers);
        let differs = format!("{method} {path}, {}:\n  expected {expected:?}\n  found    {found:?}\n", self.about);
        (found != expected).then_some(differs)
    }
}

/// Asks all that the table has under a path, and compares.
fn compare(part: &str) {
    let (world, table) = (World::new(), Table::read());
    let mut cases = Vec::new();
    for entry in table.entries.iter().filter(|entry| entry.path.starts_with(part)) {
        for row in &entry.rows {
            cases.push(Case::new(&world, entry, row, &row.about));
            if row.about == "unknown" {
                cases.push(Case::new(&world, entry, row, "no identity"));
            }
        }
    }
    let before = world.app().database.contents();
    for case in &mut cases {
        case.ask_refused(&world, &table.callers);
    }
    let after = world.app().database.contents();
    for case in &mut cases {
        case.ask_welcome(&world, &table.callers);
    }
    let differences: String = cases.iter().filter_map(Case::difference).collect();
    assert!(!cases.is_empty() && differences.is_empty(), "{differences}");
    assert_eq!(after, before, "what is refused stores nothing");
}

#[test]
fn the_parts_make_the_table() {
    for entry in Table::read().entries {
        assert_eq!(PARTS.iter().filter(|part| entry.path.starts_with(**part)).count(), 1, "{}", entry.path);
    }
}

/// Neither the parameter nor the body nor the thing is right.
#[test]
fn who_may_not_is_refused_before_anything_else_is_looked_at() {
    let (callers, table) = (Callers::gather(), Table::read());
    let before = callers.app.database.contents();
    for entry in &table.entries {
        let path = format!("{}?zap=1", entry.path.replace("{id}", "no-uuid"));
        for sign in &table.callers {
            let request = callers.app.request(entry.method, &path).by(callers.by_sign(sign));
            let reply = if entry.method == "GET" { request.send() } else { request.raw("{").send() };
            let expected = refusal(entry.needs, sign).unwrap_or(400);
            assert_eq!(told(&reply), expected, "{} {path} by {sign}: {reply:?}", entry.method);
        }
    }
    assert_eq!(callers.app.database.contents(), before);
}

#[test]
fn accounts_answer_as_the_table_says() {
    compare(PARTS[0]);
}

#[test]
fn own_accounts_answer_as_the_table_says() {
    compare(PARTS[1]);
}

#[test]
fn technicians_answer_as_the_table_says() {
    compare(PARTS[2]);
}

#[test]
fn companies_answer_as_the_table_says() {
    compare(PARTS[3]);
}

#[test]
fn jobs_answer_as_the_table_says() {
    compare(PARTS[4]);
}

#[test]
fn applications_answer_as_the_table_says() {
    compare(PARTS[5]);
}

#[test]
fn chats_answer_as_the_table_says() {
    compare(PARTS[6]);
}

#[test]
fn administration_answers_as_the_table_says() {
    compare(PARTS[7]);
}
