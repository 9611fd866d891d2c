//! A queue of jobs that is fair to clients.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
};

/// The jobs that are looked at for the next one. It bounds the time of a choice. At most
/// four clients have their share of the slots, so the jobs of others are among these.
const MAX_LOOKED_AT: usize = 64;

/// For whom a job runs. An unknown address or account has no share of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Client {
    /// The client address.
    pub address: Option<IpAddr>,
    /// The account: the number of its id, or a hash of its email.
    pub account: Option<u128>,
}

/// The kind of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// A job of the usual kind.
    Usual,
    /// A job whose time depends on the amount of data, as that of a search: all of them
    /// have half of the slots.
    Slow,
}

/// The limits of a queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct QueueLimits {
    /// The maximum number of jobs that run at once.
    pub(super) concurrency: usize,
    /// The maximum number of slow jobs of these.
    pub(super) slow: usize,
    /// The maximum number of jobs that wait.
    pub(super) waiting: usize,
}

impl QueueLimits {
    /// The jobs of one client that run at once while others wait: a quarter.
    fn share(&self) -> usize {
        self.concurrency.div_ceil(4)
    }

    /// The jobs of one client that run at once while no other waits: the last quarter
    /// is free for others, who then start at once.
    fn share_alone(&self) -> usize {
        (self.concurrency - self.share()).max(1)
    }

    /// The jobs of one client that wait while others wait: a quarter.
    fn waiting_share(&self) -> usize {
        self.waiting.div_ceil(4)
    }

    /// The jobs of one client that wait while no other does.
    fn waiting_share_alone(&self) -> usize {
        (self.waiting - self.waiting_share()).max(self.waiting_share())
    }
}

/// The reason why a job may not wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// All places are occupied.
    Full,
    /// The client occupies its share of the places.
    Share,
}

/// A submitted job.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Submitted<J> {
    /// It runs now.
    Started(Started<J>),
    /// It waits.
    Waiting(Ticket),
}

/// A job to run now; [`FairQueue::finish`] is called with its slot at its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Started<J> {
    pub(super) job: J,
    pub(super) slot: Slot,
}

/// What a job occupies while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    client: Client,
    kind: JobKind,
}

/// The place of a job that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    kind: JobKind,
    place: Place,
}

/// The order of the jobs that wait: by turns, those of one turn as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    turn: u64,
    number: u64,
}

/// The jobs of one kind that wait.
type Waiting<J> = BTreeMap<Place, (Slot, J)>;

/// An address or an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    Address(IpAddr),
    Account(u128),
}

impl Client {
    fn holders(self) -> impl Iterator<Item = Holder> {
        self.address.map(Holder::Address).into_iter().chain(self.account.map(Holder::Account))
    }
}

/// What an address or an account occupies.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    running: usize,
    waiting: usize,
    /// The turn of its last job that waits.
    last_turn: u64,
}

/// A queue of jobs.
///
/// Each address and each account has one job in a turn: its second job waits for the next
/// turn. While others wait, an address or an account has a quarter of the slots at most;
/// a job beyond that runs only if no other job can.
#[derive(Debug)]
pub(super) struct FairQueue<J> {
    limits: QueueLimits,
    usual: Waiting<J>,
    slow: Waiting<J>,
    held: HashMap<Holder, Held>,
    running: usize,
    running_slow: usize,
    /// The turn that runs.
    turn: u64,
    next_number: u64,
}

impl<J> FairQueue<J> {
    pub(super) fn new(limits: QueueLimits) -> Self {
        Self {
            limits,
            usual: BTreeMap::new(),
            slow: BTreeMap::new(),
            held: HashMap::new(),
            running: 0,
            running_slow: 0,
            turn: 0,
            next_number: 0,
        }
    }

    pub(super) const fn running(&self) -> usize {
        self.running
    }

    pub(super) fn waiting(&self) -> usize {
        self.usual.len() + self.slow.len()
    }

