use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_types::BigInt};

use super::writers::AcknowledgedWrite;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The acknowledged writes that the database does not contain exactly once.
pub(crate) fn missing_writes(
    connection: &mut PgConnection,
    acknowledged: &[AcknowledgedWrite],
) -> Vec<AcknowledgedWrite> {
    acknowledged.iter().filter(|write| count(connection, &occurrences(write)) != 1).cloned().collect()
}

/// A query for the number of occurrences of a write. Its values need no escaping: they
/// are names from the test and ids from the server.
fn occurrences(write: &AcknowledgedWrite) -> String {
    match write {
        AcknowledgedWrite::Registered { email, id } => format!(
            "SELECT count(*) FROM users JOIN technicians ON technicians.user_id = users.id \
             WHERE email = '{email}' AND technicians.id = '{id}'"
        ),
        // A second job with this title, under any id, adds 10.
        AcknowledgedWrite::JobPosted { title, id } => format!(
            "SELECT count(*) FILTER (WHERE id = '{id}') + 10 * (count(*) - 1) FROM jobs WHERE title = '{title}'"
        ),
        AcknowledgedWrite::Applied { id, job, technician } => format!(
            "SELECT count(*) FROM applications WHERE id = '{id}' AND job_id = '{job}' AND technician_id = '{technician}'"
        ),
        AcknowledgedWrite::StatusChanged { id, to } => {
            format!("SELECT count(*) FROM application_events WHERE application_id = '{id}' AND to_status = '{to}'")
        }
        AcknowledgedWrite::MessageSent { thread, seq, id, text } => format!(
            "SELECT count(*) FILTER (WHERE seq = {seq} AND id = '{id}') + 10 * (count(*) - 1) \
             FROM messages WHERE thread_id = '{thread}' AND text = '{text}'"
        ),
        AcknowledgedWrite::CertificationAdded { name, id } => {
            format!("SELECT count(*) FROM certifications WHERE id = '{id}' AND name = '{name}'")
        }
    }
}

/// The invariants of the whole database: the name of a violation, and a query that
/// counts its occurrences.
const INVARIANTS: [(&str, &str); 9] = [
    ("a job exists twice", "SELECT count(*) FROM (SELECT title FROM jobs GROUP BY title HAVING count(*) > 1) AS twice"),
    (
        "a certification that was requested once exists twice",
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
        "the status of an application differs from its last event",
        "SELECT count(*) FROM applications WHERE status IS DISTINCT FROM (SELECT to_status FROM application_events \
         WHERE application_id = applications.id ORDER BY position DESC LIMIT 1)",
    ),
    (
        "the positions of events have gaps, or differ from the revision",
        "SELECT count(*) FROM applications WHERE (revision, revision) <> (SELECT count(*), max(position) \
         FROM application_events WHERE application_id = applications.id)",
    ),
    (
        "an event does not start at the status of the previous one",
        "SELECT count(*) FROM application_events AS step JOIN application_events AS before \
         ON before.application_id = step.application_id AND before.position = step.position - 1 \
         WHERE before.to_status <> step.from_status",
    ),
    (
        "the sequence numbers of a thread have gaps",
        "SELECT count(*) FROM threads WHERE (last_seq, last_seq) <> \
         (SELECT count(*), coalesce(max(seq), 0) FROM messages WHERE thread_id = threads.id)",
    ),
    (
        "the unread counts of a thread are wrong",
        "SELECT count(*) FROM threads WHERE (company_unread, technician_unread) <> (SELECT \
         count(*) FILTER (WHERE sender_type = 'TECHNICIAN' AND seq > company_read_seq), \
         count(*) FILTER (WHERE sender_type = 'COMPANY' AND seq > technician_read_seq) \
         FROM messages WHERE thread_id = threads.id)",
    ),
];

/// The violated invariants, with the number of their violations.
pub(crate) fn violated_invariants(connection: &mut PgConnection) -> Vec<(&'static str, i64)> {
    let counted = INVARIANTS.map(|(name, query)| (name, count(connection, query)));
    counted.into_iter().filter(|(_, violations)| *violations != 0).collect()
}

fn count(connection: &mut PgConnection, query: &str) -> i64 {
    let query = format!("SELECT ({query})::bigint AS number");
    diesel::sql_query(query).get_result::<Number>(connection).unwrap().number
}
