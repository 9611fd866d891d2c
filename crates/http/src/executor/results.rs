//! The memory of results that wait for the worker of their request. A busy worker takes them
//! late, and without a limit the threads would make hundreds of large ones in the meantime.

use std::{
    cell::Cell,
    collections::HashMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use repower_ports::deadline::Deadline;

use super::{
    client::{Client, Holder},
    leaving::leave,
};

/// The memory for the large results of an executor that wait, in bytes: 8 of the largest
/// responses.
pub(super) const MAX_WAITING_BYTES: usize = 8 * 1024 * 1024;

thread_local! {
    static WRITTEN: Cell<usize> = const { Cell::new(0) };
}

/// Counts the bytes of a large response that the job of this thread has written.
pub(crate) fn count_written(bytes: usize) {
    WRITTEN.set(WRITTEN.get() + bytes);
}

/// The bytes that were counted since the last call.
pub(super) fn take_written() -> usize {
    WRITTEN.take()
}

/// The large results that wait, in all and by client: an address and an account have a quarter
/// of the memory each.
#[derive(Debug)]
pub(super) struct Results {
    max: usize,
    held: Mutex<Held>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct Held {
    all: usize,
    by_holder: HashMap<Holder, usize>,
}

/// The memory of a result, until it is dropped.
#[derive(Debug)]
pub(super) struct Reserved {
    results: Arc<Results>,
    client: Client,
    bytes: usize,
}

impl Results {
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { max, held: Mutex::default(), released: Condvar::new() })
    }

    /// Waits until there is room for a result of a client, on the thread that has made it.
    /// `None` where there is none until the deadline. Workers make room, whether clients read
    /// or not.
    pub(super) fn reserve(self: &Arc<Self>, client: Client, bytes: usize, deadline: &Deadline) -> Option<Reserved> {
        // One that is larger than its share has all of it.
        let bytes = bytes.min(self.share());
        if !self.has_room(&self.held(), client, bytes) {
            leave();
        }
        let mut held = self.held();
        while !self.has_room(&held, client, bytes) {
            let remaining = deadline.remaining();
            if remaining.is_zero() {
                return None;
            }
            (held, _) = self.released.wait_timeout(held, remaining).unwrap_or_else(PoisonError::into_inner);
        }
        held.all += bytes;
        client.holders().for_each(|holder| *held.by_holder.entry(holder).or_default() += bytes);
        drop(held);
        Some(Reserved { results: Arc::clone(self), client, bytes })
    }

    fn has_room(&self, held: &Held, client: Client, bytes: usize) -> bool {
        let own = |holder| held.by_holder.get(&holder).copied().unwrap_or_default();
        held.all + bytes <= self.max && client.holders().all(|holder| own(holder) + bytes <= self.share())
    }

    /// The memory of one address or account.
    const fn share(&self) -> usize {
        self.max / 4
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let mut held = self.results.held();
        held.all -= self.bytes;
        for holder in self.client.holders() {
            if let Some(own) = held.by_holder.get_mut(&holder) {
                *own -= self.bytes;
                if *own == 0 {
                    held.by_holder.remove(&holder);
                }
            }
        }
        drop(held);
        self.results.released.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        thread,
        time::{Duration, Instant},
    };

    use super::*;

    fn client(host: u8) -> Client {
        Client { address: Some([198, 51, 100, host].into()), account: None }
    }

    fn after(time: Duration) -> Deadline {
        Deadline::at(Instant::now() + time)
    }

    #[test]
    fn a_result_of_a_client_with_a_quarter_of_the_memory_waits_and_those_of_others_do_not() {
        let results = Results::new(100);
        let past = after(Duration::ZERO);
        let first = results.reserve(client(1), 20, &past);
        assert!(first.is_some() && results.reserve(client(1), 10, &past).is_none());
        let others = [2, 3, 4, 5].map(|host| results.reserve(client(host), 20, &past));
        assert!(others.iter().all(Option::is_some));
        assert!(results.reserve(client(6), 1, &past).is_none());
        drop((first, others));
        let held = results.held();
        assert_eq!((held.all, held.by_holder.len()), (0, 0));
    }

    #[test]
    fn a_result_that_waits_has_room_when_another_one_is_taken() {
        let results = Results::new(100);
        let first = results.reserve(client(1), 25, &after(Duration::ZERO));
        thread::scope(|scope| {
            let waiting = scope.spawn(|| results.reserve(client(1), 25, &after(Duration::from_mins(1))));
            drop(first);
            assert!(waiting.join().unwrap().is_some());
        });
    }

    #[test]
    fn a_result_that_is_larger_than_its_share_has_room_while_there_are_no_others() {
        let results = Results::new(100);
        let past = after(Duration::ZERO);
        let large = results.reserve(client(1), 1_000, &past);
        assert!(large.is_some() && results.reserve(client(1), 1, &past).is_none());
    }

    #[test]
    fn written_bytes_are_counted_once() {
        count_written(1);
        count_written(2);
        assert_eq!((take_written(), take_written()), (3, 0));
    }
}