    /// The number of jobs that would run before a job of this client.
    pub(super) fn ahead(&self, client: Client) -> usize {
        let turn = self.next_turn(client);
        let before = |waiting: &Waiting<J>| waiting.keys().take_while(|place| place.turn <= turn).count();
        self.running + before(&self.usual) + before(&self.slow)
    }

    /// Starts a job, or lets it wait.
    pub(super) fn submit(&mut self, client: Client, kind: JobKind, job: J) -> Result<Submitted<J>, NoPlace> {
        let slot = Slot { client, kind };
        if self.can_run(slot) {
            self.occupy(slot);
            return Ok(Submitted::Started(Started { job, slot }));
        }
        let waiting = self.waiting();
        if waiting >= self.limits.waiting {
            return Err(NoPlace::Full);
        }
        let has_its_share = |holder| {
            let held = self.held(holder).waiting;
            let is_alone = held == waiting;
            held >= if is_alone { self.limits.waiting_share_alone() } else { self.limits.waiting_share() }
        };
        if client.holders().any(has_its_share) {
            return Err(NoPlace::Share);
        }
        let place = Place { turn: self.next_turn(client), number: self.next_number };
        self.next_number += 1;
        for holder in client.holders() {
            let held = self.held.entry(holder).or_default();
            held.waiting += 1;
            held.last_turn = place.turn;
        }
        self.waiting_mut(kind).insert(place, (slot, job));
        Ok(Submitted::Waiting(Ticket { kind, place }))
    }

    /// Removes a job that waits; `None` once it has started.
    pub(super) fn remove(&mut self, ticket: Ticket) -> Option<J> {
        let (slot, job) = self.waiting_mut(ticket.kind).remove(&ticket.place)?;
        // Its later jobs keep their turns, and the next one has the turn that is free.
        slot.client.holders().for_each(|holder| {
            self.release(holder, |held| {
                held.waiting -= 1;
                held.last_turn -= 1;
            });
        });
        Some(job)
    }

    /// Frees the slot of a job that has ended, and starts the next one.
    pub(super) fn finish(&mut self, slot: Slot) -> Option<Started<J>> {
        self.running -= 1;
        self.running_slow -= usize::from(slot.kind == JobKind::Slow);
        slot.client.holders().for_each(|holder| self.release(holder, |held| held.running -= 1));
        let Ticket { kind, place } = self.next()?;
        let (slot, job) = self.waiting_mut(kind).remove(&place)?;
        self.turn = self.turn.max(place.turn);
        slot.client.holders().for_each(|holder| self.release(holder, |held| held.waiting -= 1));
        self.occupy(slot);
        Some(Started { job, slot })
    }

    /// The next job: the first within its share or, without one, the first that can run.
    fn next(&self) -> Option<Ticket> {
        let first = |share| {
            let of_kind = |kind, waiting: &Waiting<J>| {
                let mut jobs = waiting.iter().take(MAX_LOOKED_AT);
                let place = jobs.find(|(_, (slot, _))| self.can_run(*slot) && self.runs_fewer_than(slot.client, share));
                place.map(|(place, _)| Ticket { kind, place: *place })
            };
            let both = [of_kind(JobKind::Usual, &self.usual), of_kind(JobKind::Slow, &self.slow)];
            both.into_iter().flatten().min_by_key(|ticket| ticket.place)
        };
        first(self.limits.share()).or_else(|| first(self.limits.share_alone()))
    }

    /// The turn of the next job of a client.
    fn next_turn(&self, client: Client) -> u64 {
        client.holders().map(|holder| self.held(holder).last_turn).fold(self.turn, u64::max) + 1
    }

    fn can_run(&self, slot: Slot) -> bool {
        self.running < self.limits.concurrency
            && (slot.kind != JobKind::Slow || self.running_slow < self.limits.slow)
            && self.runs_fewer_than(slot.client, self.limits.share_alone())
    }

