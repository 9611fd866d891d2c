use chrono::{DateTime, Utc};
use diesel::{
    dsl::{auto_type, count_star, exists, sum},
    prelude::*,
    result::Error,
    sql_types::{Bool, Timestamptz},
};
use repower_domain::{
    accounts::Side,
    chat::{Message, NewMessage, Thread},
    ids::{JobId, ThreadId},
};
use repower_ports::{
    PageRequest,
    chat::{Participant, Window},
};
use uuid::Uuid;

use super::rows::{MessageRecordRow, MessageRow, NewMessageRow, NewThreadRow, RecordRow, SenderRow, ThreadRow};
use crate::{
    condition::ConstCondition,
    lists::{self, KeysetPosition},
    schema::{companies, jobs, messages, technicians, threads, users},
};

#[diesel::declare_sql_function]
extern "SQL" {
    fn greatest(first: Timestamptz, second: Timestamptz) -> Timestamptz;
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

/// The outcome of [`store`].
pub(super) enum StoredMessage {
    /// The message was inserted.
    New(MessageRecordRow),
    /// The sender had sent the message before.
    Existing(MessageRecordRow),
    /// The technician to whom the company writes is deactivated.
    Refused,
}

/// Inserts a message to an existing thread, unless the message exists. Must run in a transaction: the lock on the
/// thread's row puts the numbers in the order of the commits. A sender reads the clock before it waits for the lock, so
/// that the message gets the time of the thread's latest activity where that is later.
pub(super) fn store(
    connection: &mut PgConnection,
    thread: ThreadId,
    message: &NewMessage,
) -> QueryResult<StoredMessage> {
    if let Some(existing) = find_duplicate(connection, thread, message)? {
        return Ok(StoredMessage::Existing(existing));
    }
    let (for_company, for_technician) = match message.sender {
        Side::Company => (0, 1),
        Side::Technician => (1, 0),
    };
    let active = technicians::table.filter(technicians::id.eq(threads::technician_id)).filter(technicians::active);
    let by_technician = message.sender == Side::Technician;
    let stored =
        diesel::update(threads::table.find(thread.uuid()).filter(by_technician.into_sql::<Bool>().or(exists(active))))
            .set((
                threads::last_seq.eq(threads::last_seq + 1),
                threads::company_unread.eq(threads::company_unread + for_company),
                threads::technician_unread.eq(threads::technician_unread + for_technician),
                threads::last_activity_at.eq(greatest(threads::last_activity_at, message.created_at)),
                by_technician.then_some(threads::technician_acted.eq(true)),
            ))
            .returning((threads::last_seq, threads::last_activity_at))
            .get_result::<(i64, DateTime<Utc>)>(connection)
            .optional()?;
    let Some((seq, created_at)) = stored else {
        let exists = threads::table.find(thread.uuid()).select(threads::id).first::<Uuid>(connection);
        return exists.map(|_| StoredMessage::Refused);
    };
    let stored = stored_message(message, thread, seq, created_at);
    diesel::insert_into(messages::table).values(NewMessageRow::from(&stored)).execute(connection)?;
    let inserted = records().filter(messages::id.eq(message.id.uuid())).select((
        MessageRow::as_select(),
        SenderRow::as_select(),
        technicians::full_name,
    ));
    inserted.first(connection).map(StoredMessage::New)
}

/// Messages with their senders and the technician of their thread.
#[auto_type]
fn records() -> _ {
    messages::table.inner_join(users::table).inner_join(threads::table.inner_join(technicians::table))
}

fn stored_message(message: &NewMessage, thread_id: ThreadId, seq: i64, created_at: DateTime<Utc>) -> Message {
    Message {
        id: message.id,
        thread_id,
        seq,
        sender: message.sender,
        sender_user_id: message.sender_user_id,
        text: message.text.clone(),
        client_message_id: message.client_message_id.clone(),
        created_at,
    }
}

/// Finds the sender's message with the same client id in this thread. Waits for a
/// transaction that sends it concurrently.
fn find_duplicate(
    connection: &mut PgConnection,
    thread: ThreadId,
    message: &NewMessage,
) -> QueryResult<Option<MessageRecordRow>> {
    let Some(client_id) = &message.client_message_id else { return Ok(None) };
    threads::table.find(thread.uuid()).select(threads::id).for_no_key_update().first::<Uuid>(connection)?;
    records()
        .filter(messages::thread_id.eq(thread.uuid()))
        .filter(messages::sender_user_id.eq(message.sender_user_id.uuid()))
        .filter(messages::client_message_id.eq(client_id.as_str()))
        .select((MessageRow::as_select(), SenderRow::as_select(), technicians::full_name))
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

/// Loads the messages of a window, starting at its boundary, and one more than its limit.
pub(super) fn load_messages(
    connection: &mut PgConnection,
    thread: ThreadId,
    window: Window,
    limit: u16,
) -> QueryResult<(Vec<MessageRecordRow>, u16)> {
    let of_thread = records().filter(messages::thread_id.eq(thread.uuid())).limit(i64::from(limit) + 1).select((
        MessageRow::as_select(),
        SenderRow::as_select(),
        technicians::full_name,
    ));
    let bytes = MessageRecordRow::text_bytes;
    match window {
        Window::Newest => lists::load_bounded(connection, of_thread.order(messages::seq.desc()), limit, bytes),
        Window::After(seq) => {
            let after = of_thread.filter(messages::seq.gt(seq)).order(messages::seq);
            lists::load_bounded(connection, after, limit, bytes)
        }
        Window::Before(seq) => {
            let before = of_thread.filter(messages::seq.lt(seq)).order(messages::seq.desc());
            lists::load_bounded(connection, before, limit, bytes)
        }
    }
}

/// Advances a side's read position, and returns the number of the other side's
/// messages after it. Must run in a transaction: the lock on the thread's row
/// delays new messages during the count.
///
/// Counts the messages that are read now or those that are left, whichever are fewer: all
/// marks of a side together look at each message once.
pub(super) fn mark_read(connection: &mut PgConnection, thread: ThreadId, side: Side, seq: i64) -> QueryResult<i64> {
    let (last, read, unread) = lock_read_position(connection, thread, side)?;
    let new = seq.min(last);
    if new <= read {
        return Ok(unread.into());
    }
    let other = match side {
        Side::Company => Side::Technician,
        Side::Technician => Side::Company,
    };
    let mut count = |after: i64, last: i64| {
        let between = messages::table
            .filter(messages::thread_id.eq(thread.uuid()))
            .filter(messages::seq.gt(after))
            .filter(messages::seq.le(last))
            .filter(messages::sender_type.eq(other.as_str()));
        between.count().get_result::<i64>(connection)
    };
    let left = if last - new < new - read { count(new, last)? } else { i64::from(unread) - count(read, new)? };
    let unread = i32::try_from(left).unwrap_or(i32::MAX);
    let target = threads::table.find(thread.uuid());
    match side {
        Side::Company => diesel::update(target)
            .set((threads::company_read_seq.eq(new), threads::company_unread.eq(unread)))
            .execute(connection)?,
        Side::Technician => diesel::update(target)
            .set((threads::technician_read_seq.eq(new), threads::technician_unread.eq(unread)))
            .execute(connection)?,
    };
    Ok(left)
}

/// Locks a thread's row. Returns the number of its last message, and a side's read
/// position and unread count.
fn lock_read_position(connection: &mut PgConnection, thread: ThreadId, side: Side) -> QueryResult<(i64, i64, i32)> {
    let target = threads::table.find(thread.uuid());
    match side {
        Side::Company => target
            .select((threads::last_seq, threads::company_read_seq, threads::company_unread))
            .for_no_key_update()
            .first(connection),
        Side::Technician => target
            .select((threads::last_seq, threads::technician_read_seq, threads::technician_unread))
            .for_no_key_update()
            .first(connection),
    }
}
