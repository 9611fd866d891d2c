use std::thread;

use super::admission::rejection;
use crate::support::{Callers, Entry, ExampleRequest, Matrix, Reply, Row, World};

/// A row of the matrix, with its request.
struct Case<'a> {
    entry: &'a Entry,
    row: &'a Row,
    about: &'a str,
    example: ExampleRequest,
    statuses: Vec<u16>,
}

impl<'a> Case<'a> {
    fn new(world: &World, entry: &'a Entry, row: &'a Row, about: &'a str) -> Self {
        let example = world.example(entry.route(), about);
        Self { entry, row, about, example, statuses: vec![0; row.statuses.len()] }
    }

    /// Sends the request by the callers that the matrix rejects.
    fn send_rejected(&mut self, world: &World, callers: &[&str]) {
        for (column, sign) in callers.iter().enumerate() {
            if self.row.statuses[column] >= 400 {
                self.statuses[column] = self.status(world, sign);
            }
        }
    }

    /// Sends the request by the callers that succeed. Each gets a new resource where
    /// the request may change it.
    fn send_successful(&mut self, world: &World, callers: &[&str]) {
        for (column, sign) in callers.iter().enumerate() {
            if self.row.statuses[column] < 400 {
                if self.entry.method != "GET" {
                    self.example = world.example(self.entry.route(), self.about);
                }
                self.statuses[column] = self.status(world, sign);
            }
        }
    }

    fn status(&self, world: &World, sign: &str) -> u16 {
        status(&self.example.request(world, world.callers.by_sign(sign)).send())
    }

    /// The difference to the matrix, where there is one.
    fn difference(&self) -> Option<String> {
        let Entry { method, path, .. } = self.entry;
        let (expected, found) = (&self.row.statuses, &self.statuses);
        let difference = format!("{method} {path}, {}:\n  expected {expected:?}\n  found    {found:?}\n", self.about);
        (found != expected).then_some(difference)
    }
}

/// The status of a response. 401, 403 and 404 must have their own codes.
pub(super) fn status(reply: &Reply) -> u16 {
    let status = reply.status.as_u16();
    let code = match status {
        401 => "unauthenticated",
        403 => "forbidden",
        404 => "not_found",
        _ => return status,
    };
    assert_eq!(reply.code(status), code);
    assert_eq!(reply.header("WWW-Authenticate"), (status == 401).then_some("Bearer"));
    status
}

/// Sends all requests of a part; the statuses that differ from the matrix.
fn differences(matrix: &Matrix, part: &[Entry]) -> String {
    let world = World::new();
    let mut cases = Vec::new();
    for entry in part {
        for row in &entry.rows {
            cases.push(Case::new(&world, entry, row, &row.about));
            if row.about == "unknown" {
                cases.extend(["no id", "an encoded NUL"].map(|about| Case::new(&world, entry, row, about)));
            }
        }
    }
    let before = world.app().database.contents();
    for case in &mut cases {
        case.send_rejected(&world, &matrix.callers);
    }
    assert_eq!(world.app().database.contents(), before, "a rejected request stores nothing");
    for case in &mut cases {
        case.send_successful(&world, &matrix.callers);
    }
    cases.iter().filter_map(Case::difference).collect()
}

#[test]
fn every_request_has_the_status_of_the_matrix() {
    let matrix = &Matrix::read();
    let differences: String = thread::scope(|scope| {
        let parts: Vec<_> = matrix.parts().map(|part| scope.spawn(|| differences(matrix, part))).collect();
        parts.into_iter().map(|part| part.join().unwrap()).collect()
    });
    assert!(differences.is_empty(), "{differences}");
}

/// Parameter, body and resource are all invalid.
#[test]
fn a_caller_without_permission_is_rejected_before_anything_else_is_checked() {
    let (callers, matrix) = (Callers::register(), Matrix::read());
    let before = callers.app.database.contents();
    for entry in &matrix.entries {
        let path = format!("{}?zap=1", entry.path.replace("{id}", "no-uuid"));
        for sign in &matrix.callers {
            let request = callers.app.request(entry.method, &path).by(callers.by_sign(sign));
            let reply = if entry.method == "GET" { request.send() } else { request.raw("{").send() };
            let expected = rejection(entry.access, sign).unwrap_or(400);
            assert_eq!(status(&reply), expected, "{} {path} by {sign}: {reply:?}", entry.method);
        }
    }
    assert_eq!(callers.app.database.contents(), before);
}
