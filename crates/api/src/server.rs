//! Starting and stopping the server.

use std::{
    future, io,
    net::{SocketAddr, TcpListener},
    pin::pin,
    sync::Arc,
    thread,
    time::Duration,
};

use actix_http::{HttpService, KeepAlive, Protocol, error::DispatchError};
use actix_server::{GracefulShutdownSignal, Server, ServerHandle};
use actix_service::{ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    App,
    dev::{AppConfig, Extensions},
    middleware::from_fn,
    rt::System,
    web::{Data, ServiceConfig},
};
use repower_ports::operation::NotReady;
use socket2::{Domain, Type};
use tokio::{
    net::TcpStream,
    select,
    signal::unix::{Signal, SignalKind, signal},
    time::sleep,
};

use crate::{
    http::{Connections, Cors, Gate, Health, Metrics, Route, TidyPaths, mount, observe, operation_routes},
    settings::Environment,
    socket::Socket,
};

/// How long requests under way may take once the server stops, in seconds.
const GRACE_SECONDS: u64 = 30;

/// How many connections may wait to be accepted; the operating system may allow
/// fewer.
const BACKLOG: i32 = 4_096;

/// How much of its answers the kernel takes for a client before it sends it, in
/// bytes: of 2,000 who fetch nothing, it would hold gigabytes else.
const MOST_UNSENT_BY_KERNEL: u32 = 128 * 1024;

/// How long a client may take to send the head of its first request.
const HEAD_WITHIN: Duration = Duration::from_secs(5);

/// How long a connection stays open for the next request.
const IDLE_FOR: Duration = Duration::from_secs(5);

/// How long a connection that is being closed may take to say goodbye.
const LEAVE_WITHIN: Duration = Duration::from_secs(1);

/// How often connections are looked through for those that pause too long.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Everything that is served.
#[derive(Clone)]
pub struct Api {
    /// Who may come in, and where their work is done.
    pub gate: Data<Gate>,
    /// Whether the work can be done.
    pub health: Data<Health>,
    /// What is counted.
    pub metrics: Data<Metrics>,
    /// Who is connected.
    pub connections: Arc<Connections>,
    /// Which pages may call it from a browser.
    pub cors: Cors,
    /// The routes of all features; [`operation_routes`] come on top.
    pub routes: Vec<&'static Route>,
    /// Hands the services to the handlers: `|config| config.app_data(…)`.
    pub services: Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>,
}

impl Api {
    /// Serves everything within an actix application. For tests without a
    /// socket too.
    pub fn configure(&self, config: &mut ServiceConfig) {
        config.app_data(self.gate.clone()).app_data(self.health.clone()).app_data(self.metrics.clone());
        (self.services)(config);
        mount(self.routes.iter().copied().chain(operation_routes()), config);
    }
}

/// A server that listens already; connections wait until it runs.
pub struct Bound {
    server: Server,
    address: SocketAddr,
    health: Data<Health>,
    routes: usize,
}

