//! What is sent and answered.

use repower_application::chat::{OpenThread, Writing};
use repower_domain::{
    accounts::Side,
    chat::Message,
    ids::{CompanyId, JobId, TechnicianId},
    values::{ChatText, ClientMessageId, CompanyName, FullName, Invalid, Title},
};
use repower_ports::chat::{Participant, ThreadRecord, Window};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::{
    described,
    http::{
        ApiError, CursorText, FieldCode, FieldError, PageLimit, Timestamp,
        input::{Defaulted, Optional, Required, refuse},
    },
    openapi::{SchemaRef, Schemas, Shown, Taken, whole},
};

described! {
    "Thread",
    /// A chat as one of its sides sees it.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct ThreadView {
        id: Uuid,
        company_id: Uuid,
        technician_id: Uuid,
        job_id: Option<Uuid>,
        company: ThreadCompanyView,
        technician: ThreadTechnicianView,
        job: Option<ThreadJobView>,
        last_message: Option<MessageView>,
        /// The other side's messages after the reader's mark.
        unread_count: u32,
        created_at: Timestamp,
    }
}

described! {
    "ThreadCompany",
    /// A thread's company.
    #[derive(Debug, Serialize)]
    struct ThreadCompanyView {
        id: Uuid,
        name: Shown<CompanyName>,
    }
}

described! {
    "ThreadTechnician",
    /// A thread's technician.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    struct ThreadTechnicianView {
        id: Uuid,
        full_name: Shown<FullName>,
    }
}

described! {
    "ThreadJob",
    /// The job that a thread is about.
    #[derive(Debug, Serialize)]
    struct ThreadJobView {
        id: Uuid,
        title: Shown<Title>,
    }
}

impl From<ThreadRecord> for ThreadView {
    fn from(record: ThreadRecord) -> Self {
        let thread = record.thread;
        let (company_id, technician_id) = (thread.company_id.uuid(), thread.technician_id.uuid());
        let job_id = thread.job_id.map(JobId::uuid);
        let job = job_id.zip(record.job_title).map(|(id, title)| ThreadJobView { id, title: Shown(title) });
        Self {
            id: thread.id.uuid(),
            company_id,
            technician_id,
            job_id,
            company: ThreadCompanyView { id: company_id, name: Shown(record.company_name) },
            technician: ThreadTechnicianView { id: technician_id, full_name: Shown(record.technician_name) },
            job,
            last_message: record.last_message.map(MessageView::from),
            unread_count: record.unread_count,
            created_at: thread.created_at.into(),
        }
    }
}

described! {
    "Message",
    /// A message of a chat.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct MessageView {
        id: Uuid,
        thread_id: Uuid,
        /// 1, 2, 3 … in each conversation, without gaps.
        seq: i64,
        sender_type: Shown<Side>,
        sender_user_id: Uuid,
        text: Shown<ChatText>,
        client_message_id: Option<Shown<ClientMessageId>>,
        created_at: Timestamp,
    }
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        Self {
            id: message.id.uuid(),
            thread_id: message.thread_id.uuid(),
            seq: message.seq,
            sender_type: Shown(message.sender),
            sender_user_id: message.sender_user_id.uuid(),
            text: Shown(message.text),
            client_message_id: message.client_message_id.map(Shown),
            created_at: message.created_at.into(),
        }
    }
}

described! {
    "MessagesMeta",
    /// What stands beside the messages of a chat.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct MessagesMeta {
        /// How many messages were asked for.
        pub limit: u16,
        /// The number of the last message of the whole chat; 0 when there is none.
        pub last_seq: i64,
        /// Whether more follow in the direction of paging.
        pub has_more: bool,
    }
}

macro_rules! open_thread_bodies {
    ($(
        #[doc = $doc:literal]
        $name:ident, $rule:ident { $other:ident: $id:ty => $participant:path }
    )+) => {$(
        described! {
            stringify!($name),
            #[doc = $doc]
            #[derive(Debug, Deserialize, Validate)]
            #[serde(rename_all = "camelCase")]
            #[validate(nest_all_fields, schema(function = $rule, skip_on_field_errors = false))]
            pub struct $name {
                $other: Required<$id>,
                /// The job that it is about; without one it is about none in particular.
                job_id: Optional<JobId>,
                /// A first message.
                text: Optional<ChatText>,
                /// The sender's own name for the message; only with `text`.
                client_message_id: Optional<ClientMessageId>,
            }
        }

        fn $rule(body: &$name) -> Result<(), ValidationError> {
            names_what_is_sent(body.client_message_id.sound(), body.text.sound())
        }

        impl TryFrom<$name> for OpenThread {
            type Error = ApiError;

            fn try_from(body: $name) -> Result<Self, ApiError> {
                let client_message_id = body.client_message_id.get()?;
                Ok(Self {
                    with: $participant(body.$other.get()?),
                    job_id: body.job_id.get()?,
                    writing: body.text.get()?.map(|text| Writing { text, client_message_id }),
                })
            }
        }
    )+};
}

