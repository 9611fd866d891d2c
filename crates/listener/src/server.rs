use std::{
    fmt,
    future::poll_fn,
    io,
    net::{SocketAddr, TcpListener},
    pin::pin,
    sync::Arc,
    thread,
    time::Duration,
};

use actix_http::{HttpService, KeepAlive, Protocol, Request, Response, error::DispatchError};
use actix_server::{GracefulShutdownSignal, Server, ServerHandle};
use actix_service::{
    IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, apply_fn_factory, fn_service, map_config,
};
use actix_web::{
    body::MessageBody,
    dev::{AppConfig, Extensions},
    rt::System,
};
use socket2::{Domain, Type};
use tokio::{
    net::TcpStream,
    select,
    signal::unix::{Signal, SignalKind, signal},
    time::sleep,
};

use crate::{connections::Connections, socket::Socket, track::track};

/// The time for requests in progress after the server stops accepting, in seconds.
const SHUTDOWN_TIMEOUT_SECONDS: u64 = 30;

/// The maximum number of connections that wait to be accepted; the operating system
/// may allow fewer.
const BACKLOG: i32 = 4_096;

/// The number of response bytes that the kernel buffers for one connection. Without
/// this limit, 2,000 clients that read nothing use gigabytes.
const MAX_UNSENT_BY_KERNEL: u32 = 128 * 1024;

/// The time that a connection stays open for the next request.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// The timeout of closing a connection.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// The time between two searches for connections that are idle too long.
const IDLE_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// A server that is bound to its port; it accepts connections when it runs.
pub struct Bound {
    server: Server,
    address: SocketAddr,
}

/// The callbacks of a server's life.
pub struct Events {
    /// Called once the server accepts connections and handles signals.
    pub listening: Box<dyn FnOnce(SocketAddr)>,
    /// Called when the first signal to stop arrives, before the drain.
    pub stopping: Box<dyn FnOnce()>,
}

/// Binds `address`. `application` makes the actix application, once for each of
/// `workers` threads (one for each core where it is `None`).
///
/// # Errors
///
/// The address is in use or not available, or the system has no threads.
pub fn bind<F, I, S, B>(
    application: F,
    connections: &Arc<Connections>,
    address: SocketAddr,
    workers: Option<usize>,
) -> io::Result<Bound>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Response: Into<Response<B>>, Service: 'static> + 'static,
    S::Error: Into<Response<actix_web::body::BoxBody>> + fmt::Debug + 'static,
    S::InitError: fmt::Debug,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let listener = listen(address)?;
    let address = listener.local_addr()?;
    let workers = workers.or_else(|| thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    close_idle(connections);
    let builder = Server::build();
    let stopping = builder.graceful_shutdown_signal();
    // Connections beyond the limit are accepted: each evicts another or is closed.
    let max_accepted = connections.state().max.saturating_mul(2);
    let connections = Arc::clone(connections);
    let service = move || service(application(), Arc::clone(&connections), stopping.clone());
    let server = builder
        .workers(workers)
        .max_concurrent_connections(max_accepted)
        .shutdown_timeout(SHUTDOWN_TIMEOUT_SECONDS)
        .disable_signals()
        .listen("http", listener, service)?;
    Ok(Bound { server: server.run(), address })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, Some(socket2::Protocol::TCP))?;
    // The port can be bound again as soon as its server has ended.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        // `[::]` accepts IPv4 too. The default depends on the system.
        socket.set_only_v6(false)?;
    }
    // Accepted connections inherit it.
    socket.set_tcp_notsent_lowat(MAX_UNSENT_BY_KERNEL)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// The service of a worker: HTTP/1.1 with the application on bounded sockets.
fn service<I, S, B>(
    application: I,
    connections: Arc<Connections>,
    stopping: GracefulShutdownSignal,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = DispatchError, InitError = ()>
where
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Response: Into<Response<B>>, Service: 'static> + 'static,
    S::Error: Into<Response<actix_web::body::BoxBody>> + fmt::Debug + 'static,
    S::InitError: fmt::Debug,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let application = apply_fn_factory(application.into_factory(), track);
    let is_stopping = stopping.clone();
    let http = HttpService::build()
        .graceful_shutdown_signal(move || {
            let stopping = is_stopping.clone();
            async move { stopping.notified().await }
        })
        // The socket has one that the application answers.
        .client_request_timeout(Duration::ZERO)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .keep_alive(KeepAlive::Timeout(KEEP_ALIVE))
        .on_connect_ext(|socket: &Socket, extensions: &mut Extensions| {
            if let Some(connection) = socket.take_guard() {
                extensions.insert(connection);
            }
        })
        .finish(map_config(application, |()| AppConfig::default()));
    fn_service(move |stream| open(stream, Arc::clone(&connections), stopping.clone())).and_then(http)
}

