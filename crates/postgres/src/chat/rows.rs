use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*};
use repower_domain::{
    accounts::Side,
    chat::{Message, Thread},
    ids::{CompanyId, JobId, MessageId, TechnicianId, ThreadId, UserId},
    values::FullName,
};
use repower_ports::{
    Position, RepositoryError,
    bulk::BulkThread,
    chat::{MessageRecord, ThreadRecord},
};
use uuid::Uuid;

use crate::{
    companies::member_name,
    schema::{messages, threads, users},
    stored::{count, optional_text, text},
};

#[derive(Insertable)]
#[diesel(table_name = threads, treat_none_as_default_value = false)]
pub(crate) struct NewThreadRow {
    id: Uuid,
    company_id: Uuid,
    technician_id: Uuid,
    job_id: Option<Uuid>,
    last_seq: i64,
    last_activity_at: DateTime<Utc>,
    company_unread: i32,
    technician_unread: i32,
    company_read_seq: i64,
    technician_read_seq: i64,
    created_at: DateTime<Utc>,
    technician_acted: bool,
}

impl NewThreadRow {
    /// Converts a thread that a side opens.
    pub(super) fn new(thread: &Thread, opener: Side) -> Self {
        Self {
            id: thread.id.uuid(),
            company_id: thread.company_id.uuid(),
            technician_id: thread.technician_id.uuid(),
            job_id: thread.job_id.map(JobId::uuid),
            last_seq: 0,
            last_activity_at: thread.created_at,
            company_unread: 0,
            technician_unread: 0,
            company_read_seq: 0,
            technician_read_seq: 0,
            created_at: thread.created_at,
            technician_acted: opener == Side::Technician,
        }
    }

    /// Converts a thread with the counters of its messages.
    pub(crate) fn with_counters(thread: &BulkThread) -> Self {
        let stored = |unread| i32::try_from(unread).unwrap_or(i32::MAX);
        Self {
            last_seq: thread.last_seq,
            last_activity_at: thread.last_activity_at,
            company_unread: stored(thread.company.unread),
            technician_unread: stored(thread.technician.unread),
            company_read_seq: thread.company.seq,
            technician_read_seq: thread.technician.seq,
            ..Self::new(&thread.thread, Side::Technician)
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = threads, check_for_backend(Pg))]
pub(super) struct ThreadRow {
    id: Uuid,
    company_id: Uuid,
    technician_id: Uuid,
    job_id: Option<Uuid>,
    created_at: DateTime<Utc>,
}

impl From<ThreadRow> for Thread {
    fn from(row: ThreadRow) -> Self {
        Self::builder()
            .id(ThreadId::from(row.id))
            .company_id(CompanyId::from(row.company_id))
            .technician_id(TechnicianId::from(row.technician_id))
            .job_id(row.job_id.map(JobId::from))
            .created_at(row.created_at)
            .build()
    }
}

/// A thread with the names and the last message, and the unread count of each side.
#[derive(Queryable)]
pub(super) struct RecordRow {
    thread: ThreadRow,
    last_activity_at: DateTime<Utc>,
    company_unread: i32,
    technician_unread: i32,
    company_name: String,
    technician_name: String,
    job_title: Option<String>,
    last_message: Option<MessageRow>,
    last_sender: Option<SenderRow>,
}

impl RecordRow {
    pub(super) const fn position(&self) -> Position {
        Position { at: self.last_activity_at, id: self.thread.id }
    }

