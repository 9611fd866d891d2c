//! Threads that were found before, of which nothing ever changes.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use repower_domain::{chat::Thread, ids::ThreadId};

/// The most threads of a generation: some 2 MiB.
const GENERATION: usize = 10_000;

/// The threads that were asked for last, two generations at most: those that none asked for
/// during a whole generation are forgotten.
#[derive(Debug, Default)]
pub(super) struct KnownThreads(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<ThreadId, Thread>,
    old: HashMap<ThreadId, Thread>,
}

impl KnownThreads {
    pub(super) fn get(&self, id: ThreadId) -> Option<Thread> {
        let mut generations = self.lock();
        if let Some(thread) = generations.young.get(&id) {
            return Some(*thread);
        }
        let thread = generations.old.get(&id).copied()?;
        generations.insert(thread);
        Some(thread)
    }

    pub(super) fn insert(&self, thread: Thread) {
        self.lock().insert(thread);
    }

    /// Forgets a thread that is not there any more: after a restore, or on a standby that lacks it.
    pub(super) fn forget(&self, id: ThreadId) {
        let mut generations = self.lock();
        generations.young.remove(&id);
        generations.old.remove(&id);
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn insert(&mut self, thread: Thread) {
        if self.young.len() >= GENERATION {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(thread.id, thread);
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn id(number: usize) -> ThreadId {
        Uuid::from_u128(number as u128).into()
    }

    fn thread(number: usize) -> Thread {
        let of = Uuid::nil();
        Thread::builder()
            .id(id(number))
            .company_id(of.into())
            .technician_id(of.into())
            .job_id(None)
            .created_at(DateTime::UNIX_EPOCH)
            .build()
    }

    #[test]
    fn a_thread_that_is_asked_for_is_remembered_among_any_number_of_others() {
        let known = KnownThreads::default();
        for number in 0..5 * GENERATION {
            known.insert(thread(number));
            assert_eq!(known.get(id(0)), Some(thread(0)));
        }
        assert_eq!(known.get(id(1)), None);
    }

    #[test]
    fn no_more_than_two_generations_are_remembered() {
        let known = KnownThreads::default();
        for number in 0..5 * GENERATION {
            known.insert(thread(number));
        }
        let remembered = (0..5 * GENERATION).filter(|number| known.get(id(*number)).is_some()).count();
        assert!(remembered <= 2 * GENERATION, "{remembered}");
        let generations = known.lock();
        assert!(generations.young.len() <= GENERATION && generations.old.len() <= GENERATION);
    }
}