/// Registers a connection, and waits for its first head. Only then actix-http has it, with
/// 8 KiB of buffers and more.
async fn open(
    stream: TcpStream,
    connections: Arc<Connections>,
    stopping: GracefulShutdownSignal,
) -> Result<(Socket, Protocol, Option<SocketAddr>), DispatchError> {
    let closed = || DispatchError::Io(io::ErrorKind::ConnectionAborted.into());
    // The end of a long response is sent without an acknowledgement of its start.
    let _ = stream.set_nodelay(true);
    // A connection that was reset has no client address, and takes no response.
    let client = stream.peer_addr().map_err(DispatchError::Io)?;
    let guard = connections.open(&stream).ok_or_else(closed)?;
    let mut socket = Socket::new(stream, guard);
    let has_begun = select! {
        has_begun = poll_fn(|context| socket.poll_begun(context)) => has_begun?,
        () = stopping.notified() => false,
    };
    if has_begun { Ok((socket, Protocol::Http1, Some(client))) } else { Err(closed()) }
}

/// Closes connections that are idle too long, for as long as `connections` is in
/// use.
fn close_idle(connections: &Arc<Connections>) {
    let connections = Arc::downgrade(connections);
    thread::spawn(move || {
        while let Some(connections) = connections.upgrade() {
            connections.close_idle();
            drop(connections);
            thread::sleep(IDLE_CHECK_INTERVAL);
        }
    });
}

impl Bound {
    /// The address it listens on; for port 0 it has the assigned port.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until SIGTERM or SIGINT and for `drain` after it. Then stops accepting, and
    /// finishes the requests in progress within 30 seconds. A second signal ends the
    /// server at once. Blocks.
    ///
    /// # Errors
    ///
    /// The signals cannot be handled, or a worker failed.
    pub fn run(self, drain: Duration, events: Events) -> io::Result<()> {
        System::new().block_on(async move {
            // A process that reads "listening" may send a signal at once.
            let signals = Signals::listen()?;
            (events.listening)(self.address);
            self.until_signalled(signals, drain, events.stopping).await
        })
    }

    async fn until_signalled(
        self,
        mut signals: Signals,
        drain: Duration,
        on_stopping: Box<dyn FnOnce()>,
    ) -> io::Result<()> {
        let handle = self.server.handle();
        let mut server = pin!(self.server);
        select! {
            ended = &mut server => return ended,
            () = signals.next() => {}
        }
        tracing::info!(?drain, "stopping");
        on_stopping();
        let stopped = async {
            sleep(drain).await;
            handle.stop(true).await;
        };
        select! {
            ended = &mut server => ended?,
            () = stopped => {}
            () = signals.next() => tracing::warn!("second signal: stopping at once"),
        }
        tracing::info!("stopped");
        Ok(())
    }

    /// Serves on a separate thread until it is stopped; for tests.
    pub fn start(self) -> Running {
        let (address, handle, server) = (self.address, self.server.handle(), self.server);
        Running { address, handle, thread: thread::spawn(move || System::new().block_on(server)) }
    }
}

/// A server that runs on a thread of this process.
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    thread: thread::JoinHandle<io::Result<()>>,
}

impl Running {
    /// The address it listens on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting and waits for the requests in progress.
    ///
    /// # Errors
    ///
    /// A worker failed.
    pub fn stop(self) -> io::Result<()> {
        // The thread ends after the command was executed.
        drop(self.handle.stop(true));
        self.thread.join().unwrap_or_else(|_panic| Err(io::Error::other("the server panicked")))
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use socket2::SockRef;

    use super::*;

    #[test]
    fn all_addresses_of_ipv6_are_all_of_ipv4_too() {
        let listener = listen("[::]:0".parse().unwrap()).unwrap();
        assert!(!SockRef::from(&listener).only_v6().unwrap());
        let port = listener.local_addr().unwrap().port();
        for host in ["127.0.0.1", "::1"] {
            std::net::TcpStream::connect((host, port)).unwrap();
        }
    }

    #[test]
    fn the_kernel_buffers_little_of_a_response_for_a_client() {
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        assert_eq!(SockRef::from(&server).tcp_notsent_lowat().unwrap(), MAX_UNSENT_BY_KERNEL);
    }
}
