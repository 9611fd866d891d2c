use super::*;

mod limits;

const LIMITS: QueueLimits = QueueLimits { concurrency: 8, slow: 4, waiting: 40, batched: 4, all_alone: false };

const ONE: QueueLimits = QueueLimits { concurrency: 1, slow: 1, ..LIMITS };

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
fn slow_jobs_have_a_part_of_the_slots_and_keep_no_other_from_running() {
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
fn a_client_has_a_quarter_of_the_slots_for_slow_jobs_too_and_leaves_the_last_to_others() {
    let mut world = World::new(LIMITS);
    world.submit_many(5, address(1), JobKind::Slow);
    assert_eq!((world.running_of(address(1)), world.queue.waiting()), (3, 2));
    assert_eq!(world.submit(address(1), JobKind::Usual), Ok(None));
    assert_eq!(world.submit(address(2), JobKind::Slow), Ok(None));
    world.submit_many(1, address(3), JobKind::Slow);
    assert_eq!(world.finish(), Some(address(3)), "the first is beyond its quarter");
}

#[test]
fn the_clients_take_turns() {
    let mut world = World::new(ONE);
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
fn a_client_alone_leaves_one_place_at_least_to_others() {
    for (slots, of_one) in [(8, 6), (6, 4), (3, 2), (2, 1)] {
        let mut world = World::new(QueueLimits { concurrency: slots, ..LIMITS });
        world.submit_many(10, address(1), JobKind::Usual);
        assert_eq!(world.running_of(address(1)), of_one, "of {slots}");
    }
}

#[test]
fn where_one_client_may_have_all_it_leaves_what_runs_next_to_others() {
    let mut world = World::new(QueueLimits { all_alone: true, ..LIMITS });
    world.submit_many(8 + 5, address(1), JobKind::Usual);
    assert_eq!((world.running_of(address(1)), world.queue.waiting()), (8, 5));
    world.submit_many(2, address(2), JobKind::Usual);
    assert_eq!([world.finish(), world.finish()], [Some(address(2)); 2]);
}

#[test]
fn while_others_wait_a_client_waits_in_a_quarter_of_the_places() {
    let mut world = World::new(LIMITS);
    world.submit_many(8, address(1), JobKind::Slow);
    world.submit_many(5, address(2), JobKind::Slow);
    world.submit_many(5, address(1), JobKind::Slow);
    assert_eq!(world.submit(address(1), JobKind::Slow), Err(NoPlace::Share));
    world.submit_many(6, address(2), JobKind::Slow);
    assert_eq!(world.submit(address(2), JobKind::Slow), Err(NoPlace::Share));
    assert_eq!(world.submit(address(1), JobKind::Usual), Ok(None));
}

#[test]
fn a_removed_job_frees_its_place_and_a_started_one_is_not_removed() {
    let mut world = World::new(QueueLimits { waiting: 1, ..ONE });
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
    let one = QueueLimits { waiting: 80, ..ONE };
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
    let mut world = World::new(ONE);
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
fn batched_jobs_run_beside_those_in_slots_and_a_client_alone_leaves_the_last_quarter_to_others() {
    let mut world = World::new(LIMITS);
    world.submit_many(8, address(1), JobKind::Usual);
    let started = [2, 2, 2, 2, 3, 3].map(|client| world.submit(address(client), JobKind::Batched).unwrap().is_none());
    assert_eq!(started, [true, true, true, false, true, false]);
    assert_eq!((world.queue.running(), world.queue.running_batched(), world.queue.waiting()), (6, 4, 4));
    // No job follows one of another kind: there are free slots, and those that wait are beyond their shares.
    let slot = Slot { client: address(3), kind: JobKind::Batched, has_place: true };
    let next = world.queue.finish_batched(slot).unwrap();
    assert_eq!((next.slot.client, next.is_batched), (address(3), true));
    assert_eq!(world.queue.finish_batched(slot), None);
    assert_eq!((world.queue.running(), world.queue.running_batched(), world.queue.waiting()), (6, 3, 3));
}

#[test]
fn without_places_batched_jobs_are_as_any_other() {
    let mut world = World::new(QueueLimits { batched: 0, ..ONE });
    world.submit_many(2, address(1), JobKind::Batched);
    let started = world.running.pop().unwrap();
    assert!(!started.is_batched);
    assert_eq!(world.queue.finish(started.slot).map(|next| next.is_batched), Some(false));
}

#[test]
fn the_batched_jobs_of_an_address_start_as_they_came_also_those_of_many_accounts() {
    let mut world = World::new(LIMITS);
    let mut starts = Vec::new();
    // The number of jobs that wait rises and falls.
    for step in 0..200 {
        for number in 0..step % 7 {
            let _ = world.submit(account(1, number), JobKind::Batched);
        }
        for _ in 0..3.min(world.running.len()) {
            let ended = world.running.remove(0);
            starts.push(ended.job);
            world.running.extend(world.queue.finish_batched(ended.slot));
        }
    }
    assert!(starts.is_sorted() && starts.len() > 300, "{starts:?}");
}

#[test]
fn a_batched_job_that_needs_its_slot_waits_for_it_as_any_other_job() {
    let mut world = World::new(ONE);
    world.submit_many(2, address(1), JobKind::Usual);
    world.submit(address(2), JobKind::Batched).unwrap();
    let slot = world.running.pop().unwrap().slot;
    assert!(world.queue.take(slot, 99).is_err());
    world.submit(address(1), JobKind::Usual).unwrap();
    let starts = [(); 3].map(|()| {
        world.finish();
        (world.running[0].job, world.running[0].is_batched)
    });
    assert_eq!(starts, [(2, false), (99, false), (4, false)]);
    world.finish();
    assert_eq!(world.queue.take(slot, 100), Ok(()));
    assert_eq!(world.queue.running(), 1);
}

#[test]
fn a_batched_job_is_found_behind_any_number_of_others_and_takes_no_turn() {
    let mut world = World::new(QueueLimits { waiting: 1_000, ..LIMITS });
    world.submit_many(8, address(1), JobKind::Usual);
    let slots = [2, 2, 2].map(|client| {
        world.submit(address(client), JobKind::Batched).unwrap();
        world.running.pop().unwrap().slot
    });
    for last in 3..63 {
        world.submit_many(2, address(last), JobKind::Usual);
    }
    for _ in 0..200 {
        let Ok(Some(_)) = world.submit(address(2), JobKind::Batched) else { panic!("it waits for a place") };
        let next = world.queue.finish_batched(slots[0]).unwrap();
        assert_eq!((next.slot.client, next.is_batched), (address(2), true));
    }
    // The client's next usual job has its place in the next turn.
    let Ok(Some(usual)) = world.submit(address(2), JobKind::Usual) else { panic!("it waits for a slot") };
    assert_eq!(usual.place.turn, 1);
}

#[test]
fn the_jobs_ahead_are_those_that_run_before() {
    let mut world = World::new(ONE);
    assert_eq!(world.queue.ahead(address(1)), 0);
    world.submit_many(5, address(1), JobKind::Usual);
    world.submit_many(2, address(2), JobKind::Usual);
    let ahead = [1, 2, 3].map(|client| world.queue.ahead(address(client)));
    // The running one, the own ones, and of each other as many as it has turns.
    assert_eq!(ahead, [1 + 4 + 2, 1 + 2 + 3, 1 + 1 + 1]);
}
