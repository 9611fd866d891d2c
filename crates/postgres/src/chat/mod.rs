mod known_threads;
mod marking;
#[expect(clippy::ref_option_ref, reason = "the derived insert has such references")]
mod rows;
mod sending;
mod statements;

use diesel::{PgConnection, prelude::*, result::Error};
use repower_domain::{
    Revision,
    accounts::Side,
    chat::{NewMessage, Thread},
    ids::ThreadId,
};
use repower_ports::{
    Page, PageRequest, RepositoryError,
    chat::{
        ChatRepository, MessagePage, OpenThreadError, OpenedThread, Participant, SentMessage, ThreadRecord,
        UnreadTotals, Window,
    },
    prefetch::Lookup,
};

use self::{
    known_threads::KnownThreads,
    marking::MarkRead,
    rows::{PageRow, ThreadRow},
    sending::{Send, SendMany, SentRow},
    statements::ThreadSelection,
};
pub(crate) use self::{
    rows::{NewMessageRow, NewThreadRow},
    statements::prefetch,
};
use crate::{
    Database,
    batches::Batches,
    error::{Failure, NoConnection},
    lists, lookups,
    schema::threads,
    stored::count,
    technicians::share_active,
};

/// [`ChatRepository`] on PostgreSQL.
pub struct PgChatRepository {
    database: Database,
    known: KnownThreads,
    sending: Batches<ThreadId, (ThreadId, NewMessage), Result<SentRow, NoConnection>>,
}

impl PgChatRepository {
    /// Creates the repository of this database's chats.
    pub fn new(database: Database) -> Self {
        Self { database, known: KnownThreads::default(), sending: Batches::new() }
    }

    /// The outcome of a write to a thread; [`RepositoryError::Stale`] if it is not there any more.
    fn existing<T>(&self, thread: ThreadId, outcome: Result<T, Failure>) -> Result<T, RepositoryError> {
        if outcome.as_ref().is_err_and(Failure::is_not_found) {
            self.known.forget(thread);
        }
        lists::not_found_as_stale(outcome)
    }

    /// The stored message that this one repeats.
    fn find_repeated(&self, thread: ThreadId, message: &NewMessage) -> Result<Option<SentMessage>, RepositoryError> {
        let find = |connection: &mut PgConnection| statements::find_repeated(connection, thread, message);
        let (repeated, sender, technician_name) = self.existing(thread, self.database.read(find))?;
        let Some((repeated, sender)) = repeated.zip(sender) else { return Ok(None) };
        let record = rows::record(repeated, &sender, &technician_name)?;
        // A retry finds the message of the first attempt.
        Ok(Some(SentMessage { is_new: record.message.id == message.id, record }))
    }
}

impl ChatRepository for PgChatRepository {
    fn open(
        &self,
        thread: &Thread,
        message: Option<NewMessage>,
        viewer: Side,
    ) -> Result<OpenedThread, OpenThreadError> {
        let open = |connection: &mut PgConnection| {
            if viewer == Side::Company && share_active(connection, thread.technician_id)? == Some(false) {
                // A thread that is there can be read.
                let existing = if message.is_none() { statements::find(connection, thread)? } else { None };
                let Some(id) = existing else { return Ok(None) };
                let record = statements::load_records(connection, ThreadSelection::ById(id))?.pop();
                return Ok(record.map(|record| (record, false)));
            }
            let (id, is_new) = statements::find_or_insert(connection, thread, viewer)?;
            if let Some(message) = &message {
                Send::new(ThreadId::from(id), message).execute_in(connection)?;
            }
            let record =
                statements::load_records(connection, ThreadSelection::ById(id))?.pop().ok_or(Error::NotFound)?;
            Ok(Some((record, is_new)))
        };
        let opened = self.database.write(open).map_err(|failure| match failure.violated_constraint() {
            Some("threads_company_fkey" | "threads_technician_fkey") => OpenThreadError::NoSuchParticipant,
            Some(_) | None => OpenThreadError::Repository(failure.into()),
        })?;
        let (record, is_new) = opened.ok_or(RepositoryError::Deactivated)?;
        let record = record.into_record(viewer)?;
        self.known.insert(record.thread);
        Ok(OpenedThread { record, is_new })
    }

