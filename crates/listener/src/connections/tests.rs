use std::{io::Read, net::TcpListener};

use super::*;

/// The client and the server side of a connection.
fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

fn is_closed(client: &mut TcpStream) -> bool {
    client.set_nonblocking(true).unwrap();
    client.read(&mut [0]).is_ok_and(|read| read == 0)
}

fn counts(connections: &Connections) -> (usize, u64, u64, u64) {
    let state = connections.state();
    (state.open, state.closed_idle, state.closed_evicted, state.rejected)
}

#[test]
fn a_connection_counts_until_it_is_closed() {
    let connections = Arc::new(Connections::new(2));
    let (_client, server) = pair();
    let opened = connections.open(&server).unwrap();
    assert_eq!(counts(&connections), (1, 0, 0, 0));
    drop(opened);
    assert_eq!(counts(&connections), (0, 0, 0, 0));
}

#[test]
fn a_new_connection_evicts_an_idle_one() {
    let connections = Arc::new(Connections::new(2));
    let [(mut busy, first), (mut quiet, second), (mut newcomer, third)] = [pair(), pair(), pair()];
    let opened = [connections.open(&first).unwrap(), connections.open(&second).unwrap()];
    let _request = opened[0].handle().request();
    let _third = connections.open(&third).unwrap();
    assert_eq!([&mut busy, &mut quiet, &mut newcomer].map(is_closed), [false, true, false]);
    assert_eq!(counts(&connections), (2, 0, 1, 0));
}

#[test]
fn a_connection_without_a_response_is_evicted_before_one_with_a_response() {
    let connections = Arc::new(Connections::new(2));
    let [(mut known, first), (mut unknown, second), (_newcomer, third)] = [pair(), pair(), pair()];
    let opened = [connections.open(&first).unwrap(), connections.open(&second).unwrap()];
    drop(opened[0].handle().request());
    opened[0].handle.connection.idle_since.store(0, Ordering::Relaxed);
    let _third = connections.open(&third).unwrap();
    assert_eq!([&mut known, &mut unknown].map(is_closed), [false, true]);
}

#[test]
fn a_connection_whose_body_is_being_read_can_be_evicted() {
    let connections = Arc::new(Connections::new(1));
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
    let connections = Arc::new(Connections::new(1));
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
    let connections = Arc::new(Connections::new(3 * EVICTION_SAMPLE));
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
        ..Connections::new(9)
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
fn the_idle_limit_is_lower_while_too_many_bytes_are_buffered() {
    let connections = Arc::new(Connections {
        started: Instant::now().checked_sub(Duration::from_secs(9)).unwrap(),
        ..Connections::new(9)
    });
    let (mut quiet, server) = pair();
    let opened = connections.open(&server).unwrap();
    opened.handle.connection.idle_since.store(0, Ordering::Relaxed);
    connections.close_idle();
    assert!(!is_closed(&mut quiet));
    let _unsent = opened.handle().unsent().chunked(vec![0; MAX_UNSENT + 1]);
    connections.close_idle();
    assert!(is_closed(&mut quiet));
}
