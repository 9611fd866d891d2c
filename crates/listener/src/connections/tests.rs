use std::{
    io::Read,
    net::{SocketAddr, TcpListener},
};

use socket2::{Domain, Socket, Type};

use super::{open::EVICTION_SAMPLE, *};

/// Connections of peers without a share: trusted proxies.
fn of_proxies(max: usize) -> Arc<Connections> {
    Arc::new(Connections::new(max, |_| None))
}

/// Connections of peers that are clients.
fn of_clients(max: usize) -> Arc<Connections> {
    Arc::new(Connections::new(max, Some))
}

/// The client and the server side of a connection.
fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

/// The same, of a client at 127.0.0.`host`.
fn pair_of(host: u8) -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    client.bind(&SocketAddr::from(([127, 0, 0, host], 0)).into()).unwrap();
    client.connect(&listener.local_addr().unwrap().into()).unwrap();
    (client.into(), listener.accept().unwrap().0)
}

/// Opens a connection of each of these clients.
fn open(connections: &Arc<Connections>, hosts: &[u8]) -> (Vec<TcpStream>, Vec<Option<ConnectionGuard>>) {
    hosts.iter().map(|host| pair_of(*host)).map(|(client, server)| (client, connections.open(&server))).unzip()
}

/// Marks connections as busy.
fn busy(opened: &[Option<ConnectionGuard>]) -> Vec<RequestGuard> {
    opened.iter().flatten().map(|connection| connection.handle().request()).collect()
}

fn is_closed(client: &mut TcpStream) -> bool {
    client.set_nonblocking(true).unwrap();
    client.read(&mut [0]).is_ok_and(|read| read == 0)
}

/// The positions of the closed connections.
fn closed(clients: &mut [TcpStream]) -> Vec<usize> {
    clients.iter_mut().enumerate().filter_map(|(at, client)| is_closed(client).then_some(at)).collect()
}

fn counts(connections: &Connections) -> (usize, u64, u64, u64) {
    let state = connections.state();
    (state.open, state.closed_idle, state.closed_evicted, state.rejected)
}

#[test]
fn a_connection_counts_until_it_is_closed() {
    let connections = of_proxies(2);
    let (_client, server) = pair();
    let opened = connections.open(&server).unwrap();
    assert_eq!(counts(&connections), (1, 0, 0, 0));
    drop(opened);
    assert_eq!(counts(&connections), (0, 0, 0, 0));
}

#[test]
fn a_new_connection_evicts_an_idle_one() {
    let connections = of_proxies(2);
    let [(mut busy, first), (mut quiet, second), (mut newcomer, third)] = [pair(), pair(), pair()];
    let opened = [connections.open(&first).unwrap(), connections.open(&second).unwrap()];
    let _request = opened[0].handle().request();
    let _third = connections.open(&third).unwrap();
    assert_eq!([&mut busy, &mut quiet, &mut newcomer].map(is_closed), [false, true, false]);
    assert_eq!(counts(&connections), (2, 0, 1, 0));
}

#[test]
fn a_connection_without_a_response_is_evicted_before_one_with_a_response() {
    let connections = of_proxies(2);
    let [(mut known, first), (mut unknown, second), (_newcomer, third)] = [pair(), pair(), pair()];
    let opened = [connections.open(&first).unwrap(), connections.open(&second).unwrap()];
    drop(opened[0].handle().request());
    opened[0].handle.connection.idle_since.store(0, Ordering::Relaxed);
    let _third = connections.open(&third).unwrap();
    assert_eq!([&mut known, &mut unknown].map(is_closed), [false, true]);
}

#[test]
fn a_connection_whose_body_is_being_read_can_be_evicted() {
    let connections = of_proxies(1);
    let [(mut slow, first), (_newcomer, second)] = [pair(), pair()];
    let opened = connections.open(&first).unwrap();
    let _request = opened.handle().request();
    drop(opened.handle().reading_body());
    assert!(connections.open(&second).is_none());
    let _reading = opened.handle().reading_body();
    assert!(connections.open(&second).is_some());
    assert!(is_closed(&mut slow));
}

#[test]
fn a_new_connection_is_rejected_while_all_others_are_busy() {
    let connections = of_proxies(1);
    let [(mut busy, first), (mut newcomer, second)] = [pair(), pair()];
    let opened = connections.open(&first).unwrap();
    let request = opened.handle().request();
    assert!(connections.open(&second).is_none());
    assert_eq!([&mut busy, &mut newcomer].map(is_closed), [false, true]);
    assert_eq!(counts(&connections), (1, 0, 0, 1));
    drop(request);
    assert!(connections.open(&pair().1).is_some());
}

