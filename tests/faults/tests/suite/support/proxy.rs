use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{free_port, until};

/// How soon a change of the mode is noticed by who waits for bytes.
const PAUSE: Duration = Duration::from_millis(5);

/// What becomes of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// They go through.
    Pass,
    /// Nobody listens; those that are there are cut.
    Refuse,
    /// They are accepted and cut at once; those that are there are cut.
    Drop,
    /// Bytes are taken, acknowledged and thrown away. A connection that has
    /// lost some is cut when another mode comes, as the network does it.
    BlackHole,
    /// Every piece waits for so long, or until another mode comes.
    Slow(Duration),
    /// A connection is cut when so many bytes of the server's have gone
    /// through it.
    CutAfter(usize),
}

/// A place in front of a server through which connections go, or do not.
pub(crate) struct Proxy {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
}

struct State {
    mode: Mode,
    /// How often the mode was changed.
    changes: usize,
    listens: bool,
    is_over: bool,
    joints: Vec<Arc<Joint>>,
}

/// The two ends of a connection.
struct Joint {
    client: TcpStream,
    server: TcpStream,
    has_lost: AtomicBool,
}

impl Joint {
    fn cut(&self) {
        // It may have ended by itself.
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}

impl Proxy {
    /// A proxy that passes everything to `target`, `127.0.0.1:4000`.
    pub(crate) fn to(target: &str) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let state = State { mode: Mode::Pass, changes: 0, listens: false, is_over: false, joints: Vec::new() };
        let proxy = Self { address, state: Arc::new(Mutex::new(state)) };
        let (state, address, target) = (Arc::clone(&proxy.state), proxy.address.clone(), target.to_owned());
        thread::spawn(move || accept(&state, &address, &target));
        until("the proxy listens", || proxy.lock().listens);
        proxy
    }

    /// The database of a cluster by way of the proxy.
    pub(crate) fn url(&self) -> String {
        format!("postgres://repower@{}/repower", self.address)
    }

    /// What becomes of connections from now on.
    pub(crate) fn set(&self, mode: Mode) {
        {
            let mut state = self.lock();
            state.mode = mode;
            state.changes += 1;
            let cuts_all = matches!(mode, Mode::Refuse | Mode::Drop);
            for joint in state.joints.iter().filter(|joint| cuts_all || joint.has_lost.load(Ordering::Relaxed)) {
                joint.cut();
            }
        }
        until("the proxy listens or not", || self.lock().listens == (mode != Mode::Refuse));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let mut state = self.lock();
        state.is_over = true;
        state.joints.iter().for_each(|joint| joint.cut());
    }
}

/// Accepts until the proxy is over. While it refuses, there is no listener.
fn accept(state: &Arc<Mutex<State>>, address: &str, target: &str) {
    let mut listener = None;
    loop {
        let mode = {
            let mut state = state.lock().unwrap();
            if state.is_over {
                return;
            }
            match state.mode {
                Mode::Refuse => listener = None,
                _ if listener.is_none() => {
                    let bound = TcpListener::bind(address).unwrap();
                    bound.set_nonblocking(true).unwrap();
                    listener = Some(bound);
                }
                _ => {}
            }
            state.listens = listener.is_some();
            state.mode
        };
        match listener.as_ref().map(TcpListener::accept) {
            Some(Ok(_)) if mode == Mode::Drop => {}
            Some(Ok((client, _))) => {
                // A server that is away refuses; so does the proxy then.
                let _ = TcpStream::connect(target).map(|server| join(state, client, server));
            }
            Some(Err(_)) | None => thread::sleep(PAUSE),
        }
    }
}

fn join(state: &Arc<Mutex<State>>, client: TcpStream, server: TcpStream) {
    for end in [&client, &server] {
        end.set_nonblocking(false).unwrap();
        end.set_nodelay(true).unwrap();
        end.set_read_timeout(Some(PAUSE * 10)).unwrap();
    }
    let joint = Arc::new(Joint { client, server, has_lost: AtomicBool::new(false) });
    state.lock().unwrap().joints.push(Arc::clone(&joint));
    for is_reply in [false, true] {
        let (state, joint) = (Arc::clone(state), Arc::clone(&joint));
        thread::spawn(move || {
            pump(&state, &joint, is_reply);
            joint.cut();
            state.lock().unwrap().joints.retain(|other| !Arc::ptr_eq(other, &joint));
        });
    }
}

/// Hands on what comes from one end to the other, until an end is closed or the
/// mode says so.
fn pump(state: &Mutex<State>, joint: &Joint, is_reply: bool) {
    let (mut from, mut to) = if is_reply { (&joint.server, &joint.client) } else { (&joint.client, &joint.server) };
    let (mut piece, mut passed, mut seen) = ([0; 16 * 1024], 0, 0);
    loop {
        let length = match from.read(&mut piece) {
            Ok(0) => return,
            Ok(length) => length,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(_) => return,
        };
        let (mode, changes) = {
            let state = state.lock().unwrap();
            (state.mode, state.changes)
        };
        if changes != seen {
            (passed, seen) = (0, changes);
        }
        let kept = match mode {
            Mode::BlackHole => {
                joint.has_lost.store(true, Ordering::Relaxed);
                continue;
            }
            Mode::Slow(delay) => {
                hold_back(state, changes, delay);
                length
            }
            Mode::CutAfter(most) if is_reply => length.min(most - passed),
            Mode::Pass | Mode::Refuse | Mode::Drop | Mode::CutAfter(_) => length,
        };
        if to.write_all(&piece[..kept]).is_err() {
            return;
        }
        passed += kept;
        if is_reply && matches!(mode, Mode::CutAfter(most) if passed >= most) {
            return;
        }
    }
}

/// Waits for so long, or until the mode changes.
fn hold_back(state: &Mutex<State>, changes: usize, delay: Duration) {
    let started = Instant::now();
    while started.elapsed() < delay && state.lock().unwrap().changes == changes {
        thread::sleep(PAUSE.min(delay));
    }
}
