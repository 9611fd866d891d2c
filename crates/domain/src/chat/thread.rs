use chrono::{DateTime, Utc};

use crate::{
    accounts::{Actor, Side},
    ids::{CompanyId, JobId, MessageId, TechnicianId, ThreadId, UserId},
    values::{ChatText, ClientMessageId},
};

/// A chat between a company and a technician, about a job or about none. There
/// is one for each combination of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thread {
    /// Its identity.
    pub id: ThreadId,
    /// The company.
    pub company_id: CompanyId,
    /// The technician.
    pub technician_id: TechnicianId,
    /// The job it is about.
    pub job_id: Option<JobId>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
}

impl Thread {
    /// The side on which somebody stands in it; `None` for strangers.
    pub fn side_of(&self, actor: &Actor) -> Option<Side> {
        actor.side_between(self.company_id, self.technician_id)
    }
}

/// A message that is to be sent; the thread gives it its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Its identity.
    pub id: MessageId,
    /// Which side sends it.
    pub sender: Side,
    /// Who sends it.
    pub sender_user_id: UserId,
    /// What it says.
    pub text: ChatText,
    /// The sender's own name for it, by which a repeated sending is known.
    pub client_message_id: Option<ClientMessageId>,
    /// When it is sent.
    pub created_at: DateTime<Utc>,
}

/// A message that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its identity.
    pub id: MessageId,
    /// Its thread.
    pub thread_id: ThreadId,
    /// Its number in the thread: 1, 2, 3 … without gaps, in commit order.
    pub seq: i64,
    /// Which side sent it.
    pub sender: Side,
    /// Who sent it.
    pub sender_user_id: UserId,
    /// What it says.
    pub text: ChatText,
    /// The sender's own name for it.
    pub client_message_id: Option<ClientMessageId>,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
}