    fn runs_fewer_than(&self, client: Client, share: usize) -> bool {
        client.holders().all(|holder| self.held(holder).running < share)
    }

    const fn waiting_mut(&mut self, kind: JobKind) -> &mut Waiting<J> {
        match kind {
            JobKind::Usual => &mut self.usual,
            JobKind::Slow => &mut self.slow,
        }
    }

    fn held(&self, holder: Holder) -> Held {
        self.held.get(&holder).copied().unwrap_or_default()
    }

    fn occupy(&mut self, slot: Slot) {
        self.running += 1;
        self.running_slow += usize::from(slot.kind == JobKind::Slow);
        slot.client.holders().for_each(|holder| self.held.entry(holder).or_default().running += 1);
    }

    fn release(&mut self, holder: Holder, change: impl FnOnce(&mut Held)) {
        if let Some(held) = self.held.get_mut(&holder) {
            change(held);
            if held.running == 0 && held.waiting == 0 {
                self.held.remove(&holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: QueueLimits = QueueLimits { concurrency: 8, slow: 4, waiting: 40 };

    fn address(last: u8) -> Client {
        Client { address: Some([192, 0, 2, last].into()), account: None }
    }

    fn account(last: u8, account: u128) -> Client {
        Client { account: Some(account), ..address(last) }
    }

    struct World {
        queue: FairQueue<u32>,
        running: Vec<Started<u32>>,
        number: u32,
    }

    impl World {
        fn new(limits: QueueLimits) -> Self {
            Self { queue: FairQueue::new(limits), running: Vec::new(), number: 0 }
        }

        /// Submits a job; the place that it waits for.
        fn submit(&mut self, client: Client, kind: JobKind) -> Result<Option<Ticket>, NoPlace> {
            self.number += 1;
            match self.queue.submit(client, kind, self.number)? {
                Submitted::Started(started) => {
                    self.running.push(started);
                    Ok(None)
                }
                Submitted::Waiting(ticket) => Ok(Some(ticket)),
            }
        }

        fn submit_many(&mut self, times: usize, client: Client, kind: JobKind) {
            for _ in 0..times {
                self.submit(client, kind).unwrap();
            }
        }

        /// Ends the job that has run longest; the one that starts in its place.
        fn finish(&mut self) -> Option<Client> {
            let slot = self.running.remove(0).slot;
            let next = self.queue.finish(slot)?;
            let client = next.slot.client;
            self.running.push(next);
            Some(client)
        }

        fn running_of(&self, client: Client) -> usize {
            self.running.iter().filter(|started| started.slot.client == client).count()
        }
    }

    #[test]
    fn a_client_alone_leaves_the_last_quarter_to_others_who_start_at_once() {
        let mut world = World::new(LIMITS);
        world.submit_many(10, address(1), JobKind::Usual);
        assert_eq!((world.running_of(address(1)), world.queue.waiting()), (6, 4));
        assert_eq!(world.submit(address(2), JobKind::Usual), Ok(None));
        assert_eq!(world.submit(address(3), JobKind::Usual), Ok(None));
    }

    #[test]
    fn while_others_wait_a_client_has_a_quarter_of_the_slots() {
        let mut world = World::new(LIMITS);
        for client in [1, 2, 3] {
            world.submit_many(10, address(client), JobKind::Usual);
        }
        world.submit_many(10, address(4), JobKind::Usual);
        for _ in 0..12 {
            world.finish();
        }
        let running = [1, 2, 3, 4].map(|client| world.running_of(address(client)));
        assert_eq!(running, [2, 2, 2, 2]);
    }

    #[test]
    fn a_slot_is_never_free_while_a_job_waits_that_may_run() {
        let mut world = World::new(LIMITS);
        world.submit_many(8, address(1), JobKind::Usual);
        world.submit_many(2, address(2), JobKind::Usual);
        for _ in 0..2 {
            assert_eq!(world.finish(), Some(address(1)), "no other waits");
        }
    }

    #[test]
    fn the_accounts_of_one_address_share_its_part() {
        let mut world = World::new(LIMITS);
        for number in 0..10 {
            world.submit(account(1, number), JobKind::Usual).unwrap();
        }
        assert_eq!((world.running.len(), world.queue.waiting()), (6, 4));
    }

    #[test]
    fn the_addresses_of_one_account_share_its_part() {
        let mut world = World::new(LIMITS);
        for last in 0..10 {
            world.submit(account(last, 7), JobKind::Usual).unwrap();
        }
        assert_eq!((world.running.len(), world.queue.waiting()), (6, 4));
    }

    #[test]
    fn slow_jobs_have_half_of_the_slots_and_keep_no_other_from_running() {
        let mut world = World::new(LIMITS);
        for client in 1..=6 {
            world.submit(address(client), JobKind::Slow).unwrap();
        }
        assert_eq!((world.running.len(), world.queue.waiting()), (4, 2));
        for client in 1..=4 {
            assert_eq!(world.submit(address(client), JobKind::Usual), Ok(None));
        }
        assert_eq!(world.finish(), Some(address(5)), "a slow job for a slow one");
    }

    #[test]
    fn the_clients_take_turns() {
        let mut world = World::new(QueueLimits { concurrency: 1, slow: 1, waiting: 40 });
        world.submit_many(4, address(1), JobKind::Usual);
        world.submit_many(2, address(2), JobKind::Usual);
        world.submit_many(1, address(3), JobKind::Usual);
        let order: Vec<_> = std::iter::from_fn(|| world.finish()).collect();
        assert_eq!(order, [1, 2, 3, 1, 2, 1].map(address));
    }

    #[test]
    fn a_client_alone_leaves_the_last_quarter_of_the_places_to_others() {
        let mut world = World::new(LIMITS);
        world.submit_many(6 + 30, address(1), JobKind::Usual);
        assert_eq!(world.submit(address(1), JobKind::Usual), Err(NoPlace::Share));
        assert_eq!(world.submit(account(1, 7), JobKind::Usual), Err(NoPlace::Share));
        world.submit_many(2 + 10, address(2), JobKind::Usual);
        assert_eq!(world.submit(address(3), JobKind::Usual), Err(NoPlace::Full));
    }

    #[test]
    fn while_others_wait_a_client_waits_in_a_quarter_of_the_places() {
        let mut world = World::new(LIMITS);
        world.submit_many(8, address(1), JobKind::Slow);
        world.submit_many(5, address(2), JobKind::Slow);
        world.submit_many(6, address(1), JobKind::Slow);
        assert_eq!(world.submit(address(1), JobKind::Slow), Err(NoPlace::Share));
        world.submit_many(5, address(2), JobKind::Slow);
        assert_eq!(world.submit(address(2), JobKind::Slow), Err(NoPlace::Share));
        assert_eq!(world.submit(address(1), JobKind::Usual), Ok(None));
    }

    #[test]
    fn a_removed_job_frees_its_place_and_a_started_one_is_not_removed() {
        let mut world = World::new(QueueLimits { concurrency: 1, slow: 1, waiting: 1 });
        world.submit_many(1, address(1), JobKind::Usual);
        let ticket = world.submit(address(2), JobKind::Usual).unwrap().unwrap();
        assert_eq!(world.submit(address(1), JobKind::Usual), Err(NoPlace::Full));
        assert_eq!((world.queue.remove(ticket), world.queue.remove(ticket)), (Some(2), None));
        let next = world.submit(address(1), JobKind::Usual).unwrap().unwrap();
        assert_eq!(world.finish(), Some(address(1)));
        assert_eq!(world.queue.remove(next), None);
    }

    #[test]
    fn many_accounts_of_one_address_do_not_hide_another_client() {
        let limits = QueueLimits { waiting: 4_000, ..LIMITS };
        let mut world = World::new(limits);
        for number in 0..500 {
            world.submit(account(1, number), JobKind::Usual).unwrap();
        }
        world.submit_many(2, address(8), JobKind::Usual);
        world.submit_many(1, address(9), JobKind::Usual);
        let turns = (1..=20).find(|_| world.finish() == Some(address(9)));
        assert!(turns.is_some(), "the other was never looked at");
    }

    #[test]
    fn the_accounts_of_one_address_and_the_addresses_of_one_account_have_one_turn() {
        let one = QueueLimits { concurrency: 1, slow: 1, waiting: 80 };
        for of_one in [|number: u8| account(1, number.into()), |number: u8| account(number + 100, 7)] {
            let mut world = World::new(one);
            for number in 0..20 {
                world.submit(of_one(number), JobKind::Usual).unwrap();
            }
            world.submit_many(2, address(2), JobKind::Usual);
            let order: Vec<_> = std::iter::from_fn(|| world.finish()).collect();
            assert_eq!([order[1], order[3]], [address(2); 2]);
        }
    }

    #[test]
    fn a_client_that_cancels_its_jobs_has_its_turns_again() {
        let mut world = World::new(QueueLimits { concurrency: 1, slow: 1, waiting: 40 });
        world.submit_many(2, address(1), JobKind::Usual);
        let tickets: Vec<_> = (0..9).map(|_| world.submit(address(1), JobKind::Usual).unwrap().unwrap()).collect();
        world.submit_many(5, address(2), JobKind::Usual);
        for ticket in tickets {
            assert!(world.queue.remove(ticket).is_some());
        }
        world.submit_many(1, address(1), JobKind::Usual);
        let order: Vec<_> = std::iter::from_fn(|| world.finish()).take(4).collect();
        assert_eq!(order, [1, 2, 2, 1].map(address));
    }

    #[test]
    fn the_jobs_ahead_are_those_that_run_before() {
        let mut world = World::new(QueueLimits { concurrency: 1, slow: 1, waiting: 40 });
        assert_eq!(world.queue.ahead(address(1)), 0);
        world.submit_many(5, address(1), JobKind::Usual);
        world.submit_many(2, address(2), JobKind::Usual);
        let ahead = [1, 2, 3].map(|client| world.queue.ahead(address(client)));
        // The running one, the own ones, and of each other as many as it has turns.
        assert_eq!(ahead, [1 + 4 + 2, 1 + 2 + 3, 1 + 1 + 1]);
    }

    proptest! {
        /// Whatever comes and goes, no limit is exceeded and everything is freed.
        #[test]
        fn every_limit_holds_and_everything_is_freed(steps in prop::collection::vec((0..3u8, 0..5u8, 0..4u128, any::<bool>()), 0..400)) {
            let mut world = World::new(LIMITS);
            let mut tickets = Vec::new();
            for (step, last, number, is_slow) in steps {
                let kind = if is_slow { JobKind::Slow } else { JobKind::Usual };
                match step {
                    0 | 1 => tickets.extend(world.submit(account(last, number), kind).ok().flatten()),
                    _ if number == 0 => {
                        tickets.pop().map(|ticket| world.queue.remove(ticket));
                    }
                    _ if world.running.is_empty() => {}
                    _ => {
                        world.finish();
                    }
                }
                let running_slow = world.running.iter().filter(|started| started.slot.kind == JobKind::Slow).count();
                prop_assert!(world.running.len() <= 8 && running_slow <= 4 && world.queue.waiting() <= 40);
                prop_assert_eq!(world.running.len(), world.queue.running());
                for last in 0..5 {
                    let of_address = |started: &&Started<u32>| started.slot.client.address == address(last).address;
                    prop_assert!(world.running.iter().filter(of_address).count() <= 6);
                }
            }
            while !world.running.is_empty() {
                world.finish();
            }
            prop_assert!(world.queue.held.is_empty());
            prop_assert_eq!((world.queue.waiting(), world.queue.running_slow), (0, 0));
        }
    }
}
