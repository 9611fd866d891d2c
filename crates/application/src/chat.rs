//! Chats between companies and technicians.

use std::sync::Arc;

use repower_domain::{
    accounts::{Actor, Forbidden, Side},
    chat::{Message, NewMessage, Thread},
    ids::{CompanyId, JobId, TechnicianId, ThreadId},
    values::{ChatText, ClientMessageId},
};
use repower_ports::{
    Clock, IdGenerator, Page, PageRequest, RepositoryError,
    chat::{
        ChatRepository, MessagePage, OpenThreadError, OpenedThread, Participant, SentMessage, ThreadProgress,
        ThreadRecord, Window,
    },
    jobs::JobRepository,
};

use crate::AccessError;

/// What somebody writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    /// What it says.
    pub text: ChatText,
    /// The sender's own name for it, by which a repeated sending is known.
    pub client_message_id: Option<ClientMessageId>,
}

/// A thread that is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenThread {
    /// The other side.
    pub with: Participant,
    /// The job it is about.
    pub job_id: Option<JobId>,
    /// What to send into it at once.
    pub writing: Option<Writing>,
}

/// A thread that the actor was found to be a part of.
#[derive(Debug, Clone, Copy)]
pub struct ReadableThread(ThreadProgress);

impl ReadableThread {
    /// The number of its last message; 0 when there is none.
    pub const fn last_seq(&self) -> i64 {
        self.0.last_seq
    }
}

/// A page of the messages of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Messages {
    /// The messages, ascending.
    pub messages: Vec<Message>,
    /// The number of the last message of the thread; 0 when there is none.
    pub last_seq: i64,
    /// Whether more messages follow in the direction of paging.
    pub has_more: bool,
}

/// The use cases of chats.
pub struct ChatService {
    /// Where chats are kept.
    pub chats: Arc<dyn ChatRepository>,
    /// Where jobs are kept.
    pub jobs: Arc<dyn JobRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where identities come from.
    pub ids: Arc<dyn IdGenerator>,
}

impl ChatService {
    /// Opens a thread with the other side, or finds the one that is there.
    pub fn open(&self, actor: &Actor, wish: OpenThread) -> Result<OpenedThread, AccessError> {
        let (company_id, technician_id, side) = sides(actor, wish.with)?;
        if let Some(job_id) = wish.job_id {
            self.check_job(actor, job_id, company_id)?;
        }
        let thread = Thread {
            id: self.ids.generate().into(),
            company_id,
            technician_id,
            job_id: wish.job_id,
            created_at: self.clock.now(),
        };
        let message = wish.writing.map(|writing| self.message(actor, side, writing));
        self.chats.open(&thread, message, side).map_err(|error| match error {
            OpenThreadError::NoSuchParticipant => AccessError::NotFound,
            OpenThreadError::Repository(cause) => cause.into(),
        })
    }

    /// The threads of the actor's side, the latest activity first.
    pub fn list(&self, actor: &Actor, page: PageRequest) -> Result<Page<ThreadRecord>, AccessError> {
        Ok(self.chats.list(participant(actor)?, page)?)
    }

    /// A thread that the actor is a part of.
    pub fn thread(&self, actor: &Actor, id: ThreadId) -> Result<ReadableThread, AccessError> {
        self.load(actor, id).map(|(progress, _)| ReadableThread(progress))
    }

    /// Messages of a thread, at most `limit`, ascending.
    ///
    /// # Errors
    ///
    /// The storage failed.
    pub fn messages(&self, thread: ReadableThread, window: Window, limit: u16) -> Result<Messages, RepositoryError> {
        let MessagePage { messages, has_more } = self.chats.messages(thread.0.thread.id, window, limit)?;
        // A message may have been added since the thread was loaded.
        let last_seq = messages.last().map_or(0, |message| message.seq).max(thread.last_seq());
        Ok(Messages { messages, last_seq, has_more })
    }

    /// Sends a message into a thread that the actor is a part of.
    pub fn send(&self, actor: &Actor, id: ThreadId, writing: Writing) -> Result<SentMessage, AccessError> {
        let (progress, side) = self.load(actor, id)?;
        let message = self.message(actor, side, writing);
        Ok(self.chats.send(progress.thread.id, &message)?)
    }

    /// Moves the mark of the actor's side to this message, and answers how many
    /// messages of the other side follow it.
    pub fn mark_read(&self, actor: &Actor, id: ThreadId, seq: i64) -> Result<u32, AccessError> {
        let (progress, side) = self.load(actor, id)?;
        Ok(self.chats.mark_read(progress.thread.id, side, seq)?)
    }

    fn load(&self, actor: &Actor, id: ThreadId) -> Result<(ThreadProgress, Side), AccessError> {
        let progress = self.chats.find(id)?.ok_or(AccessError::NotFound)?;
        let side = progress.thread.side_of(actor).ok_or(AccessError::NotFound)?;
        Ok((progress, side))
    }

    fn check_job(&self, actor: &Actor, id: JobId, company: CompanyId) -> Result<(), AccessError> {
        let job = self.jobs.find(id)?.ok_or(AccessError::NotFound)?.job;
        let may_be_named = job.company_id == company && job.is_visible_to(Some(actor));
        may_be_named.then_some(()).ok_or(AccessError::NotFound)
    }

    fn message(&self, actor: &Actor, sender: Side, Writing { text, client_message_id }: Writing) -> NewMessage {
        NewMessage {
            id: self.ids.generate().into(),
            sender,
            sender_user_id: actor.user_id(),
            text,
            client_message_id,
            created_at: self.clock.now(),
        }
    }
}

fn participant(actor: &Actor) -> Result<Participant, Forbidden> {
    match actor {
        Actor::Technician { technician_id, .. } => Ok(Participant::Technician(*technician_id)),
        Actor::Member { company_id, .. } => Ok(Participant::Company(*company_id)),
        Actor::SuperAdmin { .. } => Err(Forbidden),
    }
}

fn sides(actor: &Actor, with: Participant) -> Result<(CompanyId, TechnicianId, Side), Forbidden> {
    match (participant(actor)?, with) {
        (Participant::Technician(technician), Participant::Company(company)) => {
            Ok((company, technician, Side::Technician))
        }
        (Participant::Company(company), Participant::Technician(technician)) => {
            Ok((company, technician, Side::Company))
        }
        (Participant::Technician(_), Participant::Technician(_))
        | (Participant::Company(_), Participant::Company(_)) => Err(Forbidden),
    }
}

#[cfg(test)]
mod tests;