    /// Converts to the record with the unread count of `viewer`.
    pub(super) fn into_record(self, viewer: Side) -> Result<ThreadRecord, RepositoryError> {
        let (column, unread) = match viewer {
            Side::Company => ("threads.company_unread", self.company_unread),
            Side::Technician => ("threads.technician_unread", self.technician_unread),
        };
        let last_message = self
            .last_message
            .zip(self.last_sender)
            .map(|(message, sender)| record(message, &sender, &self.technician_name));
        Ok(ThreadRecord {
            thread: self.thread.into(),
            company_name: text("companies.name", &self.company_name)?,
            technician_name: text("technicians.full_name", &self.technician_name)?,
            job_title: optional_text("jobs.title", self.job_title.as_deref())?,
            last_message: last_message.transpose()?,
            unread_count: count(column, unread.into())?,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = messages, treat_none_as_default_value = false)]
pub(crate) struct NewMessageRow<'a> {
    id: Uuid,
    thread_id: Uuid,
    seq: i64,
    sender_type: &'a str,
    sender_user_id: Uuid,
    text: &'a str,
    client_message_id: Option<&'a str>,
    created_at: DateTime<Utc>,
}

impl<'a> From<&'a Message> for NewMessageRow<'a> {
    fn from(message: &'a Message) -> Self {
        Self {
            id: message.id.uuid(),
            thread_id: message.thread_id.uuid(),
            seq: message.seq,
            sender_type: message.sender.as_str(),
            sender_user_id: message.sender_user_id.uuid(),
            text: message.text.as_str(),
            client_message_id: message.client_message_id.as_ref().map(repower_domain::values::ClientMessageId::as_str),
            created_at: message.created_at,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = messages, check_for_backend(Pg))]
pub(super) struct MessageRow {
    id: Uuid,
    thread_id: Uuid,
    seq: i64,
    sender_type: String,
    sender_user_id: Uuid,
    text: String,
    client_message_id: Option<String>,
    created_at: DateTime<Utc>,
}

/// The user who sent a message.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(Pg))]
pub(super) struct SenderRow {
    email: String,
    full_name: Option<String>,
}

/// A row of a page of messages: a message with its sender, if there is one, and what the
/// thread has at the same moment.
#[derive(Queryable)]
pub(super) struct PageRow {
    pub(super) last_seq: i64,
    pub(super) technician_revision: i32,
    technician_name: String,
    message: Option<MessageRow>,
    sender: Option<SenderRow>,
}

impl PageRow {
    /// The bytes of its longest text.
    pub(super) fn text_bytes(&self) -> usize {
        self.message.as_ref().map_or(0, |message| message.text.len())
    }

    /// Whether it and those like it are all messages after this one: a look-up leaves out many.
    pub(super) const fn has_all_after(&self, seq: i64) -> bool {
        self.message.is_some() || self.last_seq <= seq
    }

    /// The number of its message; 0 without one.
    pub(super) fn seq(&self) -> i64 {
        self.message.as_ref().map_or(0, |message| message.seq)
    }

    /// The message, if the row has one.
    pub(super) fn into_record(self) -> Option<Result<MessageRecord, RepositoryError>> {
        let (message, sender) = self.message.zip(self.sender)?;
        Some(record(message, &sender, &self.technician_name))
    }
}

/// A message with the name of its sender, which a technician has in the passport.
pub(super) fn record(
    message: MessageRow,
    sender: &SenderRow,
    technician_name: &str,
) -> Result<MessageRecord, RepositoryError> {
    let message = Message::try_from(message)?;
    let sender_name = sender_name(message.sender, technician_name, sender)?;
    Ok(MessageRecord { message, sender_name })
}

/// The name of the sender of a side.
pub(super) fn sender_name(side: Side, technician_name: &str, sender: &SenderRow) -> Result<FullName, RepositoryError> {
    match side {
        Side::Technician => text("technicians.full_name", technician_name),
        Side::Company => member_name(sender.full_name.as_deref(), &text("users.email", &sender.email)?),
    }
}

impl TryFrom<MessageRow> for Message {
    type Error = RepositoryError;

    fn try_from(row: MessageRow) -> Result<Self, RepositoryError> {
        Ok(Self::builder()
            .id(MessageId::from(row.id))
            .thread_id(ThreadId::from(row.thread_id))
            .seq(row.seq)
            .sender(text("messages.sender_type", &row.sender_type)?)
            .sender_user_id(UserId::from(row.sender_user_id))
            .text(text("messages.text", &row.text)?)
            .client_message_id(optional_text("messages.client_message_id", row.client_message_id.as_deref())?)
            .created_at(row.created_at)
            .build())
    }
}
