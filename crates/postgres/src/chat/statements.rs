use diesel::{
    dsl::{count_star, sum},
    prelude::*,
    result::Error,
    sql_types::BigInt,
};
use repower_domain::{
    accounts::Side,
    chat::{NewMessage, Thread},
    ids::{JobId, ThreadId},
};
use repower_ports::{
    PageRequest,
    chat::{Participant, Window},
    prefetch::{Lookup, Rows},
};
use uuid::Uuid;

use super::rows::{MessageRow, NewThreadRow, PageRow, RecordRow, SenderRow, ThreadRow};
use crate::{
    condition::ConstCondition,
    lists::{self, KeysetPosition},
    lookups::{self, Asked},
    schema::{companies, jobs, messages, technicians, threads, users},
};

#[diesel::declare_sql_function]
extern "SQL" {
    fn least(first: BigInt, second: BigInt) -> BigInt;
}

/// Returns the thread's id, and whether this call inserted the thread.
pub(super) fn find_or_insert(
    connection: &mut PgConnection,
    thread: &Thread,
    opener: Side,
) -> QueryResult<(Uuid, bool)> {
    // Waits for concurrent transactions that open the same thread.
    let inserted = diesel::insert_into(threads::table)
        .values(NewThreadRow::new(thread, opener))
        .on_conflict((threads::company_id, threads::technician_id, threads::job_id))
        .do_nothing()
        .returning(threads::id)
        .get_result::<Uuid>(connection)
        .optional()?;
    if let Some(id) = inserted {
        return Ok((id, true));
    }
    Ok((find(connection, thread)?.ok_or(Error::NotFound)?, false))
}

/// The id of the existing thread of the same company, technician and job.
pub(super) fn find(connection: &mut PgConnection, thread: &Thread) -> QueryResult<Option<Uuid>> {
    threads::table
        .filter(threads::company_id.eq(thread.company_id.uuid()))
        .filter(threads::technician_id.eq(thread.technician_id.uuid()))
        .filter(threads::job_id.is_not_distinct_from(thread.job_id.map(JobId::uuid)))
        .select(threads::id)
        .first(connection)
        .optional()
}

/// The threads that [`load_records`] loads.
#[derive(Clone, Copy)]
pub(super) enum ThreadSelection {
    /// The thread with this id.
    ById(Uuid),
    /// A page of a participant's threads, the latest activity first.
    OfParticipant(Participant, PageRequest),
}

/// Loads threads with their names and last messages. The thread's row has the number
/// of its last message, so that each message is one index lookup.
pub(super) fn load_records(connection: &mut PgConnection, selection: ThreadSelection) -> QueryResult<Vec<RecordRow>> {
    let is_last = messages::thread_id.eq(threads::id).and(messages::seq.eq(threads::last_seq));
    let mut query = threads::table
        .inner_join(companies::table)
        .inner_join(technicians::table)
        .left_join(jobs::table.on(jobs::id.nullable().eq(threads::job_id)))
        .left_join(messages::table.on(is_last))
        .left_join(users::table.on(users::id.nullable().eq(messages::sender_user_id.nullable())))
        .select((
            ThreadRow::as_select(),
            threads::last_activity_at,
            threads::company_unread,
            threads::technician_unread,
            companies::name,
            technicians::full_name,
            jobs::title.nullable(),
            Option::<MessageRow>::as_select(),
            Option::<SenderRow>::as_select(),
        ))
        .into_boxed();
    match selection {
        ThreadSelection::ById(id) => query = query.filter(threads::id.eq(id)),
        ThreadSelection::OfParticipant(participant, page) => {
            query = query
                .filter(
                    (threads::last_activity_at, threads::id).into_sql::<KeysetPosition>().lt(lists::newest_first(page)),
                )
                .order((threads::last_activity_at.desc(), threads::id.desc()))
                .limit(lists::row_limit(page));
            query = match participant {
                Participant::Company(id) => query.filter(threads::company_id.eq(id.uuid())),
                Participant::Technician(id) => query.filter(threads::technician_id.eq(id.uuid())),
            };
        }
    }
    query.load(connection)
}

