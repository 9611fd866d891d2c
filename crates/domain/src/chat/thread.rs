use chrono::{DateTime, Utc};
use typed_builder::TypedBuilder;

use crate::{
    accounts::{Actor, Side},
    ids::{CompanyId, JobId, MessageId, TechnicianId, ThreadId, UserId},
    values::{ChatText, ClientMessageId},
};

/// A chat between a company and a technician, about a job or about none. Each
/// combination of the three has at most one thread.
///
/// ```
/// use repower_domain::{accounts::{Actor, CompanyRole, Side}, chat::Thread, chrono::DateTime, uuid::Uuid};
///
/// let thread = Thread::builder()
///     .id(Uuid::from_u128(1).into())
///     .company_id(Uuid::from_u128(2).into())
///     .technician_id(Uuid::from_u128(3).into())
///     .job_id(None)
///     .created_at(DateTime::UNIX_EPOCH)
///     .build();
/// let (user_id, role) = (Uuid::from_u128(4).into(), CompanyRole::Recruiter);
/// let member_of = |company_id| Actor::Member { user_id, company_id, role };
/// assert_eq!(thread.side_of(&member_of(thread.company_id)), Some(Side::Company));
/// assert_eq!(thread.side_of(&member_of(Uuid::from_u128(5).into())), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Thread {
    /// The id.
    pub id: ThreadId,
    /// The company.
    pub company_id: CompanyId,
    /// The technician.
    pub technician_id: TechnicianId,
    /// The job.
    pub job_id: Option<JobId>,
    /// The time when the thread was opened.
    pub created_at: DateTime<Utc>,
}

impl Thread {
    /// The side of an actor; `None` for an actor on neither side.
    pub fn side_of(&self, actor: &Actor) -> Option<Side> {
        actor.side_between(self.company_id, self.technician_id)
    }
}

/// A message to send. The thread assigns its number.
///
/// See the example of [`Message`].
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct NewMessage {
    /// The id.
    pub id: MessageId,
    /// The side that sends it.
    pub sender: Side,
    /// The user who sends it.
    pub sender_user_id: UserId,
    /// The text.
    pub text: ChatText,
    /// An id from the sender, so that a repeated message is recognised.
    pub client_message_id: Option<ClientMessageId>,
    /// The time of sending. The message has the time of the message before it where that
    /// is later.
    pub created_at: DateTime<Utc>,
}

/// A message that was sent.
///
/// ```
/// use repower_domain::{
///     accounts::Side,
///     chat::{Message, NewMessage},
///     chrono::DateTime,
///     uuid::Uuid,
/// };
///
/// let new = NewMessage::builder()
///     .id(Uuid::from_u128(1).into())
///     .sender(Side::Company)
///     .sender_user_id(Uuid::from_u128(2).into())
///     .text("When can you start?".parse()?)
///     .client_message_id(None)
///     .created_at(DateTime::UNIX_EPOCH)
///     .build();
/// // As a store writes it, which counts the messages of the thread.
/// let sent = Message::builder()
///     .id(new.id)
///     .thread_id(Uuid::from_u128(3).into())
///     .seq(1)
///     .sender(new.sender)
///     .sender_user_id(new.sender_user_id)
///     .text(new.text)
///     .client_message_id(new.client_message_id)
///     .created_at(new.created_at)
///     .build();
/// assert_eq!(sent.text.as_str(), "When can you start?");
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Message {
    /// The id.
    pub id: MessageId,
    /// The thread.
    pub thread_id: ThreadId,
    /// The number in the thread: 1, 2, 3 … without gaps, in commit order.
    pub seq: i64,
    /// The side that sent it.
    pub sender: Side,
    /// The user who sent it.
    pub sender_user_id: UserId,
    /// The text.
    pub text: ChatText,
    /// The id from the sender.
    pub client_message_id: Option<ClientMessageId>,
    /// The time of sending, which never falls while the number rises.
    pub created_at: DateTime<Utc>,
}