#[test]
fn successive_evictions_compare_all_connections() {
    let connections = of_proxies(3 * EVICTION_SAMPLE);
    let pairs: Vec<_> = (0..3 * EVICTION_SAMPLE).map(|_| pair()).collect();
    let opened: Vec<_> = pairs.iter().map(|(_, server)| connections.open(server).unwrap()).collect();
    let busy: Vec<_> = opened[1..].iter().map(|one: &ConnectionGuard| one.handle().request()).collect();
    let newcomers: Vec<_> = (0..3).map(|_| pair()).collect();
    let come: Vec<_> = newcomers.iter().map(|(_, server)| connections.open(server)).collect();
    assert_eq!(come.iter().filter(|newcomer| newcomer.is_some()).count(), 1);
    assert_eq!(connections.state().closed_evicted, 1);
    drop(busy);
}

#[test]
fn connections_that_are_idle_too_long_are_closed() {
    let connections = Arc::new(Connections {
        started: Instant::now().checked_sub(Duration::from_mins(1)).unwrap(),
        ..Connections::new(9, |_| None)
    });
    let [(mut busy, first), (mut quiet, second), (mut new, third)] = [pair(), pair(), pair()];
    let opened = [&first, &second, &third].map(|server| connections.open(server).unwrap());
    let _request = opened[0].handle().request();
    opened[1].handle.connection.idle_since.store(0, Ordering::Relaxed);
    connections.close_idle();
    assert_eq!([&mut busy, &mut quiet, &mut new].map(is_closed), [false, true, false]);
    assert_eq!(counts(&connections), (2, 1, 0, 0));
}

#[test]
fn at_the_limit_the_address_with_more_than_a_quarter_pays_also_with_busy_connections() {
    let connections = of_clients(8);
    let (mut clients, opened) = open(&connections, &[3, 2, 2, 2, 2, 2, 3, 4]);
    let requests = busy(&opened[..]);
    // One of the attacker's is idle.
    opened[2].as_ref().unwrap().handle.connection.idle_since.store(0, Ordering::Relaxed);
    let (_idle_pays, first) = open(&connections, &[5]);
    assert_eq!(closed(&mut clients), [2]);
    let newest = busy(&first);
    let (_newest_pays, second) = open(&connections, &[6]);
    assert_eq!(closed(&mut clients), [2, 5]);
    assert_eq!(counts(&connections), (8, 0, 2, 0));
    drop((requests, newest, second));
}

#[test]
fn a_new_connection_of_an_address_with_its_quarter_evicts_an_idle_one_of_its_own_or_is_rejected() {
    let connections = of_clients(8);
    let (mut clients, opened) = open(&connections, &[2, 2, 3, 3, 4, 4, 5, 5]);
    let requests = busy(&opened[1..2]);
    let (_evicts, newest) = open(&connections, &[2]);
    assert_eq!(closed(&mut clients), [0]);
    let more = busy(&newest);
    let (mut rejected, none) = open(&connections, &[2]);
    assert!(none[0].is_none() && is_closed(&mut rejected[0]));
    assert_eq!((closed(&mut clients), counts(&connections)), (vec![0], (8, 0, 1, 1)));
    drop((requests, more));
}

#[test]
fn without_an_address_with_more_than_a_quarter_idle_connections_of_all_are_evicted() {
    let connections = of_clients(8);
    let (mut clients, opened) = open(&connections, &[2, 2, 3, 3, 4, 4, 5, 5]);
    let requests = busy(&opened[..7]);
    let (_evicts, newest) = open(&connections, &[6]);
    assert_eq!(closed(&mut clients), [7]);
    let more = busy(&newest);
    let (mut rejected, _none) = open(&connections, &[7]);
    assert!(is_closed(&mut rejected[0]));
    drop((requests, more));
}

#[test]
fn beyond_half_of_the_limit_a_connection_of_an_address_with_an_eighth_or_of_a_proxy_is_one_of_many() {
    let proxy = IpAddr::from([127, 0, 0, 9]);
    let connections = Arc::new(Connections::new(8, move |peer| (peer != proxy).then_some(peer)));
    let (_clients, mut opened) = open(&connections, &[2, 2, 3, 9, 4]);
    let are_many = |opened: &[Option<ConnectionGuard>]| -> Vec<_> {
        opened.iter().flatten().map(|connection| connection.handle().is_one_of_many()).collect()
    };
    assert_eq!(are_many(&opened), [true, true, false, true, false]);
    opened.truncate(4);
    assert_eq!(are_many(&opened), [false; 4]);
}