    fn find(&self, id: ThreadId) -> Result<Option<Thread>, RepositoryError> {
        if let Some(known) = self.known.get(id) {
            return Ok(Some(known));
        }
        let query = |connection: &mut PgConnection| {
            threads::table.find(id.uuid()).select(ThreadRow::as_select()).first(connection).optional()
        };
        let found = self.database.read(query)?.map(Thread::from);
        if let Some(thread) = found {
            self.known.insert(thread);
        }
        Ok(found)
    }

    fn list(&self, participant: Participant, page: PageRequest) -> Result<Page<ThreadRecord>, RepositoryError> {
        let selection = ThreadSelection::OfParticipant(participant, page);
        let rows = self.database.read(|connection| statements::load_records(connection, selection))?;
        // The time of the latest activity is the sort key of the list, and no field of the record.
        let viewer = participant.side();
        Page::cut(rows, page.limit, rows::RecordRow::position).try_map(|row| row.into_record(viewer))
    }

    fn unread(&self, participant: Participant) -> Result<UnreadTotals, RepositoryError> {
        let (threads, messages) = self.database.read(|connection| statements::sum_unread(connection, participant))?;
        Ok(UnreadTotals { threads: count("threads", threads)?, messages: count("threads", messages.unwrap_or(0))? })
    }

    fn messages(&self, thread: ThreadId, window: Window, limit: u16) -> Result<Option<MessagePage>, RepositoryError> {
        let prefetched = match window {
            Window::After(after) => lookups::take::<PageRow>(Lookup::Messages { thread, after }).transpose()?,
            Window::Newest | Window::Before(_) => None,
        };
        let (mut rows, limit) = match prefetched {
            Some(mut rows) => {
                rows.sort_unstable_by_key(PageRow::seq);
                (rows, limit)
            }
            None => self.database.read(|connection| statements::load_messages(connection, thread, window, limit))?,
        };
        let has_more = rows.len() > usize::from(limit);
        rows.truncate(limit.into());
        if matches!(window, Window::Newest | Window::Before(_)) {
            rows.reverse();
        }
        let Some(&PageRow { last_seq, technician_revision, .. }) = rows.first() else { return Ok(None) };
        let messages = rows.into_iter().filter_map(PageRow::into_record).collect::<Result<_, _>>()?;
        let technician_revision = Revision::stored(technician_revision);
        Ok(Some(MessagePage { last_seq, technician_revision, messages, has_more }))
    }

    fn send(&self, thread: ThreadId, message: &NewMessage) -> Result<SentMessage, RepositoryError> {
        let together = self.database.write_in_batch(
            &self.sending,
            thread,
            (thread, message.clone()),
            |connection, messages| SendMany::new(messages).execute(connection),
        )?;
        if let Some(sent) = together {
            return sent.into_sent(thread, message);
        }
        if message.client_message_id.is_some()
            && let Some(repeated) = self.find_repeated(thread, message)?
        {
            return Ok(repeated);
        }
        let statement = Send::new(thread, message);
        let attempt =
            || self.database.write_repeatable(|connection| statement.get_result::<SentRow>(connection).optional());
        let sent = match attempt() {
            Err(failure) if Send::is_repetition(&failure) => attempt(),
            outcome => outcome,
        };
        match sent {
            Ok(Some(sent)) => return sent.into_sent(thread, message),
            Ok(None) => {}
            // An attempt whose connection was lost has stored it.
            Err(failure) if failure.violates_primary_key() => {}
            Err(failure) => return Err(failure.into()),
        }
        self.find_repeated(thread, message)?.ok_or(RepositoryError::Deactivated)
    }

    fn mark_read(&self, thread: ThreadId, side: Side, seq: i64) -> Result<u32, RepositoryError> {
        let mark = MarkRead::new(thread, side, seq);
        let marked = self.database.write_repeatable(|connection| mark.get_result::<Option<i32>>(connection));
        let unread = match self.existing(thread, marked)? {
            Some(unread) => unread,
            None => self.database.read(|connection| statements::unread(connection, thread, side))?,
        };
        count("threads", unread.into())
    }
}
