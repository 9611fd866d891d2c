//! Chats between companies and technicians.

use repower_domain::{
    accounts::Side,
    chat::{Message, NewMessage, Thread},
    ids::{CompanyId, TechnicianId, ThreadId},
    values::{CompanyName, FullName, Title},
};
use thiserror::Error;

use crate::{Page, PageRequest, RepositoryError};

/// One of the two sides of a chat, by name: whose threads are listed and whose
/// unread messages are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Participant {
    /// A company, as one.
    Company(CompanyId),
    /// A technician.
    Technician(TechnicianId),
}

impl Participant {
    /// The side.
    pub const fn side(self) -> Side {
        match self {
            Self::Company(_) => Side::Company,
            Self::Technician(_) => Side::Technician,
        }
    }
}

/// A thread as one side sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadRecord {
    /// The thread.
    pub thread: Thread,
    /// What the company is called.
    pub company_name: CompanyName,
    /// What the technician is called.
    pub technician_name: FullName,
    /// What the job is called, where the thread is about one.
    pub job_title: Option<Title>,
    /// The newest message.
    pub last_message: Option<Message>,
    /// How many messages of the other side this side has not read.
    pub unread_count: u32,
}

/// What became of the wish to open a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedThread {
    /// The thread, as the side that opened it sees it.
    pub record: ThreadRecord,
    /// Whether it was made now; `false` when it was there.
    pub is_new: bool,
}

/// Why a thread is not opened.
#[derive(Debug, Error)]
pub enum OpenThreadError {
    /// The company or the technician does not exist.
    #[error("the other side does not exist")]
    NoSuchParticipant,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// The message that is stored.
    pub message: Message,
    /// Whether it was stored now; `false` when the sender had sent it before.
    pub is_new: bool,
}

/// Which messages of a thread are wanted, always answered ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The newest.
    Newest,
    /// Those that follow this number.
    After(i64),
    /// Those just before this number.
    Before(i64),
}

/// Part of a thread's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePage {
    /// The messages, ascending by number.
    pub messages: Vec<Message>,
    /// Whether more follow in the direction of paging: forward after a number,
    /// back otherwise.
    pub has_more: bool,
}

/// A thread, and how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadProgress {
    /// The thread.
    pub thread: Thread,
    /// The number of its last message; 0 when there is none.
    pub last_seq: i64,
}

/// Where chats are kept.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ChatRepository: Send + Sync {
    /// Opens the thread, or finds the one that is there for the same company,
    /// technician and job (none being one too); `message`, where there is one,
    /// is sent into it in the same transaction, as by [`Self::send`]. Answers it
    /// as `viewer` sees it. Of many at once one is new and all get that one.
    fn open(&self, thread: &Thread, message: Option<NewMessage>, viewer: Side)
    -> Result<OpenedThread, OpenThreadError>;

    /// The thread, or `None` when there is none.
    fn find(&self, id: ThreadId) -> Result<Option<ThreadProgress>, RepositoryError>;

    /// The threads of a participant, the latest activity (a message, or the
    /// opening) first, in one statement, whatever the number of messages.
    fn list(&self, participant: Participant, page: PageRequest) -> Result<Page<ThreadRecord>, RepositoryError>;

    /// Messages of a thread, at most `limit` (1 to 200), in one statement.
    fn messages(&self, thread: ThreadId, window: Window, limit: u16) -> Result<MessagePage, RepositoryError>;

    /// Sends a message: it gets the thread's next number, under a lock on the
    /// thread, so that numbers have no gaps and become visible in their order.
    /// The other side has one unread message more. A `client_message_id` that
    /// this user has used in this thread stores nothing and answers what is
    /// there. The thread must exist.
    fn send(&self, thread: ThreadId, message: &NewMessage) -> Result<SentMessage, RepositoryError>;

    /// Moves a side's mark to this message (past the end means the end; never
    /// backwards), and answers how many messages of the other side follow it.
    /// The thread must exist.
    fn mark_read(&self, thread: ThreadId, side: Side, seq: i64) -> Result<u32, RepositoryError>;
}