#[test]
fn a_connection_that_waits_for_a_body_that_nobody_reads_is_closed_early_and_evicted_first() {
    let connections = of_clients(3);
    let (mut clients, opened) = open(&connections, &[2, 3, 4]);
    for connection in opened.iter().flatten() {
        drop(connection.handle().request());
    }
    opened[1].as_ref().unwrap().handle().leave_body();
    let late = |now| connections.lock().remove_idle(now, 30_000, 5_000).len();
    assert_eq!(late(5_000), 0);
    let (_client, _newcomer) = open(&connections, &[5]);
    assert_eq!(closed(&mut clients), [1]);
    opened[0].as_ref().unwrap().handle().leave_body();
    assert_eq!((late(6_000), late(6_000)), (1, 0));
    opened[2].as_ref().unwrap().handle().leave_body();
    drop(opened[2].as_ref().unwrap().handle().request());
    assert_eq!((late(6_000), late(40_000)), (0, 2));
}

#[test]
fn nothing_is_kept_of_an_address_without_connections() {
    let connections = of_clients(8);
    let (_clients, opened) = open(&connections, &[2, 2, 3]);
    drop(opened);
    let open = connections.lock();
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn while_too_many_bytes_wait_connections_of_the_address_with_most_are_closed() {
    const PART: usize = MAX_UNSENT / 4;
    let connections = of_clients(9);
    let (mut clients, opened) = open(&connections, &[2, 2, 2, 3, 4]);
    for connection in opened.iter().flatten() {
        connection.handle.connection.stuck_since.store(0, Ordering::Relaxed);
    }
    let respond = |at: usize, bytes: usize| opened[at].as_ref().unwrap().handle().chunked(vec![0; bytes]);
    let bodies = [respond(0, PART - 1), respond(1, PART), respond(2, 1), respond(3, PART + 1)];
    assert_eq!(closed(&mut clients).len(), 0);
    let last = respond(4, PART);
    assert_eq!(closed(&mut clients), [1]);
    // What the closed one holds until its thread frees it costs no other.
    let little = respond(3, 1);
    assert_eq!((closed(&mut clients), counts(&connections)), (vec![1], (4, 0, 1, 0)));
    drop((bodies, last, little));
    assert_eq!(connections.unsent.load(Ordering::Relaxed), 0);
}

#[test]
fn of_responses_through_proxies_the_one_that_has_waited_long_gives_way() {
    let connections = Arc::new(Connections {
        started: Instant::now().checked_sub(Duration::from_secs(9)).unwrap(),
        ..Connections::new(9, |_| None)
    });
    let (mut clients, opened) = open(&connections, &[2, 2]);
    for (connection, since) in opened.iter().flatten().zip([0, connections.now()]) {
        connection.handle.connection.stuck_since.store(since, Ordering::Relaxed);
    }
    let respond = |at: usize, bytes: usize| opened[at].as_ref().unwrap().handle().chunked(vec![0; bytes]);
    let bodies = [respond(0, MAX_UNSENT / 4), respond(1, MAX_UNSENT)];
    assert_eq!(closed(&mut clients), [0]);
    drop(bodies);
}

#[test]
fn a_response_that_the_client_still_takes_gives_way_to_none() {
    let connections = of_clients(2);
    let (mut clients, opened) = open(&connections, &[2]);
    let body = opened[0].as_ref().unwrap().handle().chunked(vec![0; 2 * MAX_UNSENT]);
    assert_eq!(closed(&mut clients).len(), 0);
    drop(body);
}

#[test]
fn bytes_that_the_kernel_does_not_take_count_as_long_as_the_socket_is_open() {
    let connections = of_clients(1);
    let (_clients, opened) = open(&connections, &[2]);
    let mut state = opened[0].as_ref().unwrap().handle().read_state();
    state.hold_unwritten(48 * 1_024);
    state.hold_unwritten(16 * 1_024);
    assert_eq!(connections.unsent.load(Ordering::Relaxed), 16 * 1_024);
    drop(state);
    assert_eq!(connections.unsent.load(Ordering::Relaxed), 0);
}
