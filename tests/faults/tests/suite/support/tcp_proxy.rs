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

/// The interval at which the threads check for a change of the mode, in milliseconds.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// The treatment of connections by the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxyMode {
    /// Forwards all bytes.
    Pass,
    /// Closes the listener and all open connections: new connections are refused.
    Refuse,
    /// Closes all open connections, and each new connection after accepting it.
    Close,
    /// Acknowledges and discards all bytes. The next mode closes the connections
    /// that lost bytes, as a network does.
    BlackHole,
    /// Delays each chunk by this duration, or until the next mode.
    Delay(Duration),
    /// Closes a connection after this number of bytes from the server.
    CloseAfter(usize),
}

/// A TCP proxy in front of a server, with faults. Dropping it closes all connections.
pub(crate) struct TcpProxy {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
}

struct State {
    mode: ProxyMode,
    /// The number of changes of the mode.
    changes: usize,
    is_listening: bool,
    is_stopped: bool,
    connections: Vec<Arc<ProxiedConnection>>,
}

/// A forwarded connection: the streams to the client and to the server.
struct ProxiedConnection {
    client: TcpStream,
    server: TcpStream,
    /// Whether bytes were discarded.
    has_discarded: AtomicBool,
}

impl ProxiedConnection {
    fn close(&self) {
        // The peers may have closed the connection already.
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}

impl TcpProxy {
    /// Starts a proxy that forwards to `target`, such as `127.0.0.1:4000`.
    pub(crate) fn new(target: &str) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let state = State {
            mode: ProxyMode::Pass,
            changes: 0,
            is_listening: false,
            is_stopped: false,
            connections: Vec::new(),
        };
        let proxy = Self { address, state: Arc::new(Mutex::new(state)) };
        let (state, address, target) = (Arc::clone(&proxy.state), proxy.address.clone(), target.to_owned());
        thread::spawn(move || accept(&state, &address, &target));
        until("the proxy listens", || proxy.lock().is_listening);
        proxy
    }

    /// The URL of the database through the proxy.
    pub(crate) fn url(&self) -> String {
        format!("postgres://repower@{}/repower", self.address)
    }

    /// Changes the mode; waits until the listener is open or closed accordingly.
    pub(crate) fn set_mode(&self, mode: ProxyMode) {
        {
            let mut state = self.lock();
            state.mode = mode;
            state.changes += 1;
            let closes_all = matches!(mode, ProxyMode::Refuse | ProxyMode::Close);
            for connection in state
                .connections
                .iter()
                .filter(|connection| closes_all || connection.has_discarded.load(Ordering::Relaxed))
            {
                connection.close();
            }
        }
        until("the listener matches the mode", || self.lock().is_listening == (mode != ProxyMode::Refuse));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        let mut state = self.lock();
        state.is_stopped = true;
        state.connections.iter().for_each(|connection| connection.close());
    }
}

/// Accepts connections until the proxy is dropped. No listener exists in the mode
/// [`ProxyMode::Refuse`].
fn accept(state: &Arc<Mutex<State>>, address: &str, target: &str) {
    let mut listener = None;
    loop {
        let mode = {
            let mut state = state.lock().unwrap();
            if state.is_stopped {
                return;
            }
            match state.mode {
                ProxyMode::Refuse => listener = None,
                _ if listener.is_none() => {
                    let bound = TcpListener::bind(address).unwrap();
                    bound.set_nonblocking(true).unwrap();
                    listener = Some(bound);
                }
                _ => {}
            }
            state.is_listening = listener.is_some();
            state.mode
        };
        match listener.as_ref().map(TcpListener::accept) {
            Some(Ok(_)) if mode == ProxyMode::Close => {}
            Some(Ok((client, _))) => {
                // If the server refuses the connection, the proxy closes its client.
                let _ = TcpStream::connect(target).map(|server| join(state, client, server));
            }
            Some(Err(_)) | None => thread::sleep(POLL_INTERVAL),
        }
    }
}

/// Starts a thread for each direction of a new connection.
fn join(state: &Arc<Mutex<State>>, client: TcpStream, server: TcpStream) {
    for end in [&client, &server] {
        end.set_nonblocking(false).unwrap();
        end.set_nodelay(true).unwrap();
        end.set_read_timeout(Some(POLL_INTERVAL * 10)).unwrap();
    }
    let connection = Arc::new(ProxiedConnection { client, server, has_discarded: AtomicBool::new(false) });
    state.lock().unwrap().connections.push(Arc::clone(&connection));
    for is_from_server in [false, true] {
        let (state, connection) = (Arc::clone(state), Arc::clone(&connection));
        thread::spawn(move || {
            forward(&state, &connection, is_from_server);
            connection.close();
            state.lock().unwrap().connections.retain(|other| !Arc::ptr_eq(other, &connection));
        });
    }
}

/// Forwards the bytes of one direction until a peer or the mode closes the connection.
fn forward(state: &Mutex<State>, connection: &ProxiedConnection, is_from_server: bool) {
    let (mut from, mut to) = if is_from_server {
        (&connection.server, &connection.client)
    } else {
        (&connection.client, &connection.server)
    };
    let (mut chunk, mut forwarded, mut seen_changes) = ([0; 16 * 1024], 0, 0);
    loop {
        let length = match from.read(&mut chunk) {
            Ok(0) => return,
            Ok(length) => length,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(_) => return,
        };
        let (mode, changes) = {
            let state = state.lock().unwrap();
            (state.mode, state.changes)
        };
        if changes != seen_changes {
            (forwarded, seen_changes) = (0, changes);
        }
        let allowed = match mode {
            ProxyMode::BlackHole => {
                connection.has_discarded.store(true, Ordering::Relaxed);
                continue;
            }
            ProxyMode::Delay(delay) => {
                delay_chunk(state, changes, delay);
                length
            }
            ProxyMode::CloseAfter(limit) if is_from_server => length.min(limit - forwarded),
            ProxyMode::Pass | ProxyMode::Refuse | ProxyMode::Close | ProxyMode::CloseAfter(_) => length,
        };
        if to.write_all(&chunk[..allowed]).is_err() {
            return;
        }
        forwarded += allowed;
        if is_from_server && matches!(mode, ProxyMode::CloseAfter(limit) if forwarded >= limit) {
            return;
        }
    }
}

/// Waits for the delay, or until the mode changes.
fn delay_chunk(state: &Mutex<State>, changes: usize, delay: Duration) {
    let started = Instant::now();
    while started.elapsed() < delay && state.lock().unwrap().changes == changes {
        thread::sleep(POLL_INTERVAL.min(delay));
    }
}
