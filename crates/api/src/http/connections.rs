use std::{
    cmp::Reverse,
    collections::BTreeMap,
    net::{Shutdown, TcpStream},
    ops::Bound,
    os::fd::AsFd,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::unsent::Unsent;

/// How long a connection may go on without a request under way. One that is
/// idle is closed much sooner; what lasts so long is a request whose head comes
/// byte by byte, or an answer that nobody fetches.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The same while answers of more than [`MOST_UNSENT`] bytes wait to be fetched.
const LONGEST_PAUSE_WHEN_FULL: Duration = Duration::from_secs(2);

/// How many bytes of answers may wait to be fetched, of all connections
/// together, before those that do not fetch theirs are cut early.
const MOST_UNSENT: usize = 64 * 1024 * 1024;

/// How many connections are looked at to find the one that goes first.
const LOOKED_AT: usize = 64;

/// What stands where a pause would, while a request is under way.
const UNDER_WAY: u64 = u64::MAX;

/// The connections that clients hold: at most so many. When there are no more
/// places, one goes that nothing was answered on yet, or else one that has been
/// without a request for long.
#[derive(Debug)]
pub struct Connections {
    most: usize,
    began: Instant,
    held: Mutex<Held>,
    unsent: Unsent,
    cut: Cut,
}

#[derive(Debug, Default)]
struct Held {
    by_age: BTreeMap<u64, Arc<Connection>>,
    opened: u64,
    /// The last one that was looked at; what follows it is looked at next.
    hand: u64,
}

#[derive(Debug, Default)]
struct Cut {
    pause: AtomicU64,
    room: AtomicU64,
    refused: AtomicU64,
}

/// All connections at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionsState {
    /// How many there may be.
    pub most: usize,
    /// How many there are.
    pub open: usize,
    /// How many were cut since the start because they paused too long.
    pub cut_pause: u64,
    /// How many were cut since the start to make room for others.
    pub cut_room: u64,
    /// How many were refused since the start: all others had a request under way.
    pub refused: u64,
}

#[derive(Debug)]
struct Connection {
    /// Another handle of the same socket.
    socket: TcpStream,
    /// When its last request was answered, or it was opened, or the body that
    /// it waits for began: in milliseconds from the beginning.
    pauses_since: AtomicU64,
    /// Whether a request was answered on it: whoever only takes up places has none.
    is_in_use: AtomicBool,
}

impl Connection {
    /// How long no request has been under way; `None` while one is.
    fn pause(&self, now: u64) -> Option<u64> {
        let since = self.pauses_since.load(Ordering::Relaxed);
        (since != UNDER_WAY).then(|| now.saturating_sub(since))
    }

    fn cut(&self) {
        // Its client may have closed it already.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

impl Connections {
    /// Room for `most` connections, at least one.
    pub fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            began: Instant::now(),
            held: Mutex::default(),
            unsent: Unsent::default(),
            cut: Cut::default(),
        }
    }

    /// How many there are, and what became of others. Waits for nothing.
    pub fn state(&self) -> ConnectionsState {
        ConnectionsState {
            most: self.most,
            open: self.held().by_age.len(),
            cut_pause: self.cut.pause.load(Ordering::Relaxed),
            cut_room: self.cut.room.load(Ordering::Relaxed),
            refused: self.cut.refused.load(Ordering::Relaxed),
        }
    }

    /// Notes that a connection was opened. `None` where there is no place for it;
    /// it is cut then.
    pub(crate) fn open(self: &Arc<Self>, socket: &impl AsFd) -> Option<Opened> {
        // Without a handle of our own, we could not end it.
        let socket = TcpStream::from(socket.as_fd().try_clone_to_owned().ok()?);
        let now = self.now();
        let pauses_since = AtomicU64::new(now);
        let connection = Arc::new(Connection { socket, pauses_since, is_in_use: AtomicBool::new(false) });
        let mut held = self.held();
        if held.by_age.len() >= self.most {
            let Some(first) = held.take_most_quiet(now) else {
                drop(held);
                self.cut.refused.fetch_add(1, Ordering::Relaxed);
                connection.cut();
                return None;
            };
            self.cut.room.fetch_add(1, Ordering::Relaxed);
            first.cut();
        }
        held.opened += 1;
        let number = held.opened;
        held.by_age.insert(number, Arc::clone(&connection));
        Some(Opened { all: Arc::clone(self), number, connection })
    }

    /// Cuts those that have paused too long: sooner while too much waits to be
    /// fetched.
    pub(crate) fn cut_pausing(&self) {
        let is_full = self.unsent.bytes() > MOST_UNSENT;
        self.cut_after(if is_full { LONGEST_PAUSE_WHEN_FULL } else { LONGEST_PAUSE });
    }

