//! The statement that sends a message.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use repower_domain::{
    accounts::Side,
    chat::{Message, NewMessage},
    ids::ThreadId,
    values::ClientMessageId,
};
use repower_ports::{
    RepositoryError,
    chat::{MessageRecord, SentMessage},
};
use uuid::Uuid;

use super::rows::{SenderRow, sender_name};
use crate::{error::Failure, schema::threads};

/// The key that a concurrent repetition of a message violates.
const CLIENT_MESSAGE_ID_KEY: &str = "messages_client_message_id_key";

/// Inserts a message to an existing thread. Returns no row if the sender sent it before, if
/// the technician to whom the company writes is deactivated, or without the thread: see
/// [`super::statements::find_repeated`].
///
/// The update locks the thread's row: this puts the numbers in the order of the commits. A
/// sender reads the clock before it waits for the lock, so that the message gets the time of
/// the thread's latest activity where that is later; after the wait PostgreSQL reads both
/// anew. It does not read anew what the message was not found among before the wait: of two
/// concurrent repetitions, the later one violates the unique key of client ids, which undoes
/// its number too, and is to be executed again. See [`Self::is_repetition`].
///
/// It has no join, and reads the name of one side only: this halves the time of its plan.
#[derive(Clone, Copy)]
pub(super) struct Send<'a> {
    thread: Uuid,
    id: Uuid,
    sender_type: &'a str,
    by_technician: bool,
    sender_user_id: Uuid,
    text: &'a str,
    client_message_id: Option<&'a str>,
    created_at: DateTime<Utc>,
}

impl<'a> Send<'a> {
    pub(super) fn new(thread: ThreadId, message: &'a NewMessage) -> Self {
        Self {
            thread: thread.uuid(),
            id: message.id.uuid(),
            sender_type: message.sender.as_str(),
            by_technician: message.sender == Side::Technician,
            sender_user_id: message.sender_user_id.uuid(),
            text: message.text.as_str(),
            client_message_id: message.client_message_id.as_ref().map(ClientMessageId::as_str),
            created_at: message.created_at,
        }
    }

    /// Whether a concurrent transaction has sent this message. It has been committed.
    pub(super) fn is_repetition(failure: &Failure) -> bool {
        failure.violated_constraint() == Some(CLIENT_MESSAGE_ID_KEY)
    }

    /// Executes it in an open transaction, which a violated key would end.
    pub(super) fn execute_in(self, transaction: &mut PgConnection) -> QueryResult<()> {
        if self.client_message_id.is_some() {
            // Waits for concurrent repetitions.
            threads::table.find(self.thread).select(threads::id).for_no_key_update().first::<Uuid>(transaction)?;
        }
        self.get_result::<SentRow>(transaction).optional()?;
        Ok(())
    }
}

impl QueryId for Send<'_> {
    type QueryId = Send<'static>;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Send<'_> {
    type SqlType = (BigInt, Timestamptz, Nullable<Text>, (Text, Nullable<Text>));
}

impl RunQueryDsl<PgConnection> for Send<'_> {}

impl QueryFragment<Pg> for Send<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "WITH counted AS (UPDATE threads SET last_seq = last_seq + 1, technician_acted = technician_acted OR ",
        );
        out.push_bind_param::<Bool, _>(&self.by_technician)?;
        out.push_sql(
            ", company_unread = company_unread + $1::integer, technician_unread = technician_unread + (NOT $1)::integer, \
             last_activity_at = greatest(last_activity_at, ",
        );
        out.push_bind_param::<Timestamptz, _>(&self.created_at)?;
        out.push_sql(") WHERE id = ");
        out.push_bind_param::<SqlUuid, _>(&self.thread)?;
        out.push_sql(
            " AND ($1 OR EXISTS (SELECT FROM technicians WHERE technicians.id = threads.technician_id AND active)) \
             AND NOT EXISTS (SELECT FROM messages WHERE thread_id = $3 AND sender_user_id = ",
        );
        out.push_bind_param::<SqlUuid, _>(&self.sender_user_id)?;
        out.push_sql(" AND client_message_id = ");
        out.push_bind_param::<Nullable<Text>, _>(&self.client_message_id)?;
        out.push_sql(
            ") RETURNING last_seq, last_activity_at) INSERT INTO messages \
             (id, thread_id, seq, sender_type, sender_user_id, text, client_message_id, created_at) SELECT ",
        );
        out.push_bind_param::<SqlUuid, _>(&self.id)?;
        out.push_sql(", $3, last_seq, ");
        out.push_bind_param::<Text, _>(&self.sender_type)?;
        out.push_sql(", $4, ");
        out.push_bind_param::<Text, _>(&self.text)?;
        out.push_sql(
            ", $5, last_activity_at FROM counted RETURNING seq, created_at, \
             (SELECT full_name FROM technicians WHERE $1 AND user_id = $4), \
             coalesce((SELECT email FROM users WHERE NOT $1 AND id = $4), ''), \
             (SELECT full_name FROM users WHERE NOT $1 AND id = $4)",
        );
        Ok(())
    }
}