/// The stored message that this one repeats, of the same id, or of the same id of the client
/// by the same sender; with the names of its sender. No row without the thread.
pub(super) fn find_repeated(
    connection: &mut PgConnection,
    thread: ThreadId,
    message: &NewMessage,
) -> QueryResult<(Option<MessageRow>, Option<SenderRow>, String)> {
    let client_message_id = message.client_message_id.as_ref().map(ToString::to_string);
    let is_repeated = messages::thread_id
        .eq(threads::id)
        .and(messages::sender_user_id.eq(message.sender_user_id.uuid()))
        .and(messages::client_message_id.eq(client_message_id).or(messages::id.eq(message.id.uuid())));
    threads::table
        .find(thread.uuid())
        .inner_join(technicians::table)
        .left_join(messages::table.on(is_repeated))
        .left_join(users::table.on(users::id.nullable().eq(messages::sender_user_id.nullable())))
        .select((Option::<MessageRow>::as_select(), Option::<SenderRow>::as_select(), technicians::full_name))
        .first(connection)
}

/// The number of a participant's threads with unread messages, and that of the messages;
/// `None` without any. Each side has an index that has nothing else.
pub(super) fn sum_unread(connection: &mut PgConnection, participant: Participant) -> QueryResult<(i64, Option<i64>)> {
    match participant {
        Participant::Company(id) => threads::table
            .filter(threads::company_id.eq(id.uuid()))
            .filter(ConstCondition("threads.company_unread > 0"))
            .select((count_star(), sum(threads::company_unread)))
            .first(connection),
        Participant::Technician(id) => threads::table
            .filter(threads::technician_id.eq(id.uuid()))
            .filter(ConstCondition("threads.technician_unread > 0"))
            .select((count_star(), sum(threads::technician_unread)))
            .first(connection),
    }
}

/// The rows of a page of messages: see [`PageRow`].
macro_rules! page_rows {
    ($thread:expr, $in_window:expr) => {
        threads::table
            .inner_join(technicians::table)
            .left_join(messages::table.on($in_window))
            .left_join(users::table.on(users::id.nullable().eq(messages::sender_user_id.nullable())))
            .filter(threads::id.eq($thread))
            .select((
                threads::last_seq,
                technicians::revision,
                technicians::full_name,
                Option::<MessageRow>::as_select(),
                Option::<SenderRow>::as_select(),
            ))
    };
}

/// Loads the messages of a window, starting at its boundary, and one more than its limit;
/// one row without a message if there is none, and no row without the thread.
///
/// The numbers of a thread have no gaps, so that a window is a range of them. It is read
/// by one index, and the rows of the page are sorted.
pub(super) fn load_messages(
    connection: &mut PgConnection,
    thread: ThreadId,
    window: Window,
    limit: u16,
) -> QueryResult<(Vec<PageRow>, u16)> {
    let rows = i64::from(limit) + 1;
    let (boundary, before) = match window {
        Window::Newest => (i64::MAX, rows),
        Window::After(seq) => (seq.max(0), 0),
        Window::Before(seq) => (seq.max(1) - 1, rows),
    };
    let start = || least(threads::last_seq, boundary) - before;
    let in_window =
        messages::thread_id.eq(threads::id).and(messages::seq.gt(start())).and(messages::seq.le(start() + rows));
    let page = page_rows!(thread.uuid(), in_window);
    let bytes = PageRow::text_bytes;
    match window {
        Window::After(_) => lists::load_bounded(connection, page.order(messages::seq), limit, bytes),
        Window::Newest | Window::Before(_) => {
            lists::load_bounded(connection, page.order(messages::seq.desc()), limit, bytes)
        }
    }
}

/// The most messages of a look-up. A poll finds fewer, and the rows of other look-ups do not wait
/// for many.
const MAX_PREFETCHED: i64 = 8;

/// The messages that each of several look-ups asks for, as [`load_messages`] loads those of one,
/// in any order; none of a thread that has more than [`MAX_PREFETCHED`].
pub(crate) fn prefetch(connection: &mut PgConnection, asked: Asked<'_>) -> QueryResult<Vec<Option<Rows>>> {
    let in_window = messages::thread_id
        .eq(threads::id)
        .and(messages::seq.gt(lookups::AFTER))
        .and(messages::seq.le(least(threads::last_seq, lookups::AFTER) + MAX_PREFETCHED))
        .and((threads::last_seq - lookups::AFTER).le(MAX_PREFETCHED));
    let page = page_rows!(lookups::ID, in_window);
    asked.load(connection, page, |lookup, rows: &[PageRow]| {
        let Lookup::Messages { after, .. } = lookup else { return false };
        rows.iter().all(|row| row.has_all_after(after.max(0)))
    })
}

/// The number of messages that a side has not read.
pub(super) fn unread(connection: &mut PgConnection, thread: ThreadId, side: Side) -> QueryResult<i32> {
    let target = threads::table.find(thread.uuid());
    match side {
        Side::Company => target.select(threads::company_unread).first(connection),
        Side::Technician => target.select(threads::technician_unread).first(connection),
    }
}