    /// Cuts those whose pause has been longer than `longest`.
    fn cut_after(&self, longest: Duration) {
        let (now, longest) = (self.now(), millis(longest));
        let goes = |connection: &Connection| connection.pause(now).is_some_and(|pause| pause > longest);
        let gone: Vec<_> = self.held().by_age.extract_if(.., |_, connection| goes(connection)).collect();
        for (_, connection) in gone {
            self.cut.pause.fetch_add(1, Ordering::Relaxed);
            connection.cut();
        }
    }

    fn now(&self) -> u64 {
        millis(self.began.elapsed())
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(UNDER_WAY)
}

impl Held {
    /// Takes out, of the connections that come next by age, the one with the
    /// longest pause; those that are in use come last. From one time to the next
    /// this goes through all of them.
    fn take_most_quiet(&mut self, now: u64) -> Option<Arc<Connection>> {
        let following = (Bound::Excluded(self.hand), Bound::Unbounded);
        let from_the_hand = self.by_age.range(following).chain(self.by_age.range(..=self.hand));
        let looked_at: Vec<_> = from_the_hand.take(LOOKED_AT).collect();
        let hand = looked_at.last().map_or(0, |(number, _)| **number);
        let rank = |(number, connection): (&u64, &Arc<Connection>)| {
            let is_in_use = connection.is_in_use.load(Ordering::Relaxed);
            Some((!is_in_use, connection.pause(now)?, Reverse(*number)))
        };
        let first = looked_at.into_iter().filter_map(rank).max();
        self.hand = hand;
        let (_, _, Reverse(number)) = first?;
        self.by_age.remove(&number)
    }
}

/// A connection until it is dropped. Kept with what actix keeps of it.
#[derive(Debug)]
pub(crate) struct Opened {
    all: Arc<Connections>,
    number: u64,
    connection: Arc<Connection>,
}

impl Opened {
    /// Notes that a request is under way until it is dropped.
    pub(crate) fn request(&self) -> RequestUnderWay {
        self.connection.pauses_since.store(UNDER_WAY, Ordering::Relaxed);
        RequestUnderWay { all: Arc::clone(&self.all), connection: Arc::clone(&self.connection) }
    }

    /// How far its requests have come.
    pub(crate) fn progress(&self) -> Progress {
        Progress(Arc::clone(&self.connection))
    }

    /// What answers are counted by until they are sent.
    pub(super) fn unsent(&self) -> Unsent {
        self.all.unsent.clone()
    }

    /// Notes that the request under way waits for its body until this is dropped:
    /// a client can stretch that as it likes, and goes first where room is
    /// needed.
    pub(crate) fn receiving(&self) -> Receiving {
        self.connection.pauses_since.store(self.all.now(), Ordering::Relaxed);
        Receiving { connection: Arc::clone(&self.connection) }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.all.held().by_age.remove(&self.number);
    }
}

/// How far the requests of a connection have come.
#[derive(Debug)]
pub(crate) struct Progress(Arc<Connection>);

impl Progress {
    /// Whether a request is under way that waits for nothing more from the client.
    pub(crate) fn is_answering(&self) -> bool {
        self.0.pauses_since.load(Ordering::Relaxed) == UNDER_WAY
    }
}

/// A request that is being answered.
pub(crate) struct RequestUnderWay {
    all: Arc<Connections>,
    connection: Arc<Connection>,
}

impl Drop for RequestUnderWay {
    fn drop(&mut self) {
        self.connection.is_in_use.store(true, Ordering::Relaxed);
        self.connection.pauses_since.store(self.all.now(), Ordering::Relaxed);
    }
}

/// A request whose body is on its way.
pub(crate) struct Receiving {
    connection: Arc<Connection>,
}

impl Drop for Receiving {
    fn drop(&mut self) {
        self.connection.pauses_since.store(UNDER_WAY, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Read, net::TcpListener};

    use super::*;

    /// A client, and the server's end of its connection.
    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (client, listener.accept().unwrap().0)
    }

    fn is_cut(client: &mut TcpStream) -> bool {
        client.set_nonblocking(true).unwrap();
        client.read(&mut [0]).is_ok_and(|read| read == 0)
    }

    fn counts(connections: &Connections) -> (usize, u64, u64, u64) {
        let state = connections.state();
        (state.open, state.cut_pause, state.cut_room, state.refused)
    }

    #[test]
    fn a_connection_has_its_place_until_it_is_closed() {
        let connections = Arc::new(Connections::new(2));
        let (_client, server) = pair();
        let opened = connections.open(&server).unwrap();
        assert_eq!(counts(&connections), (1, 0, 0, 0));
        drop(opened);
        assert_eq!(counts(&connections), (0, 0, 0, 0));
    }