open_thread_bodies! {
    /// `POST /api/chat/threads` by a technician.
    OpenThreadWithCompanyBody, company_is_sent_what_is_named { company_id: CompanyId => Participant::Company }
    /// `POST /api/chat/threads` for a company.
    OpenThreadWithTechnicianBody, technician_is_sent_what_is_named { technician_id: TechnicianId => Participant::Technician }
}

fn names_what_is_sent(
    name: Option<&Option<ClientMessageId>>,
    text: Option<&Option<ChatText>>,
) -> Result<(), ValidationError> {
    match (name, text) {
        (Some(Some(_)), Some(None)) => {
            refuse(&[FieldError::new("clientMessageId", FieldCode::Inconsistent, "needs a text that it names")])
        }
        _ => Ok(()),
    }
}

described! {
    "SendMessageBody",
    /// `POST /api/chat/threads/{id}/messages`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct SendMessageBody {
        text: Required<ChatText>,
        /// The sender's own name for it, by which a repeated sending is known.
        client_message_id: Optional<ClientMessageId>,
    }
}

impl TryFrom<SendMessageBody> for Writing {
    type Error = ApiError;

    fn try_from(body: SendMessageBody) -> Result<Self, ApiError> {
        Ok(Self { text: body.text.get()?, client_message_id: body.client_message_id.get()? })
    }
}

described! {
    "MarkReadBody",
    /// `POST /api/chat/threads/{id}/read`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct MarkReadBody {
        /// The last message that was read.
        pub seq: Required<MessageNumber>,
    }
}

described! {
    "Unread",
    /// How many messages of the other side are unread.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct UnreadView {
        /// The number.
        pub unread_count: u32,
    }
}

described! {
    "ThreadsQuery",
    /// `GET /api/chat/threads`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct ThreadsQuery {
        /// How many rows.
        pub limit: Defaulted<PageLimit>,
        /// Where to go on.
        pub cursor: Defaulted<CursorText>,
    }
}

/// How many messages are wanted: 1 to 200, 50 unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageLimit(u16);

impl MessageLimit {
    const MAX: u16 = 200;

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl Default for MessageLimit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<i64> for MessageLimit {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        match u16::try_from(number) {
            Ok(number @ 1..=Self::MAX) => Ok(Self(number)),
            Ok(_) | Err(_) => Err(Invalid::OutOfRange { min: 1, max: Self::MAX.into() }),
        }
    }
}

/// The number of a message to page from: 0 (before the first one) or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageNumber(i64);

impl MessageNumber {
    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for MessageNumber {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        if number < 0 { Err(Invalid::OutOfRange { min: 0, max: i64::MAX }) } else { Ok(Self(number)) }
    }
}

crate::http::input::read_from_number! { MessageLimit, MessageNumber }

impl Taken for MessageLimit {
    fn taken(_: &mut Schemas) -> SchemaRef {
        whole(1, Some(Self::MAX.into())).description(Some("How many messages at most; 50 unless said.")).into()
    }
}

impl Taken for MessageNumber {
    fn taken(_: &mut Schemas) -> SchemaRef {
        whole(0, None).description(Some("The `seq` of a message; 0 is before the first one.")).into()
    }
}

described! {
    "MessagesQuery",
    /// `GET /api/chat/threads/{id}/messages`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields, schema(function = "pages_in_one_direction", skip_on_field_errors = false))]
    pub struct MessagesQuery {
        /// Those after this one, the oldest first.
        after: Defaulted<MessageNumber>,
        /// Those before this one; not together with `after`.
        before: Defaulted<MessageNumber>,
        limit: Defaulted<MessageLimit>,
    }
}

fn pages_in_one_direction(query: &MessagesQuery) -> Result<(), ValidationError> {
    let both = query.after.sound().copied().flatten().zip(query.before.sound().copied().flatten());
    let contradiction = FieldError::new("before", FieldCode::Inconsistent, "cannot stand beside after");
    refuse(&both.map_or_else(Vec::new, |_| vec![contradiction]))
}

impl MessagesQuery {
    /// Which messages are wanted, and how many.
    pub fn window(self) -> Result<(Window, MessageLimit), ApiError> {
        let window = match (self.after.get()?, self.before.get()?) {
            (Some(MessageNumber(seq)), _) => Window::After(seq),
            (None, Some(MessageNumber(seq))) => Window::Before(seq),
            (None, None) => Window::Newest,
        };
        Ok((window, self.limit.get()?.unwrap_or_default()))
    }
}
