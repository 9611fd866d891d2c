//! The statement that marks messages as read.

use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Integer, Nullable, Uuid as SqlUuid},
};
use repower_domain::{accounts::Side, ids::ThreadId};
use uuid::Uuid;

/// Advances a side's read position, and returns the number of the other side's messages
/// after it; `None` if a concurrent mark has advanced it as far, so that the number is to be
/// read again.
///
/// The end of the thread is that before the statement waits for the thread's row, because
/// it sees no message that was sent since. What it counts is subtracted from the number that
/// is stored after the wait, which counts those too.
///
/// Counts the messages that are read now or those that are left, whichever are fewer: all
/// marks of a side together look at each message once. Those that are left can be counted
/// only if none came during the wait.
#[derive(Clone, Copy)]
pub(super) struct MarkRead {
    thread: Uuid,
    side: Side,
    seq: i64,
}

impl MarkRead {
    pub(super) fn new(thread: ThreadId, side: Side, seq: i64) -> Self {
        Self { thread: thread.uuid(), side, seq }
    }
}

impl QueryId for MarkRead {
    type QueryId = ();

    // The text of each side is one of its own.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for MarkRead {
    type SqlType = Nullable<Integer>;
}

impl RunQueryDsl<PgConnection> for MarkRead {}

impl QueryFragment<Pg> for MarkRead {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let (read, unread, other) = match self.side {
            Side::Company => ("company_read_seq", "company_unread", "'TECHNICIAN'"),
            Side::Technician => ("technician_read_seq", "technician_unread", "'COMPANY'"),
        };
        let mut push = |parts: &[&str]| parts.iter().for_each(|part| out.push_sql(part));
        push(&["WITH known AS (SELECT last_seq, ", read, " AS read, ", unread, " AS unread, least(last_seq, "]);
        out.push_bind_param::<BigInt, _>(&self.seq)?;
        out.push_sql(") AS mark FROM threads WHERE id = ");
        out.push_bind_param::<SqlUuid, _>(&self.thread)?;
        let mut push = |parts: &[&str]| parts.iter().for_each(|part| out.push_sql(part));
        push(&["), marked AS (UPDATE threads SET ", read, " = mark, ", unread, " = CASE "]);
        push(&["WHEN threads.last_seq = known.last_seq AND known.last_seq - mark < mark - ", read]);
        push(&[" THEN (SELECT count(*) FROM messages WHERE thread_id = $2 AND seq > mark AND seq <= known.last_seq"]);
        push(&[" AND sender_type = ", other, ") ELSE ", unread, " - (SELECT count(*) FROM messages"]);
        push(&[" WHERE thread_id = $2 AND seq > ", read, " AND seq <= mark AND sender_type = ", other, ") END"]);
        push(&[" FROM known WHERE id = $2 AND mark > ", read, " RETURNING ", unread, " AS unread)"]);
        push(&[" SELECT CASE WHEN mark <= read THEN known.unread ELSE marked.unread END"]);
        push(&[" FROM known LEFT JOIN marked ON true"]);
        Ok(())
    }
}
