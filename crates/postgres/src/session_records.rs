//! The counts of sessions, and the uses of them that are not stored yet.

use std::{
    collections::{HashMap, HashSet},
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use repower_domain::{accounts::Session, ids::SessionId};
use repower_ports::operation::SessionCounts;

/// The most sessions whose uses are noted in a minute, and that wait to be stored: 100,000,
/// some 8 MiB. A use beyond is not noted.
const MAX_SESSIONS: usize = 100_000;

/// Why sessions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndReason {
    /// A log-out.
    Logout,
    /// The user has ended it in the list.
    User,
    /// A super admin has ended all of the user.
    Admin,
    /// A new password.
    Password,
    /// A deactivation.
    Deactivation,
    /// A removal from the company.
    Removal,
    /// A login beyond the bound, or after the session had expired or was idle.
    Login,
    /// Its expiry.
    Expiry,
    /// The idle time.
    Idle,
}

impl EndReason {
    const ALL: [Self; 9] = [
        Self::Logout,
        Self::User,
        Self::Admin,
        Self::Password,
        Self::Deactivation,
        Self::Removal,
        Self::Login,
        Self::Expiry,
        Self::Idle,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::User => "user",
            Self::Admin => "admin",
            Self::Password => "password",
            Self::Deactivation => "deactivation",
            Self::Removal => "removal",
            Self::Login => "login",
            Self::Expiry => "expiry",
            Self::Idle => "idle",
        }
    }
}

/// The sessions of this process: their counts, and their uses.
#[derive(Default)]
pub(crate) struct SessionRecords {
    begun: AtomicU64,
    ended: [AtomicU64; EndReason::ALL.len()],
    noted: Mutex<NotedUses>,
}

/// The uses of the last minutes.
#[derive(Default)]
struct NotedUses {
    /// The minute in which each of `sessions` has been noted.
    minute: DateTime<Utc>,
    sessions: HashSet<SessionId>,
    /// The minutes of the uses that are not stored yet.
    waiting: HashMap<SessionId, DateTime<Utc>>,
}

