//! The statement that sends a message.

use chrono::{DateTime, Utc};
use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use repower_domain::{accounts::Side, chat::NewMessage, ids::ThreadId, values::ClientMessageId};
use repower_ports::{RepositoryError, chat::SentMessage};
use uuid::Uuid;

use super::rows::{MessageRow, SenderRow, record};
use crate::{error::Failure, schema::threads};

/// The key that a concurrent repetition of a message violates.
const CLIENT_MESSAGE_ID_KEY: &str = "messages_client_message_id_key";

/// Inserts a message to an existing thread, unless the sender sent it before, and returns
/// it with the names of its sender.
///
/// The update locks the thread's row: this puts the numbers in the order of the commits. A
/// sender reads the clock before it waits for the lock, so that the message gets the time of
/// the thread's latest activity where that is later; after the wait PostgreSQL reads both
/// anew. It does not read anew what the message was not found among before the wait: of two
/// concurrent repetitions, the later one violates the unique key of client ids, which undoes
/// its number too, and is to be executed again. See [`Self::is_repetition`].
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
    pub(super) fn execute_in(self, transaction: &mut PgConnection) -> QueryResult<SentRow> {
        if self.client_message_id.is_some() {
            // Waits for concurrent repetitions.
            threads::table.find(self.thread).select(threads::id).for_no_key_update().first::<Uuid>(transaction)?;
        }
        self.get_result(transaction)
    }
}

impl QueryId for Send<'_> {
    type QueryId = Send<'static>;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Send<'_> {
    type SqlType = (
        Nullable<(SqlUuid, SqlUuid, BigInt, Text, SqlUuid, Text, Nullable<Text>, Timestamptz)>,
        (Text, Nullable<Text>),
        Text,
    );
}

impl RunQueryDsl<PgConnection> for Send<'_> {}

impl QueryFragment<Pg> for Send<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH earlier AS (SELECT * FROM messages WHERE thread_id = ");
        out.push_bind_param::<SqlUuid, _>(&self.thread)?;
        out.push_sql(" AND sender_user_id = ");
        out.push_bind_param::<SqlUuid, _>(&self.sender_user_id)?;
        out.push_sql(" AND client_message_id = ");
        out.push_bind_param::<Nullable<Text>, _>(&self.client_message_id)?;
        // The binds so far are $1 to $3; the next two are $4 and $5.
        out.push_sql(
            "), counted AS (UPDATE threads SET last_seq = last_seq + 1, technician_acted = technician_acted OR ",
        );
        out.push_bind_param::<Bool, _>(&self.by_technician)?;
        out.push_sql(
            ", company_unread = company_unread + $4::integer, technician_unread = technician_unread + (NOT $4)::integer, \
             last_activity_at = greatest(last_activity_at, ",
        );
        out.push_bind_param::<Timestamptz, _>(&self.created_at)?;
        out.push_sql(
            ") WHERE id = $1 AND NOT EXISTS (SELECT FROM earlier) \
             AND ($4 OR EXISTS (SELECT FROM technicians WHERE technicians.id = threads.technician_id AND active)) \
             RETURNING last_seq, last_activity_at), \
             sent AS (INSERT INTO messages \
             (id, thread_id, seq, sender_type, sender_user_id, text, client_message_id, created_at) SELECT ",
        );
        out.push_bind_param::<SqlUuid, _>(&self.id)?;
        out.push_sql(", $1, last_seq, ");
        out.push_bind_param::<Text, _>(&self.sender_type)?;
        out.push_sql(", $2, ");
        out.push_bind_param::<Text, _>(&self.text)?;
        out.push_sql(
            ", $3, last_activity_at FROM counted RETURNING *), \
             stored AS (SELECT * FROM sent UNION ALL SELECT * FROM earlier) \
             SELECT stored.id, stored.thread_id, stored.seq, stored.sender_type, stored.sender_user_id, stored.text, \
             stored.client_message_id, stored.created_at, users.email, users.full_name, technicians.full_name \
             FROM threads JOIN technicians ON technicians.id = threads.technician_id JOIN users ON users.id = $2 \
             LEFT JOIN stored ON true WHERE threads.id = $1",
        );
        Ok(())
    }
}

/// The message that is stored now; none if the technician to whom the company writes is
/// deactivated.
#[derive(Queryable)]
pub(super) struct SentRow {
    message: Option<MessageRow>,
    sender: SenderRow,
    technician_name: String,
}

impl SentRow {
    /// Converts the outcome of sending a message.
    pub(super) fn into_sent(self, new: &NewMessage) -> Result<SentMessage, RepositoryError> {
        let row = self.message.ok_or(RepositoryError::Deactivated)?;
        let record = record(row, &self.sender, &self.technician_name)?;
        Ok(SentMessage { is_new: record.message.id == new.id, record })
    }
}
