#[expect(clippy::ref_option_ref, reason = "the derived insert has such references")]
mod rows;
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
        ChatRepository, MessagePage, MessageRecord, OpenThreadError, OpenedThread, Participant, SentMessage,
        ThreadProgress, ThreadRecord, UnreadTotals, Window,
    },
};

pub(crate) use self::rows::{NewMessageRow, NewThreadRow};
use self::{
    rows::ThreadRow,
    statements::{StoredMessage, ThreadSelection},
};
use crate::{
    Database,
    schema::{technicians, threads},
    stored::count,
    technicians::share_active,
};

/// [`ChatRepository`] on PostgreSQL.
pub struct PgChatRepository {
    database: Database,
}

impl PgChatRepository {
    /// Creates the repository of this database's chats.
    pub const fn new(database: Database) -> Self {
        Self { database }
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
                statements::store(connection, ThreadId::from(id), message)?;
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
        Ok(OpenedThread { record: record.into_record(viewer)?, is_new })
    }

    fn find(&self, id: ThreadId) -> Result<Option<ThreadProgress>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            threads::table
                .inner_join(technicians::table)
                .filter(threads::id.eq(id.uuid()))
                .select((ThreadRow::as_select(), threads::last_seq, technicians::revision))
                .first::<(ThreadRow, i64, i32)>(connection)
                .optional()
        };
        let found = self.database.read(query)?;
        Ok(found.map(|(thread, last_seq, revision)| ThreadProgress {
            thread: thread.into(),
            last_seq,
            technician_revision: Revision::stored(revision),
        }))
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

    fn messages(&self, thread: ThreadId, window: Window, limit: u16) -> Result<MessagePage, RepositoryError> {
        let (mut rows, limit) =
            self.database.read(|connection| statements::load_messages(connection, thread, window, limit))?;
        let has_more = rows.len() > usize::from(limit);
        rows.truncate(limit.into());
        if matches!(window, Window::Newest | Window::Before(_)) {
            rows.reverse();
        }
        let messages = rows.into_iter().map(MessageRecord::try_from).collect::<Result<_, _>>()?;
        Ok(MessagePage { messages, has_more })
    }

    fn send(&self, thread: ThreadId, message: &NewMessage) -> Result<SentMessage, RepositoryError> {
        match self.database.write(|connection| statements::store(connection, thread, message))? {
            StoredMessage::New(row) => Ok(SentMessage { record: row.try_into()?, is_new: true }),
            StoredMessage::Existing(row) => Ok(SentMessage { record: row.try_into()?, is_new: false }),
            StoredMessage::Refused => Err(RepositoryError::Deactivated),
        }
    }

    fn mark_read(&self, thread: ThreadId, side: Side, seq: i64) -> Result<u32, RepositoryError> {
        count("messages", self.database.write(|connection| statements::mark_read(connection, thread, side, seq))?)
    }
}
