use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_types::BigInt};

use super::writers::Promise;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The promises that were not kept: what was promised is there once, as it was
/// promised.
pub(crate) fn compare(connection: &mut PgConnection, promises: &[Promise]) -> Vec<Promise> {
    promises.iter().filter(|promise| count(connection, &kept(promise)) != 1).cloned().collect()
}

/// A query for the number of times that a promise was kept. What stands in it
/// are names of the test's own and numbers of the server's.
fn kept(promise: &Promise) -> String {
    match promise {
        Promise::Registered { email, id } => format!(
            "SELECT count(*) FROM users JOIN technicians ON technicians.user_id = users.id \
             WHERE email = '{email}' AND technicians.id = '{id}'"
        ),
        // Whatever its number: a second one of this title would be counted too.
        Promise::Posted { title, id } => format!(
            "SELECT count(*) FILTER (WHERE id = '{id}') + 10 * (count(*) - 1) FROM jobs WHERE title = '{title}'"
        ),
        Promise::Applied { id, job, technician } => format!(
            "SELECT count(*) FROM applications WHERE id = '{id}' AND job_id = '{job}' AND technician_id = '{technician}'"
        ),
        Promise::Moved { id, to } => {
            format!("SELECT count(*) FROM application_events WHERE application_id = '{id}' AND to_status = '{to}'")
        }
        Promise::Said { thread, seq, id, text } => format!(
            "SELECT count(*) FILTER (WHERE seq = {seq} AND id = '{id}') + 10 * (count(*) - 1) \
             FROM messages WHERE thread_id = '{thread}' AND text = '{text}'"
        ),
        Promise::Certified { name, id } => {
            format!("SELECT count(*) FROM certifications WHERE id = '{id}' AND name = '{name}'")
        }
    }
}

/// What must hold of the whole database, promised or not, each as a query for
/// the number of times that it does not.
const INVARIANTS: [(&str, &str); 9] = [
    (
        "a job stands there twice",
        "SELECT count(*) FROM (SELECT title FROM jobs GROUP BY title HAVING count(*) > 1) AS twice",
    ),
    (
        "a certification that was asked for once stands there twice",
        "SELECT count(*) FROM (SELECT name FROM certifications GROUP BY name HAVING count(*) > 1) AS twice",
    ),
    (
        "a user has neither a profile nor a company",
        "SELECT count(*) FROM users WHERE NOT EXISTS (SELECT FROM technicians WHERE user_id = users.id) \
         AND NOT EXISTS (SELECT FROM company_members WHERE user_id = users.id)",
    ),
    (
        "a company has no member",
        "SELECT count(*) FROM companies WHERE NOT EXISTS (SELECT FROM company_members WHERE company_id = companies.id)",
    ),
    (
        "an application does not stand where its history ends",
        "SELECT count(*) FROM applications WHERE status IS DISTINCT FROM (SELECT to_status FROM application_events \
         WHERE application_id = applications.id ORDER BY position DESC LIMIT 1)",
    ),
    (
        "a history has gaps, or moves that nobody counted",
        "SELECT count(*) FROM applications WHERE (revision, revision) <> (SELECT count(*), max(position) \
         FROM application_events WHERE application_id = applications.id)",
    ),
    (
        "a step does not begin where the one before ended",
        "SELECT count(*) FROM application_events AS step JOIN application_events AS before \
         ON before.application_id = step.application_id AND before.position = step.position - 1 \
         WHERE before.to_status <> step.from_status",
    ),
    (
        "the numbers of a chat have gaps",
        "SELECT count(*) FROM threads WHERE (last_seq, last_seq) <> \
         (SELECT count(*), coalesce(max(seq), 0) FROM messages WHERE thread_id = threads.id)",
    ),
    (
        "a thread counts its unread messages wrongly",
        "SELECT count(*) FROM threads WHERE (company_unread, technician_unread) <> (SELECT \
         count(*) FILTER (WHERE sender_type = 'TECHNICIAN' AND seq > company_read_seq), \
         count(*) FILTER (WHERE sender_type = 'COMPANY' AND seq > technician_read_seq) \
         FROM messages WHERE thread_id = threads.id)",
    ),
];

/// Which of them do not hold.
pub(super) fn invariants(connection: &mut PgConnection) -> Vec<(&'static str, i64)> {
    let counted = INVARIANTS.map(|(what, query)| (what, count(connection, query)));
    counted.into_iter().filter(|(_, times)| *times != 0).collect()
}

fn count(connection: &mut PgConnection, query: &str) -> i64 {
    let query = format!("SELECT ({query})::bigint AS number");
    diesel::sql_query(query).get_result::<Number>(connection).unwrap().number
}
