use std::{
    io,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use super::TestDatabase;

/// A TCP proxy in front of the database of the tests. A closed proxy accepts
/// connections and drops them; closing it also cuts the open connections.
pub(crate) struct TcpProxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    /// A listener that never accepts.
    _silent: Option<TcpListener>,
}

#[derive(Default)]
struct State {
    is_open: bool,
    through: Vec<TcpStream>,
}

impl TcpProxy {
    /// A closed proxy.
    pub(crate) fn closed() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, state) = (listener.local_addr().unwrap(), Arc::<Mutex<State>>::default());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut state = shared.lock().unwrap();
                if state.is_open {
                    state.through.extend(join(stream));
                }
            }
        });
        Self { address, state, _silent: None }
    }

    /// A proxy without responses: the kernel completes connections, and no byte is
    /// read or sent.
    pub(crate) fn silent() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self { address: listener.local_addr().unwrap(), state: Arc::default(), _silent: Some(listener) }
    }

    pub(crate) fn open(&self) {
        self.state.lock().unwrap().is_open = true;
    }

    pub(crate) fn close(&self) {
        let mut state = self.state.lock().unwrap();
        state.is_open = false;
        for stream in state.through.drain(..) {
            // The peer may have closed the connection.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// The URL of a database through the proxy.
    pub(crate) fn url_to(&self, database: &TestDatabase) -> String {
        database.url().replacen(&database_address(), &self.address.to_string(), 1)
    }
}

/// Connects a client with the database; returns both streams.
fn join(client: TcpStream) -> [TcpStream; 2] {
    let server = TcpStream::connect(database_address()).unwrap();
    let ends = [client.try_clone().unwrap(), server.try_clone().unwrap()];
    let copy = |mut from: TcpStream, mut to: TcpStream| {
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        });
    };
    copy(client.try_clone().unwrap(), server.try_clone().unwrap());
    copy(server, client);
    ends
}

/// `host:port` of the database of the tests.
fn database_address() -> String {
    let url = std::env::var("TEST_DATABASE_URL").unwrap();
    let authority = url.split('/').nth(2).unwrap();
    authority.rsplit('@').next().unwrap().to_owned()
}
