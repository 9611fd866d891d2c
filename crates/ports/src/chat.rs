//! Chats between companies and technicians: threads and messages.

use repower_domain::{
    Revision,
    accounts::Side,
    chat::{Message, NewMessage, Thread},
    ids::{CompanyId, TechnicianId, ThreadId},
    values::{CompanyName, FullName, Title},
};
use thiserror::Error;

use crate::{Page, PageRequest, RepositoryError};

/// A side of chats with its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Participant {
    /// A company with all its members.
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

/// A thread for one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadRecord {
    /// The thread.
    pub thread: Thread,
    /// The name of the company.
    pub company_name: CompanyName,
    /// The name of the technician.
    pub technician_name: FullName,
    /// The title of the job, if there is one.
    pub job_title: Option<Title>,
    /// The newest message.
    pub last_message: Option<MessageRecord>,
    /// The number of messages from the other side that this side has not read.
    pub unread_count: u32,
}

/// An opened thread, new or existing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedThread {
    /// The thread for the side that opened it.
    pub record: ThreadRecord,
    /// Whether the thread is new.
    pub is_new: bool,
}

/// The reason why a thread is not opened.
#[derive(Debug, Error)]
pub enum OpenThreadError {
    /// The company or the technician does not exist.
    #[error("the other side does not exist")]
    NoSuchParticipant,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// A message with its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRecord {
    /// The message.
    pub message: Message,
    /// The present name of the sender, also of a removed member.
    pub sender_name: FullName,
}

/// A sent message, new or repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// The stored message.
    pub record: MessageRecord,
    /// Whether the message is new; `false` if the sender repeated it.
    pub is_new: bool,
}

/// What a side has not read, over all its threads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnreadTotals {
    /// The threads with unread messages.
    pub threads: u64,
    /// The messages from the other sides that this side has not read.
    pub messages: u64,
}

/// A part of the messages of a thread. Messages are returned ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The newest messages.
    Newest,
    /// The messages after this number.
    After(i64),
    /// The last messages before this number.
    Before(i64),
}

/// A page of the messages of a thread, all as they are at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePage {
    /// The number of the last message of the thread; 0 if there is none.
    pub last_seq: i64,
    /// The revision of the technician, whose name may change. Those of members do not.
    pub technician_revision: Revision,
    /// The messages, ascending by number.
    pub messages: Vec<MessageRecord>,
    /// Whether more messages follow in the direction of paging: forward for
    /// [`Window::After`], otherwise backward.
    pub has_more: bool,
}

/// Stores threads and messages.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ChatRepository: Send + Sync {
    /// Opens a thread, or finds the existing one of the same company, technician and
    /// job or of none. Sends `message` in the same transaction, as [`Self::send`]
    /// does. Returns the thread for the side `viewer`. Concurrent calls return the
    /// same thread.
    fn open(&self, thread: &Thread, message: Option<NewMessage>, viewer: Side)
    -> Result<OpenedThread, OpenThreadError>;

    /// The thread; `None` if there is none. Nothing of a thread ever changes, so that one
    /// that was found before may be returned from memory.
    fn find(&self, id: ThreadId) -> Result<Option<Thread>, RepositoryError>;

    /// The threads of a participant, in one statement. The thread with the latest
    /// message or opening is first.
    fn list(&self, participant: Participant, page: PageRequest) -> Result<Page<ThreadRecord>, RepositoryError>;

    /// The unread totals of a participant, in one statement.
    fn unread(&self, participant: Participant) -> Result<UnreadTotals, RepositoryError>;

    /// Messages of a thread, at most `limit` (1 to 200), in one statement; `None` if there is
    /// no such thread.
    fn messages(&self, thread: ThreadId, window: Window, limit: u16) -> Result<Option<MessagePage>, RepositoryError>;

    /// Sends a message to an existing thread, in one statement. The message gets the next
    /// number, under a lock on the thread: numbers have no gaps and become visible in order.
    ///
    /// A `client_message_id` that the user has used in the thread stores nothing and
    /// returns the first message. [`RepositoryError::Stale`]: the thread is not there any more.
    fn send(&self, thread: ThreadId, message: &NewMessage) -> Result<SentMessage, RepositoryError>;

    /// Marks the messages up to a number as read by a side. A number beyond the end is
    /// the end, and a lower one than before has no effect. Returns the number of unread
    /// messages from the other side. The end is that of the moment at which the call begins.
    /// [`RepositoryError::Stale`]: the thread is not there any more.
    fn mark_read(&self, thread: ThreadId, side: Side, seq: i64) -> Result<u32, RepositoryError>;
}