/// Listens at `address` at once, whatever state the database is in. `workers`
/// is the number of threads that serve; that of the cores where it is `None`.
pub fn bind(api: Api, address: SocketAddr, workers: Option<usize>) -> io::Result<Bound> {
    let listener = listen(address)?;
    let address = listener.local_addr()?;
    let health = api.health.clone();
    let routes = api.routes.len() + operation_routes().count();
    let workers = workers.or_else(|| thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    let most = api.connections.state().most;
    look_after(&api.connections);
    let builder = Server::build();
    let stopping = builder.graceful_shutdown_signal();
    let serve = move || serve(&api, &stopping);
    let server = builder
        .workers(workers)
        // All together have fewer places, in which the one that comes last is not left waiting.
        .max_concurrent_connections(most.saturating_mul(2))
        .shutdown_timeout(GRACE_SECONDS)
        .disable_signals()
        .listen("api", listener, serve)?;
    Ok(Bound { server: server.run(), address, health, routes })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, Some(socket2::Protocol::TCP))?;
    // A port is free again as soon as its server has ended.
    socket.set_reuse_address(true)?;
    // Connections have it from here.
    socket.set_tcp_notsent_lowat(MOST_UNSENT_BY_KERNEL)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// What each worker does with connections: HTTP/1.1, on sockets of our own.
fn serve(
    api: &Api,
    stopping: &GracefulShutdownSignal,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = DispatchError, InitError = ()> + use<> {
    let (api, stopping, connections) = (api.clone(), stopping.clone(), Arc::clone(&api.connections));
    let application = App::new()
        .app_data(Data::new(api.cors.clone()))
        .configure(|config| api.configure(config))
        .wrap(TidyPaths)
        .wrap(from_fn(Cors::apply))
        .wrap(from_fn(observe));
    let http = HttpService::build()
        .graceful_shutdown_signal(move || {
            let stopping = stopping.clone();
            async move { stopping.notified().await }
        })
        .client_request_timeout(HEAD_WITHIN)
        .client_disconnect_timeout(LEAVE_WITHIN)
        .keep_alive(KeepAlive::Timeout(IDLE_FOR))
        .on_connect_ext(move |socket: &Socket, extensions: &mut Extensions| {
            if let Some(opened) = connections.open(socket) {
                socket.follow(opened.progress());
                extensions.insert(opened);
            }
        })
        .finish(map_config(application, |()| AppConfig::default()));
    fn_service(|stream: TcpStream| {
        let client = stream.peer_addr().ok();
        // The end of a long answer does not wait until its beginning was acknowledged.
        let _ = stream.set_nodelay(true);
        future::ready(Ok((Socket::new(stream), Protocol::Http1, client)))
    })
    .and_then(http)
}

/// Cuts those that pause too long, for as long as the connections are anybody's.
fn look_after(connections: &Arc<Connections>) {
    let connections = Arc::downgrade(connections);
    thread::spawn(move || {
        while let Some(connections) = connections.upgrade() {
            connections.cut_pausing();
            drop(connections);
            thread::sleep(BETWEEN_LOOKS);
        }
    });
}

impl Bound {
    /// Where it listens; tells the port where 0 was asked for.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until SIGTERM or SIGINT, then goes on for `drain` without being
    /// ready, stops accepting, and finishes what is under way, in 30 seconds at
    /// most. A second signal ends it at once. Blocks.
    pub fn run(self, environment: Environment, drain: Duration) -> io::Result<()> {
        System::new().block_on(async move {
            // Whoever reads that it listens may send a signal at once.
            let signals = Signals::listen()?;
            tracing::info!(%environment, address = %self.address, routes = self.routes, "listening");
            let health = self.health.clone();
            thread::spawn(move || log_readiness(&health));
            self.until_signalled(signals, drain).await
        })
    }

    async fn until_signalled(self, mut signals: Signals, drain: Duration) -> io::Result<()> {
        let handle = self.server.handle();
        let mut server = pin!(self.server);
        select! {
            ended = &mut server => return ended,
            () = signals.next() => {}
        }
        tracing::info!(?drain, "stopping");
        self.health.stop();
        let stopped = async {
            sleep(drain).await;
            handle.stop(true).await;
        };
        select! {
            ended = &mut server => ended?,
            () = stopped => {}
            () = signals.next() => tracing::warn!("told twice: stopping at once"),
        }
        tracing::info!("stopped");
        Ok(())
    }

    /// Serves on a thread of its own until it is told to stop; for tests.
    pub fn start(self) -> Running {
        let (address, handle, server) = (self.address, self.server.handle(), self.server);
        Running { address, handle, thread: thread::spawn(move || System::new().block_on(server)) }
    }
}

/// A server that runs in this process.
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    thread: thread::JoinHandle<io::Result<()>>,
}

impl Running {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting and waits for what is under way.
    pub fn stop(self) -> io::Result<()> {
        // The command is sent by the call; its end shows in the thread.
        drop(self.handle.stop(true));
        self.thread.join().unwrap_or_else(|_panic| Err(io::Error::other("the server panicked")))
    }
}

fn log_readiness(health: &Health) {
    match health.check() {
        Ok(()) => tracing::info!("database connected"),
        Err(NotReady::Unavailable(cause)) => tracing::warn!(%cause, "database not connected"),
        Err(cause @ NotReady::MigrationsPending(_)) => tracing::warn!(%cause, "database connected, not migrated yet"),
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
    fn the_kernel_takes_little_of_an_answer_ahead_of_a_client() {
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        assert_eq!(SockRef::from(&server).tcp_notsent_lowat().unwrap(), MOST_UNSENT_BY_KERNEL);
    }
}
