//! Chats between companies and technicians: threads and messages.

use std::sync::Arc;

use repower_domain::{
    accounts::{Actor, Forbidden, Rate, Side, ThrottleLimits},
    chat::{NewMessage, Thread},
    ids::{CompanyId, JobId, TechnicianId, ThreadId},
    values::{ChatText, ClientMessageId},
};
use repower_ports::{
    Clock, IdGenerator, Page, PageRequest,
    accounts::RateCounter,
    chat::{
        ChatRepository, MessagePage, OpenThreadError, OpenedThread, Participant, SentMessage, ThreadRecord,
        UnreadTotals, Window,
    },
    jobs::JobRepository,
    technicians::TechnicianRepository,
};

use crate::{AccessError, CandidateAccess, TooManyAttempts, rates};

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The text.
    pub text: ChatText,
    /// An id from the sender, so that a repeated message is recognised.
    pub client_message_id: Option<ClientMessageId>,
}

/// A request to open a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenThread {
    /// The other side.
    pub with: Participant,
    /// The job.
    pub job_id: Option<JobId>,
    /// The first message.
    pub message: Option<OutgoingMessage>,
}

/// The use cases of chats.
pub struct ChatService {
    /// Stores threads and messages.
    pub chats: Arc<dyn ChatRepository>,
    /// Stores technicians and their passports.
    pub technicians: Arc<dyn TechnicianRepository>,
    /// Decides which technicians a company may see.
    pub candidates: CandidateAccess,
    /// Stores jobs.
    pub jobs: Arc<dyn JobRepository>,
    /// Counts by the minute.
    pub rates: Arc<dyn RateCounter>,
    /// The limits of messages; without limits, they are not counted.
    pub limits: Option<ThrottleLimits>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Generates ids.
    pub ids: Arc<dyn IdGenerator>,
}

impl ChatService {
    /// Opens a thread with the other side, or finds the existing one.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for the own side and for a super admin; not found for
    /// the other side or the job; [`AccessError::Unverified`] for a company towards a
    /// technician who has not turned to it; [`AccessError::TooManyAttempts`] for a message;
    /// the storage failed.
    pub fn open(&self, actor: &Actor, request: OpenThread) -> Result<OpenedThread, AccessError> {
        let (company_id, technician_id, side) = sides(actor, request.with)?;
        if let Some(job_id) = request.job_id {
            self.check_job(actor, job_id, company_id)?;
        }
        if side == Side::Company {
            let technician = self.technicians.contact(technician_id, company_id)?;
            self.candidates.view(company_id, technician)?;
        }
        let thread = Thread::builder()
            .id(self.ids.generate().into())
            .company_id(company_id)
            .technician_id(technician_id)
            .job_id(request.job_id)
            .created_at(self.clock.now())
            .build();
        if request.message.is_some() {
            self.count_message(actor, &thread)?;
        }
        let message = request.message.map(|message| self.message(actor, side, message));
        self.chats.open(&thread, message, side).map_err(|error| match error {
            OpenThreadError::NoSuchParticipant => AccessError::NotFound,
            OpenThreadError::Repository(cause) => cause.into(),
        })
    }

    /// The threads of the side of the actor, the latest message or opening first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for a super admin; the storage failed.
    pub fn list(&self, actor: &Actor, page: PageRequest) -> Result<Page<ThreadRecord>, AccessError> {
        Ok(self.chats.list(participant(actor)?, page)?)
    }

    /// The unread totals of the actor's side, over all its threads.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for a super admin; the storage failed.
    pub fn unread(&self, actor: &Actor) -> Result<UnreadTotals, AccessError> {
        Ok(self.chats.unread(participant(actor)?)?)
    }

    /// At most `limit` messages of a thread with the actor on one side, ascending.
    ///
    /// # Errors
    ///
    /// [`AccessError::NotFound`], also for an actor on neither side; the storage
    /// failed.
    pub fn messages(
        &self,
        actor: &Actor,
        id: ThreadId,
        window: Window,
        limit: u16,
    ) -> Result<MessagePage, AccessError> {
        let (thread, _) = self.load(actor, id)?;
        self.chats.messages(thread.id, window, limit)?.ok_or(AccessError::NotFound)
    }

    /// Sends a message to a thread, for the side of the actor.
    ///
    /// # Errors
    ///
    /// Those of [`Self::messages`]; [`AccessError::TooManyAttempts`].
    pub fn send(&self, actor: &Actor, id: ThreadId, message: OutgoingMessage) -> Result<SentMessage, AccessError> {
        let (thread, side) = self.load(actor, id)?;
        self.count_message(actor, &thread)?;
        let message = self.message(actor, side, message);
        Ok(self.chats.send(thread.id, &message)?)
    }

    /// Marks the messages up to a number as read by the side of the actor. Returns the
    /// number of unread messages from the other side.
    ///
    /// # Errors
    ///
    /// Those of [`Self::messages`].
    pub fn mark_read(&self, actor: &Actor, id: ThreadId, seq: i64) -> Result<u32, AccessError> {
        let (thread, side) = self.load(actor, id)?;
        Ok(self.chats.mark_read(thread.id, side, seq)?)
    }

    /// Counts a message by its user and thread. A thread that is yet to be opened has the
    /// same count as once it is.
    fn count_message(&self, actor: &Actor, thread: &Thread) -> Result<(), TooManyAttempts> {
        let rate = Rate::Messages(actor.user_id(), thread.company_id, thread.technician_id, thread.job_id);
        rates::count(&*self.rates, self.limits, rate, self.clock.now())
    }

    fn load(&self, actor: &Actor, id: ThreadId) -> Result<(Thread, Side), AccessError> {
        let thread = self.chats.find(id)?.ok_or(AccessError::NotFound)?;
        let side = thread.side_of(actor).ok_or(AccessError::NotFound)?;
        Ok((thread, side))
    }

    fn check_job(&self, actor: &Actor, id: JobId, company: CompanyId) -> Result<(), AccessError> {
        let job = self.jobs.find(id)?.ok_or(AccessError::NotFound)?.job;
        let is_valid = job.company_id == company && job.is_visible_to(Some(actor));
        is_valid.then_some(()).ok_or(AccessError::NotFound)
    }

    fn message(
        &self,
        actor: &Actor,
        sender: Side,
        OutgoingMessage { text, client_message_id }: OutgoingMessage,
    ) -> NewMessage {
        NewMessage::builder()
            .id(self.ids.generate().into())
            .sender(sender)
            .sender_user_id(actor.user_id())
            .text(text)
            .client_message_id(client_message_id)
            .created_at(self.clock.now())
            .build()
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
