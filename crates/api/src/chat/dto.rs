use repower_application::chat::{OpenThread, OutgoingMessage};
use repower_domain::{
    accounts::Side,
    ids::{CompanyId, JobId, MessageId, TechnicianId, ThreadId, UserId},
    values::{ChatText, ClientMessageId, CompanyName, FullName, Title},
};
use repower_http::{
    Timestamp,
    input::{Optional, Required, reject_inconsistent},
    schema::{RequestSchema, ResponseSchema},
};
use repower_ports::chat::{MessageRecord, Participant, ThreadRecord, UnreadTotals};
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use super::paging::MessageNumber;
use crate::error::Error;

/// A thread between a company and a technician.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatThreadView {
    id: ThreadId,
    company_id: CompanyId,
    technician_id: TechnicianId,
    job_id: Option<JobId>,
    company: ThreadCompanyView,
    technician: ThreadTechnicianView,
    job: Option<ThreadJobView>,
    last_message: Option<MessageView>,
    /// The messages of the other side after the mark of the caller's.
    unread_count: u32,
    created_at: Timestamp,
}

/// The company of a thread.
#[derive(Debug, Serialize, ResponseSchema)]
struct ThreadCompanyView {
    id: CompanyId,
    name: CompanyName,
}

/// The technician of a thread.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
struct ThreadTechnicianView {
    id: TechnicianId,
    full_name: FullName,
}

/// The job of a thread.
#[derive(Debug, Serialize, ResponseSchema)]
struct ThreadJobView {
    id: JobId,
    title: Title,
}

impl From<ThreadRecord> for ChatThreadView {
    fn from(record: ThreadRecord) -> Self {
        let thread = record.thread;
        let (company_id, technician_id) = (thread.company_id, thread.technician_id);
        let job = thread.job_id.zip(record.job_title).map(|(id, title)| ThreadJobView { id, title });
        Self {
            id: thread.id,
            company_id,
            technician_id,
            job_id: thread.job_id,
            company: ThreadCompanyView { id: company_id, name: record.company_name },
            technician: ThreadTechnicianView { id: technician_id, full_name: record.technician_name },
            job,
            last_message: record.last_message.map(MessageView::from),
            unread_count: record.unread_count,
            created_at: thread.created_at.into(),
        }
    }
}

/// A message of a thread.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageView {
    id: MessageId,
    thread_id: ThreadId,
    /// 1, 2, 3 … in each thread, without gaps.
    seq: i64,
    sender_type: Side,
    sender_user_id: UserId,
    /// The name that the sender has now.
    sender_name: FullName,
    text: ChatText,
    client_message_id: Option<ClientMessageId>,
    created_at: Timestamp,
}

impl From<MessageRecord> for MessageView {
    fn from(MessageRecord { message, sender_name }: MessageRecord) -> Self {
        Self {
            id: message.id,
            thread_id: message.thread_id,
            seq: message.seq,
            sender_type: message.sender,
            sender_user_id: message.sender_user_id,
            sender_name,
            text: message.text,
            client_message_id: message.client_message_id,
            created_at: message.created_at.into(),
        }
    }
}

/// `POST /api/chat/threads` by a technician.
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields, schema(function = "technician_identifies_a_text", skip_on_field_errors = false))]
pub(crate) struct OpenThreadWithCompanyBody {
    company_id: Required<CompanyId>,
    /// The job of the thread; it may have none.
    job_id: Optional<JobId>,
    /// A first message.
    text: Optional<ChatText>,
    /// The client's id of the message; only with `text`.
    client_message_id: Optional<ClientMessageId>,
}

/// `POST /api/chat/threads` by a company.
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields, schema(function = "company_identifies_a_text", skip_on_field_errors = false))]
pub(crate) struct OpenThreadWithTechnicianBody {
    technician_id: Required<TechnicianId>,
    /// The job of the thread; it may have none.
    job_id: Optional<JobId>,
    /// A first message.
    text: Optional<ChatText>,
    /// The client's id of the message; only with `text`.
    client_message_id: Optional<ClientMessageId>,
}

fn technician_identifies_a_text(body: &OpenThreadWithCompanyBody) -> Result<(), ValidationError> {
    identifies_a_text(&body.client_message_id, &body.text)
}

fn company_identifies_a_text(body: &OpenThreadWithTechnicianBody) -> Result<(), ValidationError> {
    identifies_a_text(&body.client_message_id, &body.text)
}

/// Rejects the id of a message without a text.
fn identifies_a_text(id: &Optional<ClientMessageId>, text: &Optional<ChatText>) -> Result<(), ValidationError> {
    let is_alone = matches!((id.valid(), text.valid()), (Some(Some(_)), Some(None)));
    reject_inconsistent("clientMessageId", "text", is_alone.then_some("needs a text that it identifies"))
}

impl TryFrom<OpenThreadWithCompanyBody> for OpenThread {
    type Error = Error;

    fn try_from(body: OpenThreadWithCompanyBody) -> Result<Self, Error> {
        let with = Participant::Company(body.company_id.get()?);
        Ok(Self { with, job_id: body.job_id.get()?, message: outgoing_message(body.text, body.client_message_id)? })
    }
}

impl TryFrom<OpenThreadWithTechnicianBody> for OpenThread {
    type Error = Error;

    fn try_from(body: OpenThreadWithTechnicianBody) -> Result<Self, Error> {
        let with = Participant::Technician(body.technician_id.get()?);
        Ok(Self { with, job_id: body.job_id.get()?, message: outgoing_message(body.text, body.client_message_id)? })
    }
}

fn outgoing_message(text: Optional<ChatText>, id: Optional<ClientMessageId>) -> Result<Option<OutgoingMessage>, Error> {
    let client_message_id = id.get()?;
    Ok(text.get()?.map(|text| OutgoingMessage { text, client_message_id }))
}

/// `POST /api/chat/threads/{id}/messages`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct SendMessageBody {
    text: Required<ChatText>,
    /// The client's id of the message; a repeated one sends nothing.
    client_message_id: Optional<ClientMessageId>,
}

impl TryFrom<SendMessageBody> for OutgoingMessage {
    type Error = Error;

    fn try_from(body: SendMessageBody) -> Result<Self, Error> {
        Ok(Self { text: body.text.get()?, client_message_id: body.client_message_id.get()? })
    }
}

/// `POST /api/chat/threads/{id}/read`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct MarkReadBody {
    /// The last message that was read.
    pub(crate) seq: Required<MessageNumber>,
}

/// The unread messages of a thread.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UnreadView {
    pub(crate) unread_count: u32,
}

/// The unread totals of the caller's side, over all its threads.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UnreadTotalsView {
    /// The threads with unread messages.
    unread_threads: u64,
    /// The messages of the other sides after the marks of the caller's.
    unread_messages: u64,
}

impl From<UnreadTotals> for UnreadTotalsView {
    fn from(UnreadTotals { threads, messages }: UnreadTotals) -> Self {
        Self { unread_threads: threads, unread_messages: messages }
    }
}