impl SessionRecords {
    /// Counts a session that began.
    pub(crate) fn count_begun(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts sessions that ended.
    pub(crate) fn count_ended(&self, reason: EndReason, number: usize) {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        for (known, count) in EndReason::ALL.iter().zip(&self.ended) {
            if *known == reason {
                count.fetch_add(number, Ordering::Relaxed);
            }
        }
    }

    /// The counts now.
    pub(crate) fn counts(&self) -> SessionCounts {
        let ended = EndReason::ALL.iter().zip(&self.ended);
        SessionCounts {
            begun: self.begun.load(Ordering::Relaxed),
            ended: ended.map(|(reason, count)| (reason.as_str(), count.load(Ordering::Relaxed))).collect(),
        }
    }

    /// Notes the use of a session, once a minute.
    pub(crate) fn note_use(&self, session: SessionId, at: DateTime<Utc>) {
        self.noted().note(session, at);
    }

    /// Takes the uses of up to so many sessions, to store them.
    pub(crate) fn take_uses(&self, most: usize) -> Vec<(SessionId, DateTime<Utc>)> {
        let mut noted = self.noted();
        if noted.waiting.len() <= most {
            return mem::take(&mut noted.waiting).into_iter().collect();
        }
        let taken: Vec<_> = noted.waiting.iter().take(most).map(|(session, minute)| (*session, *minute)).collect();
        for (session, _) in &taken {
            noted.waiting.remove(session);
        }
        taken
    }

    /// Puts back uses that could not be stored, unless there is a newer one of the session.
    pub(crate) fn put_back_uses(&self, uses: Vec<(SessionId, DateTime<Utc>)>) {
        let mut noted = self.noted();
        for (session, minute) in uses {
            noted.wait_for_storing(session, minute);
        }
    }

    fn noted(&self) -> MutexGuard<'_, NotedUses> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NotedUses {
    fn note(&mut self, session: SessionId, at: DateTime<Utc>) {
        let minute = Session::minute_of(at);
        if self.minute - minute == Session::PRECISION {
            // A request of the end of the last minute is late. An earlier time is that of a clock that was set back.
            self.wait_for_storing(session, minute);
            return;
        }
        if minute != self.minute {
            self.minute = minute;
            self.sessions.clear();
        }
        let has_room = self.sessions.len().max(self.waiting.len()) < MAX_SESSIONS;
        if has_room && self.sessions.insert(session) {
            self.waiting.insert(session, minute);
        }
    }

    /// Notes an earlier use, unless there is a newer one of the session.
    fn wait_for_storing(&mut self, session: SessionId, minute: DateTime<Utc>) {
        if self.waiting.len() < MAX_SESSIONS {
            self.waiting.entry(session).or_insert(minute);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    fn session(number: usize) -> SessionId {
        Uuid::from_u128(number.try_into().unwrap()).into()
    }

    /// Seconds after a full minute.
    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_040 + seconds, 0).unwrap()
    }

    fn taken(records: &SessionRecords) -> Vec<(SessionId, DateTime<Utc>)> {
        let mut taken = records.take_uses(10);
        taken.sort_unstable();
        taken
    }

    #[test]
    fn a_session_is_noted_once_a_minute_also_after_it_was_stored() {
        let records = SessionRecords::default();
        records.note_use(session(1), at(1));
        records.note_use(session(2), at(2));
        records.note_use(session(1), at(59));
        assert_eq!(taken(&records), [(session(1), at(0)), (session(2), at(0))]);
        records.note_use(session(1), at(59));
        assert_eq!(taken(&records), []);
        records.note_use(session(1), at(60));
        assert_eq!(taken(&records), [(session(1), at(60))]);
    }

    #[test]
    fn a_late_use_of_the_last_minute_is_noted_as_one_of_that_and_a_clock_that_was_set_back_is_followed() {
        let records = SessionRecords::default();
        records.note_use(session(1), at(60));
        records.note_use(session(1), at(59));
        records.note_use(session(2), at(59));
        assert_eq!(taken(&records), [(session(1), at(60)), (session(2), at(0))]);
        records.note_use(session(2), at(-60));
        assert_eq!(taken(&records), [(session(2), at(-60))]);
    }

    #[test]
    fn uses_are_taken_in_parts_and_those_that_are_put_back_yield_to_newer_ones() {
        let records = SessionRecords::default();
        (0..5).for_each(|number| records.note_use(session(number), at(0)));
        let part = records.take_uses(3);
        assert_eq!(part.len(), 3);
        let again = part[0].0;
        records.note_use(again, at(60));
        records.put_back_uses(part);
        let minutes = taken(&records);
        assert_eq!(minutes.len(), 5);
        let newer = |(session, minute): &&(SessionId, _)| *session == again && *minute == at(60);
        assert_eq!(minutes.iter().filter(newer).count(), 1);
    }

    #[test]
    fn the_sessions_that_are_noted_are_bounded() {
        let records = SessionRecords::default();
        let all = MAX_SESSIONS + 10;
        (0..all).for_each(|number| records.note_use(session(number), at(0)));
        assert_eq!(records.take_uses(usize::MAX).len(), MAX_SESSIONS);
        records.note_use(session(all), at(1));
        assert_eq!(records.take_uses(10), []);
        records.note_use(session(all), at(0) + TimeDelta::minutes(1));
        assert_eq!(records.take_uses(10).len(), 1);
        let uses = (0..all).map(|number| (session(number), at(0))).collect();
        records.put_back_uses(uses);
        assert_eq!(records.take_uses(usize::MAX).len(), MAX_SESSIONS);
    }

    #[test]
    fn sessions_are_counted_by_the_reason_of_their_end() {
        let records = SessionRecords::default();
        records.count_begun();
        records.count_ended(EndReason::Password, 3);
        let SessionCounts { begun, ended } = records.counts();
        assert_eq!(begun, 1);
        let counted: Vec<_> = ended.iter().filter(|(_, number)| *number > 0).collect();
        assert_eq!((counted, ended.len()), (vec![&("password", 3)], 9));
    }
}
