use std::{
    collections::HashMap,
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use repower_domain::ids::UserId;
use repower_ports::{accounts::Identity, operation::ActorsState};

/// The most users in each of the two generations: 10,000 in all, in less than 2 MiB.
const MAX_USERS: usize = 5_000;

/// The time from the sending of a heartbeat in which its answer lets actors and public
/// responses be used: 750 milliseconds. All changes of before the heartbeat have been heard of,
/// so that they are no older; the rest of a second is for the request.
pub(super) const BOUND: Duration = Duration::from_millis(750);

/// The age from which an actor is read again: one minute. Bounds the effect of a change
/// without a notification: by a session without triggers, or by `TRUNCATE`.
const MAX_AGE: Duration = Duration::from_mins(1);

/// The actors that were read last, with the proof that they may be used.
#[derive(Default)]
pub(crate) struct Actors {
    kept: Mutex<Kept>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// Users in two generations: a full one displaces the other, with the users that were
/// not used since.
#[derive(Default)]
struct Kept {
    recent: HashMap<UserId, Entry>,
    earlier: HashMap<UserId, Entry>,
    /// The moment until which the actors may be used; `None` without a listener.
    usable_until: Option<Instant>,
    last_reading: u64,
}

#[derive(Clone, Copy)]
enum Entry {
    /// A reading of the actor that has begun. A change removes it, so that its result is
    /// not kept.
    Reading(u64),
    /// The actor, and the moment before it was read.
    Read(Identity, Instant),
}

/// The result of a look-up of a user.
enum Lookup {
    Found(Identity),
    /// Nothing may be kept: its change would not be heard of.
    Off,
    /// The caller reads the actor.
    Reading(u64),
}

impl Actors {
    /// The actor of a user: the one in memory, or else the one that `load` reads. An
    /// unknown user is not kept.
    pub(crate) fn find<E>(
        &self,
        user: UserId,
        load: impl FnOnce() -> Result<Option<Identity>, E>,
    ) -> Result<Option<Identity>, E> {
        let now = Instant::now();
        let lookup = self.kept().look_up(user, now);
        if let Lookup::Found(identity) = lookup {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(Some(identity));
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let loaded = load();
        if let Lookup::Reading(reading) = lookup {
            self.kept().end_reading(user, reading, loaded.as_ref().ok().copied().flatten(), now);
        }
        loaded
    }

    /// Forgets the actor of a user, which has changed; a reading in progress is not kept.
    pub(crate) fn forget(&self, user: UserId) {
        self.kept().remove(user);
    }

    /// Forgets all actors.
    pub(super) fn forget_all(&self) {
        let mut kept = self.kept();
        kept.recent.clear();
        kept.earlier.clear();
    }

    /// Lets the actors be used: all changes of before this moment have been heard of.
    pub(super) fn extend(&self, heard_until: Instant) {
        self.kept().usable_until = Some(heard_until + BOUND);
    }

    /// Ends the use of the actors until the next [`Self::extend`], and forgets them.
    pub(super) fn suspend(&self) {
        self.kept().usable_until = None;
        self.forget_all();
    }

    /// The state of the actors now.
    pub(crate) fn state(&self) -> ActorsState {
        ActorsState {
            is_live: self.kept().is_usable(Instant::now()),
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn is_usable(&self, now: Instant) -> bool {
        self.usable_until.is_some_and(|until| now < until)
    }

    fn look_up(&mut self, user: UserId, now: Instant) -> Lookup {
        if !self.is_usable(now) {
            // The caller reads a newer one: a heartbeat that is late must not bring this one back.
            self.remove(user);
            return Lookup::Off;
        }
        let entry = self.recent.get(&user).or_else(|| self.earlier.get(&user)).copied();
        if let Some(Entry::Read(identity, at)) = entry
            && now.saturating_duration_since(at) < MAX_AGE
        {
            if !self.recent.contains_key(&user) {
                self.put(user, Entry::Read(identity, at));
            }
            return Lookup::Found(identity);
        }
        self.last_reading += 1;
        self.put(user, Entry::Reading(self.last_reading));
        Lookup::Reading(self.last_reading)
    }

    /// Keeps the actor that was read, unless it has changed since the reading began.
    fn end_reading(&mut self, user: UserId, reading: u64, identity: Option<Identity>, began: Instant) {
        let entry = self.recent.get(&user).or_else(|| self.earlier.get(&user));
        if !matches!(entry, Some(Entry::Reading(current)) if *current == reading) {
            return;
        }
        match identity {
            Some(identity) => self.put(user, Entry::Read(identity, began)),
            None => self.remove(user),
        }
    }

    fn put(&mut self, user: UserId, entry: Entry) {
        self.earlier.remove(&user);
        if self.recent.len() >= MAX_USERS && !self.recent.contains_key(&user) {
            self.earlier = mem::take(&mut self.recent);
        }
        self.recent.insert(user, entry);
    }

    fn remove(&mut self, user: UserId) {
        self.recent.remove(&user);
        self.earlier.remove(&user);
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use repower_domain::accounts::Actor;
    use uuid::Uuid;

    use super::*;

    fn user(number: u128) -> UserId {
        UserId::from(Uuid::from_u128(number))
    }

    /// An actor of a generation, in seconds.
    fn identity(number: u128, generation: i64) -> Identity {
        let tokens_valid_from = DateTime::from_timestamp(generation, 0).unwrap();
        Identity { actor: Actor::SuperAdmin { user_id: user(number) }, tokens_valid_from }
    }

    /// Actors with a listener that has just answered.
    fn live() -> Actors {
        let actors = Actors::default();
        actors.extend(Instant::now() + Duration::from_hours(1));
        actors
    }

    /// The generation that is found of a user with this one in the database, and whether
    /// the database was asked.
    fn find(actors: &Actors, number: u128, generation: Option<i64>) -> (Option<i64>, bool) {
        let mut was_asked = false;
        let found = actors.find(user(number), || {
            was_asked = true;
            Ok::<_, ()>(generation.map(|generation| identity(number, generation)))
        });
        (found.unwrap().map(|identity| identity.tokens_valid_from.timestamp()), was_asked)
    }

    #[test]
    fn an_actor_is_read_once_while_the_listener_is_alive() {
        let actors = live();
        assert_eq!(find(&actors, 1, Some(1)), (Some(1), true));
        assert_eq!(find(&actors, 1, Some(2)), (Some(1), false));
        assert_eq!(find(&actors, 2, Some(5)), (Some(5), true));
    }

    #[test]
    fn without_a_listener_every_request_reads_the_actor() {
        let actors = Actors::default();
        assert_eq!([1, 2].map(|now| find(&actors, 1, Some(now))), [(Some(1), true), (Some(2), true)]);
        let late = Instant::now().checked_sub(BOUND).unwrap();
        let actors = live();
        find(&actors, 1, Some(1));
        actors.extend(late);
        assert_eq!([2, 3].map(|now| find(&actors, 1, Some(now))), [(Some(2), true), (Some(3), true)]);
    }

    #[test]
    fn an_actor_that_was_read_while_the_listener_was_late_is_not_replaced_by_an_earlier_one() {
        let actors = live();
        find(&actors, 1, Some(1));
        actors.extend(Instant::now().checked_sub(BOUND).unwrap());
        assert_eq!(find(&actors, 1, Some(2)), (Some(2), true));
        actors.extend(Instant::now());
        assert_eq!([3, 4].map(|now| find(&actors, 1, Some(now))), [(Some(3), true), (Some(3), false)]);
    }

    #[test]
    fn a_user_without_an_actor_is_not_kept() {
        let actors = live();
        assert_eq!(
            [None, None, Some(3)].map(|now| find(&actors, 1, now)),
            [(None, true), (None, true), (Some(3), true)]
        );
        assert_eq!(actors.find(user(2), || Err(())), Err(()));
        assert_eq!(find(&actors, 2, Some(1)), (Some(1), true));
    }

    #[test]
    fn a_changed_actor_is_read_again_and_no_other() {
        let actors = live();
        assert_eq!([1, 2].map(|number| find(&actors, number, Some(1))), [(Some(1), true); 2]);
        actors.forget(user(1));
        assert_eq!([1, 2].map(|number| find(&actors, number, Some(2))), [(Some(2), true), (Some(1), false)]);
        actors.forget_all();
        assert_eq!(find(&actors, 2, Some(2)), (Some(2), true));
        actors.suspend();
        actors.extend(Instant::now() + BOUND);
        assert_eq!(find(&actors, 2, Some(3)), (Some(3), true));
    }

    #[test]
    fn a_reading_during_a_change_is_not_kept() {
        for change in [|actors: &Actors| actors.forget(user(1)), Actors::forget_all, Actors::suspend] {
            let actors = live();
            let found = actors.find(user(1), || {
                change(&actors);
                Ok::<_, ()>(Some(identity(1, 1)))
            });
            assert_eq!(found, Ok(Some(identity(1, 1))));
            actors.extend(Instant::now() + BOUND);
            assert_eq!(find(&actors, 1, Some(2)), (Some(2), true));
        }
    }

    #[test]
    fn of_two_readings_the_one_that_began_first_is_not_kept() {
        let actors = live();
        let found = actors.find(user(1), || {
            assert_eq!(find(&actors, 1, Some(2)), (Some(2), true));
            Ok::<_, ()>(Some(identity(1, 1)))
        });
        assert_eq!(found, Ok(Some(identity(1, 1))));
        assert_eq!(find(&actors, 1, Some(3)), (Some(2), false));
    }

    #[test]
    fn an_actor_is_read_again_after_a_minute() {
        let actors = live();
        find(&actors, 1, Some(1));
        for (age, is_found) in [(MAX_AGE / 2, true), (MAX_AGE, false)] {
            let mut kept = actors.kept();
            let Some(Entry::Read(_, at)) = kept.recent.get(&user(1)).copied() else { panic!("it is kept") };
            assert_eq!(matches!(kept.look_up(user(1), at + age), Lookup::Found(_)), is_found, "{age:?}");
        }
    }

    #[test]
    fn the_users_of_the_last_requests_are_kept_in_two_mebibytes() {
        let actors = live();
        let most = 2 * MAX_USERS as u128;
        for number in 0..most * 3 {
            find(&actors, number, Some(1));
            // This one never rests.
            find(&actors, 0, Some(1));
        }
        let kept = actors.kept();
        assert!(kept.recent.len() + kept.earlier.len() <= 2 * MAX_USERS);
        drop(kept);
        assert_eq!(find(&actors, 0, Some(2)), (Some(1), false));
        assert_eq!(find(&actors, most * 3 - 1, Some(2)), (Some(1), false));
        assert_eq!(find(&actors, 1, Some(2)), (Some(2), true));
        // A table of 5,000 has room for 8,192, and a byte of its own for each.
        assert!(2 * 8_192 * (size_of::<(UserId, Entry)>() + 1) <= 2 * 1024 * 1024);
    }
}