/// Inserts messages to existing threads, one to each, without a wait: a thread whose row
/// another transaction has locked gets none here. Otherwise as [`Send`].
///
/// Its look-ups are scalar subqueries, which PostgreSQL does not make joins of: a plan of
/// 16 messages reads 16 entries of an index, also where a table has no statistics yet.
pub(super) struct SendMany<'a>(Vec<Send<'a>>);

impl<'a> SendMany<'a> {
    pub(super) fn new(messages: &'a [(ThreadId, NewMessage)]) -> Self {
        Self(messages.iter().map(|(thread, message)| Send::new(*thread, message)).collect())
    }

    /// The row of each message; `None` for one that was not inserted.
    pub(super) fn execute(self, connection: &mut PgConnection) -> QueryResult<Vec<Option<SentRow>>> {
        let ids = self.0.iter().map(|message| message.id).collect::<Vec<_>>();
        let mut rows = self.load::<(Uuid, SentRow)>(connection)?.into_iter().collect::<HashMap<_, _>>();
        Ok(ids.iter().map(|id| rows.remove(id)).collect())
    }
}

impl QueryId for SendMany<'_> {
    type QueryId = ();

    // The number of messages is part of the statement.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for SendMany<'_> {
    type SqlType = (SqlUuid, <Send<'static> as Query>::SqlType);
}

impl RunQueryDsl<PgConnection> for SendMany<'_> {}

impl QueryFragment<Pg> for SendMany<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "WITH new (id, thread_id, by_technician, sender_type, sender_user_id, text, client_message_id, created_at) \
             AS (VALUES ",
        );
        for (index, message) in self.0.iter().enumerate() {
            out.push_sql(if index == 0 { "(" } else { "), (" });
            out.push_bind_param::<SqlUuid, _>(&message.id)?;
            out.push_sql("::uuid, ");
            out.push_bind_param::<SqlUuid, _>(&message.thread)?;
            out.push_sql("::uuid, ");
            out.push_bind_param::<Bool, _>(&message.by_technician)?;
            out.push_sql("::boolean, ");
            out.push_bind_param::<Text, _>(&message.sender_type)?;
            out.push_sql(", ");
            out.push_bind_param::<SqlUuid, _>(&message.sender_user_id)?;
            out.push_sql("::uuid, ");
            out.push_bind_param::<Text, _>(&message.text)?;
            out.push_sql(", ");
            out.push_bind_param::<Nullable<Text>, _>(&message.client_message_id)?;
            out.push_sql(", ");
            out.push_bind_param::<Timestamptz, _>(&message.created_at)?;
            out.push_sql("::timestamptz");
        }
        out.push_sql(
            ")), unlocked AS MATERIALIZED (SELECT threads.id FROM new JOIN threads ON threads.id = new.thread_id \
             FOR NO KEY UPDATE OF threads SKIP LOCKED), \
             counted AS (UPDATE threads SET last_seq = last_seq + 1, \
             technician_acted = technician_acted OR by_technician, \
             company_unread = company_unread + by_technician::integer, \
             technician_unread = technician_unread + (NOT by_technician)::integer, \
             last_activity_at = greatest(last_activity_at, new.created_at) \
             FROM new JOIN unlocked ON unlocked.id = new.thread_id WHERE threads.id = new.thread_id \
             AND (by_technician OR (SELECT active FROM technicians WHERE technicians.id = threads.technician_id)) \
             AND (SELECT true FROM messages WHERE messages.thread_id = new.thread_id \
             AND messages.sender_user_id = new.sender_user_id \
             AND messages.client_message_id = new.client_message_id) IS NULL \
             RETURNING new.id, thread_id, last_seq, sender_type, sender_user_id, text, client_message_id, \
             last_activity_at) \
             INSERT INTO messages \
             (id, thread_id, seq, sender_type, sender_user_id, text, client_message_id, created_at) \
             SELECT * FROM counted RETURNING id, seq, created_at, \
             (SELECT full_name FROM technicians WHERE sender_type = 'TECHNICIAN' AND user_id = sender_user_id), \
             coalesce((SELECT email FROM users WHERE sender_type = 'COMPANY' AND users.id = sender_user_id), ''), \
             (SELECT full_name FROM users WHERE sender_type = 'COMPANY' AND users.id = sender_user_id)",
        );
        Ok(())
    }
}

/// The number and time of a sent message, and the names of its sender.
#[derive(Queryable)]
pub(super) struct SentRow {
    seq: i64,
    created_at: DateTime<Utc>,
    technician_name: Option<String>,
    sender: SenderRow,
}

impl SentRow {
    /// Converts a new message that was sent.
    pub(super) fn into_sent(self, thread: ThreadId, new: &NewMessage) -> Result<SentMessage, RepositoryError> {
        let sender_name = sender_name(new.sender, &self.technician_name.unwrap_or_default(), &self.sender)?;
        let message = Message::builder()
            .id(new.id)
            .thread_id(thread)
            .seq(self.seq)
            .sender(new.sender)
            .sender_user_id(new.sender_user_id)
            .text(new.text.clone())
            .client_message_id(new.client_message_id.clone())
            .created_at(self.created_at)
            .build();
        Ok(SentMessage { record: MessageRecord { message, sender_name }, is_new: true })
    }
}