    #[test]
    fn the_quiet_one_makes_room_for_another() {
        let connections = Arc::new(Connections::new(2));
        let [(mut busy, first), (mut quiet, second), (mut newcomer, third)] = [pair(), pair(), pair()];
        let opened = [connections.open(&first).unwrap(), connections.open(&second).unwrap()];
        let _request = opened[0].request();
        let _third = connections.open(&third).unwrap();
        assert_eq!([&mut busy, &mut quiet, &mut newcomer].map(is_cut), [false, true, false]);
        assert_eq!(counts(&connections), (2, 0, 1, 0));
    }

    #[test]
    fn who_was_answered_already_goes_after_who_only_takes_a_place() {
        let connections = Arc::new(Connections::new(2));
        let [(mut known, first), (mut unknown, second), (_newcomer, third)] = [pair(), pair(), pair()];
        let opened = [connections.open(&first).unwrap(), connections.open(&second).unwrap()];
        drop(opened[0].request());
        opened[0].connection.pauses_since.store(0, Ordering::Relaxed);
        let _third = connections.open(&third).unwrap();
        assert_eq!([&mut known, &mut unknown].map(is_cut), [false, true]);
    }

    #[test]
    fn one_whose_body_is_on_its_way_makes_room_for_another() {
        let connections = Arc::new(Connections::new(1));
        let [(mut slow, first), (_newcomer, second)] = [pair(), pair()];
        let opened = connections.open(&first).unwrap();
        let _request = opened.request();
        drop(opened.receiving());
        assert!(connections.open(&second).is_none());
        let _receiving = opened.receiving();
        assert!(connections.open(&second).is_some());
        assert!(is_cut(&mut slow));
    }

    #[test]
    fn a_newcomer_is_refused_while_all_others_are_busy() {
        let connections = Arc::new(Connections::new(1));
        let [(mut busy, first), (mut newcomer, second)] = [pair(), pair()];
        let opened = connections.open(&first).unwrap();
        let request = opened.request();
        assert!(connections.open(&second).is_none());
        assert_eq!([&mut busy, &mut newcomer].map(is_cut), [false, true]);
        assert_eq!(counts(&connections), (1, 0, 0, 1));
        drop(request);
        assert!(connections.open(&pair().1).is_some());
    }

    #[test]
    fn of_many_each_one_is_come_to_in_turn() {
        let connections = Arc::new(Connections::new(3 * LOOKED_AT));
        let pairs: Vec<_> = (0..3 * LOOKED_AT).map(|_| pair()).collect();
        let opened: Vec<_> = pairs.iter().map(|(_, server)| connections.open(server).unwrap()).collect();
        let busy: Vec<_> = opened[1..].iter().map(Opened::request).collect();
        let newcomers: Vec<_> = (0..3).map(|_| pair()).collect();
        let come: Vec<_> = newcomers.iter().map(|(_, server)| connections.open(server)).collect();
        assert_eq!(come.iter().filter(|newcomer| newcomer.is_some()).count(), 1);
        assert_eq!(connections.state().cut_room, 1);
        drop(busy);
    }

    #[test]
    fn those_are_cut_whose_pause_is_too_long() {
        let connections = Arc::new(Connections {
            began: Instant::now().checked_sub(Duration::from_mins(1)).unwrap(),
            ..Connections::new(9)
        });
        let [(mut busy, first), (mut quiet, second), (mut new, third)] = [pair(), pair(), pair()];
        let opened = [&first, &second, &third].map(|server| connections.open(server).unwrap());
        let _request = opened[0].request();
        opened[1].connection.pauses_since.store(0, Ordering::Relaxed);
        connections.cut_pausing();
        assert_eq!([&mut busy, &mut quiet, &mut new].map(is_cut), [false, true, false]);
        assert_eq!(counts(&connections), (2, 1, 0, 0));
    }

    #[test]
    fn those_are_cut_sooner_while_too_much_waits_to_be_fetched() {
        let connections = Arc::new(Connections {
            began: Instant::now().checked_sub(Duration::from_secs(9)).unwrap(),
            ..Connections::new(9)
        });
        let (mut quiet, server) = pair();
        let opened = connections.open(&server).unwrap();
        opened.connection.pauses_since.store(0, Ordering::Relaxed);
        connections.cut_pausing();
        assert!(!is_cut(&mut quiet));
        let _unsent = opened.unsent().slices(vec![0; MOST_UNSENT + 1]);
        connections.cut_pausing();
        assert!(is_cut(&mut quiet));
    }
}
