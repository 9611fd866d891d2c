use std::{
    collections::BTreeMap,
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use repower_domain::{accounts::Actor, ids::UserId};
use repower_ports::{
    accounts::{Bearer, TokenKind},
    operation::ActorsState,
};
use uuid::Uuid;

/// The most bearers in each of the two generations: 10,000 in all, in some 2 MiB.
const MAX_BEARERS: usize = 5_000;

/// The time from the sending of a heartbeat in which its answer lets actors and public
/// responses be used: 750 milliseconds. All changes of before the heartbeat have been heard of,
/// so that they are no older; the rest of a second is for the request.
pub(super) const BOUND: Duration = Duration::from_millis(750);

/// The age from which an actor is read again: one minute. Bounds the effect of a change
/// without a notification: by a session without triggers, or by `TRUNCATE`; and the time for
/// which a session is taken to be live after it was read, shorter than any idle time.
const MAX_AGE: Duration = Duration::from_mins(1);

/// The actors of the bearers that were read last, with the proof that they may be used.
#[derive(Default)]
pub(crate) struct Actors {
    kept: Mutex<Kept>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// Bearers in two generations: a full one displaces the other, with the bearers that were
/// not used since. Those of one user are beside each other.
#[derive(Default)]
struct Kept {
    recent: BTreeMap<Bearer, Entry>,
    earlier: BTreeMap<Bearer, Entry>,
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
    Read(Actor, Instant),
}

/// The result of a look-up of a bearer.
enum Lookup {
    Found(Actor),
    /// Nothing may be kept: its change would not be heard of.
    Off,
    /// The caller reads the actor.
    Reading(u64),
}

impl Actors {
    /// The actor of a bearer: the one in memory, or else the one that `load` reads. A bearer
    /// without an actor is not kept.
    pub(crate) fn find<E>(
        &self,
        bearer: &Bearer,
        load: impl FnOnce() -> Result<Option<Actor>, E>,
    ) -> Result<Option<Actor>, E> {
        let now = Instant::now();
        let lookup = self.kept().look_up(bearer, now);
        if let Lookup::Found(actor) = lookup {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(Some(actor));
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let loaded = load();
        if let Lookup::Reading(reading) = lookup {
            self.kept().end_reading(bearer, reading, loaded.as_ref().ok().copied().flatten(), now);
        }
        loaded
    }

    /// Forgets the actor of all bearers of a user, of whom something has changed; a reading in
    /// progress is not kept.
    pub(crate) fn forget(&self, user: UserId) {
        self.kept().remove_all_of(user);
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

    fn look_up(&mut self, bearer: &Bearer, now: Instant) -> Lookup {
        if !self.is_usable(now) {
            // The caller reads a newer one: a heartbeat that is late must not bring this one back.
            self.remove(bearer);
            return Lookup::Off;
        }
        let entry = self.recent.get(bearer).or_else(|| self.earlier.get(bearer)).copied();
        if let Some(Entry::Read(actor, at)) = entry
            && now.saturating_duration_since(at) < MAX_AGE
        {
            if !self.recent.contains_key(bearer) {
                self.put(*bearer, Entry::Read(actor, at));
            }
            return Lookup::Found(actor);
        }
        self.last_reading += 1;
        self.put(*bearer, Entry::Reading(self.last_reading));
        Lookup::Reading(self.last_reading)
    }

    /// Keeps the actor that was read, unless something has changed since the reading began.
    fn end_reading(&mut self, bearer: &Bearer, reading: u64, actor: Option<Actor>, began: Instant) {
        let entry = self.recent.get(bearer).or_else(|| self.earlier.get(bearer));
        if !matches!(entry, Some(Entry::Reading(current)) if *current == reading) {
            return;
        }
        match actor {
            Some(actor) => self.put(*bearer, Entry::Read(actor, began)),
            None => self.remove(bearer),
        }
    }

    fn put(&mut self, bearer: Bearer, entry: Entry) {
        self.earlier.remove(&bearer);
        if self.recent.len() >= MAX_BEARERS && !self.recent.contains_key(&bearer) {
            self.earlier = mem::take(&mut self.recent);
        }
        self.recent.insert(bearer, entry);
    }

    fn remove(&mut self, bearer: &Bearer) {
        self.recent.remove(bearer);
        self.earlier.remove(bearer);
    }

    fn remove_all_of(&mut self, user_id: UserId) {
        let first = Bearer { user_id, token: TokenKind::OfSession(Uuid::nil().into()) };
        let last = Bearer { user_id, token: TokenKind::Sessionless(DateTime::<Utc>::MAX_UTC) };
        for kept in [&mut self.recent, &mut self.earlier] {
            let bearers: Vec<_> = kept.range(first..=last).map(|(bearer, _)| *bearer).collect();
            for bearer in bearers {
                kept.remove(&bearer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: u128) -> UserId {
        UserId::from(Uuid::from_u128(number))
    }

    /// The bearer of the only token of a user.
    fn bearer(number: u128) -> Bearer {
        Bearer { user_id: user(number), token: TokenKind::OfSession(Uuid::from_u128(number).into()) }
    }

    /// An actor that differs from reading to reading.
    fn actor(number: u128, reading: u128) -> Actor {
        Actor::Technician { user_id: user(number), technician_id: Uuid::from_u128(reading).into() }
    }

    /// The reading of an actor.
    fn reading(actor: Actor) -> u128 {
        actor.technician().unwrap().uuid().as_u128()
    }

    /// Actors with a listener that has just answered.
    fn live() -> Actors {
        let actors = Actors::default();
        actors.extend(Instant::now() + Duration::from_hours(1));
        actors
    }

    /// The reading that is found of a user with this one in the database, and whether the
    /// database was asked.
    fn find(actors: &Actors, number: u128, now: Option<u128>) -> (Option<u128>, bool) {
        find_of(actors, bearer(number), now)
    }

    fn find_of(actors: &Actors, bearer: Bearer, now: Option<u128>) -> (Option<u128>, bool) {
        let mut was_asked = false;
        let found = actors.find(&bearer, || {
            was_asked = true;
            Ok::<_, ()>(now.map(|reading| actor(bearer.user_id.uuid().as_u128(), reading)))
        });
        (found.unwrap().map(reading), was_asked)
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
        assert_eq!(actors.find(&bearer(2), || Err(())), Err(()));
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
            let found = actors.find(&bearer(1), || {
                change(&actors);
                Ok::<_, ()>(Some(actor(1, 1)))
            });
            assert_eq!(found, Ok(Some(actor(1, 1))));
            actors.extend(Instant::now() + BOUND);
            assert_eq!(find(&actors, 1, Some(2)), (Some(2), true));
        }
    }

    #[test]
    fn of_two_readings_the_one_that_began_first_is_not_kept() {
        let actors = live();
        let found = actors.find(&bearer(1), || {
            assert_eq!(find(&actors, 1, Some(2)), (Some(2), true));
            Ok::<_, ()>(Some(actor(1, 1)))
        });
        assert_eq!(found, Ok(Some(actor(1, 1))));
        assert_eq!(find(&actors, 1, Some(3)), (Some(2), false));
    }

    #[test]
    fn an_actor_is_read_again_after_a_minute() {
        let actors = live();
        find(&actors, 1, Some(1));
        for (age, is_found) in [(MAX_AGE / 2, true), (MAX_AGE, false)] {
            let mut kept = actors.kept();
            let Some(Entry::Read(_, at)) = kept.recent.get(&bearer(1)).copied() else { panic!("it is kept") };
            assert_eq!(matches!(kept.look_up(&bearer(1), at + age), Lookup::Found(_)), is_found, "{age:?}");
        }
    }

    #[test]
    fn a_change_of_a_user_forgets_all_bearers_of_the_user_and_no_other() {
        let actors = live();
        let of_user = |number, token| Bearer { user_id: user(number), token };
        let session = |number| TokenKind::OfSession(Uuid::from_u128(number).into());
        let tokens = [
            TokenKind::OfSession(Uuid::nil().into()),
            session(1),
            session(u128::MAX),
            TokenKind::Sessionless(DateTime::<Utc>::MIN_UTC),
            TokenKind::Sessionless(DateTime::<Utc>::MAX_UTC),
        ];
        let find_all = |now| [1, 2, 3].map(|number| tokens.map(|token| find_of(&actors, of_user(number, token), now)));
        assert_eq!(find_all(Some(1)), [[(Some(1), true); 5]; 3]);
        actors.forget(user(2));
        assert_eq!(find_all(Some(2)), [[(Some(1), false); 5], [(Some(2), true); 5], [(Some(1), false); 5]]);
    }

    #[test]
    fn the_bearers_of_the_last_requests_are_kept_in_some_two_mebibytes() {
        let actors = live();
        let most = 2 * MAX_BEARERS as u128;
        for number in 0..most * 3 {
            find(&actors, number, Some(1));
            // This one never rests.
            find(&actors, 0, Some(1));
        }
        let kept = actors.kept();
        assert!(kept.recent.len() + kept.earlier.len() <= 2 * MAX_BEARERS);
        drop(kept);
        assert_eq!(find(&actors, 0, Some(2)), (Some(1), false));
        assert_eq!(find(&actors, most * 3 - 1, Some(2)), (Some(1), false));
        assert_eq!(find(&actors, 1, Some(2)), (Some(2), true));
        // A node has room for 11, and has at least 5; those above the leaves refer to 12 others.
        let node = 11 * size_of::<(Bearer, Entry)>() + 16 + 12 * size_of::<usize>();
        assert!(2 * MAX_BEARERS / 5 * node <= 5 * 512 * 1024);
    }
}
