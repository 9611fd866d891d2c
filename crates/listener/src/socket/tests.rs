use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Wake, Waker},
};

use proptest::prelude::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::connections::{Connections, MAX_READ_AHEAD};

const HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// The head of a request with a body.
fn head(length: usize) -> String {
    format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n")
}

/// The client and the server side of a connection, with its registration.
async fn pair_of(all: &Arc<Connections>) -> (TcpStream, Socket, ConnectionGuard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let stream = listener.accept().await.unwrap().0;
    let guard = all.open(&stream).unwrap();
    let server = Socket::new(stream, guard);
    let guard = server.take_guard().unwrap();
    (client, server, guard)
}

async fn pair() -> (TcpStream, Socket, ConnectionGuard) {
    pair_of(&Arc::new(Connections::new(1, Some))).await
}

/// All input that can be read without waiting.
async fn read_now(server: &mut Socket) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    loop {
        let mut part = [0; READ_CHUNK];
        let mut buffer = ReadBuf::new(&mut part);
        // Once more after a pause.
        let polled = poll_fn(|context| {
            let first = Pin::new(&mut *server).poll_read(context, &mut buffer);
            Poll::Ready(if first.is_pending() { Pin::new(&mut *server).poll_read(context, &mut buffer) } else { first })
        });
        match polled.await {
            Poll::Ready(Ok(())) if !buffer.filled().is_empty() => read.extend_from_slice(buffer.filled()),
            Poll::Ready(Ok(())) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Poll::Ready(Err(error)) => return Err(error),
            Poll::Pending => return Ok(read),
        }
    }
}

#[actix_web::test]
async fn input_arrives_in_its_order() {
    let (mut client, mut server, _opened) = pair().await;
    let body = (0..100_000_u32).map(|number| number.to_le_bytes()[0]);
    let sent: Vec<u8> = head(100_000).into_bytes().into_iter().chain(body).collect();
    client.write_all(&sent).await.unwrap();
    drop(client);
    let mut read = Vec::new();
    server.read_to_end(&mut read).await.unwrap();
    assert_eq!(read, sent);
}

#[actix_web::test]
async fn the_first_head_is_waited_for_and_passed_on_with_what_follows_it() {
    let (mut client, mut server, _opened) = pair().await;
    let (start, end) = HEAD.split_at(7);
    let begun = async |server: &mut Socket| poll_fn(|context| Poll::Ready(server.poll_begun(context))).await;
    assert!(begun(&mut server).await.is_pending());
    client.write_all(start).await.unwrap();
    server.stream.readable().await.unwrap();
    assert!(begun(&mut server).await.is_pending());
    client.write_all(&[end, HEAD, start].concat()).await.unwrap();
    assert!(poll_fn(|context| server.poll_begun(context)).await.unwrap());
    drop(client);
    let mut read = Vec::new();
    server.read_to_end(&mut read).await.unwrap();
    assert_eq!(read, HEAD.repeat(2));
}

#[actix_web::test]
async fn a_connection_that_ends_before_its_first_head_has_not_begun() {
    let (mut client, mut server, _opened) = pair().await;
    client.write_all(b"GET / HT").await.unwrap();
    drop(client);
    assert!(!poll_fn(|context| server.poll_begun(context)).await.unwrap());
}

#[actix_web::test]
async fn each_full_part_is_followed_by_a_pause() {
    let (mut client, mut server, _opened) = pair().await;
    client.write_all(head(3 * READ_CHUNK).as_bytes()).await.unwrap();
    client.write_all(&[7; 3 * READ_CHUNK]).await.unwrap();
    let mut buffer = [0; 10 * READ_CHUNK];
    server.stream.readable().await.unwrap();
    assert_eq!(server.read(&mut buffer).await.unwrap(), READ_CHUNK);
    let again = poll_fn(|context| {
        Poll::Ready(Pin::new(&mut server).poll_read(context, &mut ReadBuf::new(&mut buffer)).is_pending())
    });
    assert!(again.await);
    assert_eq!(server.read(&mut buffer).await.unwrap(), READ_CHUNK);
}

#[actix_web::test]
async fn while_a_request_is_served_few_pipelined_requests_are_read() {
    let (mut client, mut server, opened) = pair().await;
    client.write_all(&HEAD.repeat(100)).await.unwrap();
    server.stream.readable().await.unwrap();
    let mut first = [0; 10 * READ_CHUNK];
    assert_eq!(server.read(&mut first).await.unwrap(), MAX_PIPELINED_REQUESTS * HEAD.len());
    let request = opened.handle().request();
    assert_eq!(read_now(&mut server).await.unwrap(), b"");
    drop(request);
    assert_eq!(read_now(&mut server).await.unwrap(), HEAD.repeat(100 - MAX_PIPELINED_REQUESTS));
}

#[actix_web::test]
async fn pipelined_requests_of_one_address_have_a_quarter_of_the_room_for_them() {
    const CONNECTIONS: usize = 80;
    const AHEAD: usize = MAX_PIPELINED_REQUESTS - 1;
    let all = Arc::new(Connections::new(CONNECTIONS, Some));
    let open = async || {
        let (mut client, mut server, opened) = pair_of(&all).await;
        client.write_all(HEAD).await.unwrap();
        server.read_exact(&mut HEAD.to_vec()).await.unwrap();
        let request = opened.handle().request();
        client.write_all(&HEAD.repeat(AHEAD)).await.unwrap();
        server.stream.readable().await.unwrap();
        let read = read_now(&mut server).await.unwrap().len();
        (read, client, server, opened, Some(request))
    };
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS {
        held.push(open().await);
    }
    // A head without its empty line is none yet.
    let heads = held.iter().map(|(read, ..)| read / HEAD.len()).sum::<usize>();
    assert_eq!(heads, MAX_READ_AHEAD / 4);
    let (read, _, server, _, request) = held.last_mut().unwrap();
    drop(request.take());
    assert_eq!(*read + read_now(server).await.unwrap().len(), HEAD.len() * AHEAD);
    drop(held);
    assert_eq!(open().await.0, HEAD.len() * AHEAD);
}

#[actix_web::test]
async fn the_end_of_a_head_waits_for_room_too() {
    let (mut client, mut server, opened) = pair().await;
    // Its empty line is read behind a whole part.
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(READ_CHUNK - 30));
    client.write_all(HEAD).await.unwrap();
    server.read_exact(&mut HEAD.to_vec()).await.unwrap();
    let request = opened.handle().request();
    let mut other = opened.handle().read_state();
    assert!(other.hold_read_ahead(MAX_READ_AHEAD / 4));
    client.write_all(long.as_bytes()).await.unwrap();
    server.stream.readable().await.unwrap();
    assert_eq!(read_now(&mut server).await.unwrap(), &long.as_bytes()[..READ_CHUNK]);
    assert_eq!(read_now(&mut server).await.unwrap(), b"");
    drop(request);
    assert_eq!(read_now(&mut server).await.unwrap(), b"\r\n");
}

#[actix_web::test]
async fn while_responses_wait_to_be_read_few_pipelined_requests_are_read() {
    let (mut client, mut server, _opened) = pair().await;
    client.write_all(&HEAD.repeat(100)).await.unwrap();
    server.stream.readable().await.unwrap();
    let response = vec![b'x'; 64 * 1_024];
    let mut is_taken = true;
    while is_taken {
        is_taken =
            poll_fn(|context| Poll::Ready(Pin::new(&mut server).poll_write(context, &response).is_ready())).await;
    }
    assert_eq!(read_now(&mut server).await.unwrap(), HEAD.repeat(MAX_PIPELINED_REQUESTS));
}

#[actix_web::test]
async fn a_body_that_its_handler_does_not_read_is_read_up_to_the_limit() {
    let (mut client, mut server, opened) = pair().await;
    let head = head(10 * MAX_PIPELINED_BYTES);
    client.write_all(head.as_bytes()).await.unwrap();
    server.read_exact(&mut head.clone().into_bytes()).await.unwrap();
    let _request = opened.handle().request();
    client.write_all(&vec![b'x'; 2 * MAX_PIPELINED_BYTES]).await.unwrap();
    server.stream.readable().await.unwrap();
    assert_eq!(read_now(&mut server).await.unwrap().len(), MAX_PIPELINED_BYTES);
    let reading = opened.handle().reading_body();
    assert_eq!(read_now(&mut server).await.unwrap().len(), MAX_PIPELINED_BYTES);
    drop(reading);
}

#[actix_web::test]
async fn incomplete_heads_of_one_address_hold_a_quarter_of_the_memory_for_them() {
    const CONNECTIONS: usize = 160;
    const HELD: usize = 32 * 1_024;
    let all = Arc::new(Connections::new(CONNECTIONS, Some));
    let start = [b"GET / HTTP/1.1\r\nX: ", &*vec![b'x'; HELD - 19]].concat();
    let open = async || {
        let (mut client, mut server, opened) = pair_of(&all).await;
        client.write_all(&start).await.unwrap();
        server.stream.readable().await.unwrap();
        (read_now(&mut server).await, client, server, opened)
    };
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS {
        held.push(open().await);
    }
    let read = held.iter().filter(|(read, ..)| read.is_ok()).count();
    // A quarter of 16 MiB, beyond the first KiB of each.
    assert_eq!(read, 4 * 1_024 / 31);
    assert_eq!(all.state().closed_evicted, u64::try_from(CONNECTIONS - read).unwrap());
    drop(held);
    assert_eq!(open().await.0.unwrap(), b"");
}

#[actix_web::test]
async fn a_closed_connection_is_detected_while_a_request_is_served() {
    let (mut client, mut server, opened) = pair().await;
    client.write_all(&HEAD.repeat(MAX_PIPELINED_REQUESTS)).await.unwrap();
    server.read_exact(&mut HEAD.repeat(MAX_PIPELINED_REQUESTS)).await.unwrap();
    let _request = opened.handle().request();
    assert_eq!(read_now(&mut server).await.unwrap(), b"");
    drop(client);
    assert_eq!(server.read(&mut [0]).await.unwrap(), 0);
}

#[actix_web::test]
async fn pipelined_requests_are_read_after_a_response() {
    let (mut client, mut server, opened) = pair().await;
    client.write_all(&HEAD.repeat(100)).await.unwrap();
    server.stream.readable().await.unwrap();
    assert_eq!(server.read(&mut [0; 10 * READ_CHUNK]).await.unwrap(), MAX_PIPELINED_REQUESTS * HEAD.len());
    let request = opened.handle().request();
    let (wakes, waker) = counting();
    let mut context = Context::from_waker(&waker);
    for expected in [1, 1, 2] {
        // The first is the pause.
        assert!(Pin::new(&mut server).poll_read(&mut context, &mut ReadBuf::new(&mut [0; READ_CHUNK])).is_pending());
        if expected == 2 {
            assert!(Pin::new(&mut server).poll_write(&mut context, b"HTTP/1.1 200 OK").is_ready());
        }
        assert_eq!(wakes.load(Ordering::Relaxed), expected);
    }
    drop(request);
}

/// A waker that counts its calls.
fn counting() -> (Arc<AtomicUsize>, Waker) {
    struct Count(Arc<AtomicUsize>);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let wakes = Arc::<AtomicUsize>::default();
    (Arc::clone(&wakes), Arc::new(Count(wakes)).into())
}

proptest! {
    #[test]
    fn the_count_of_heads_does_not_depend_on_how_the_input_is_split(
        sent in "[a\r\n]{0,60}",
        parts in 1..20_usize,
    ) {
        let mut whole = PipelineLimit::default();
        let taken = whole.take(sent.as_bytes(), |_| true);
        let mut cut = PipelineLimit::default();
        let parts = sent.as_bytes().chunks(parts);
        prop_assert_eq!(parts.map(|part| cut.take(part, |_| true)).sum::<usize>(), taken);
        prop_assert_eq!((whole.heads, whole.bytes), (cut.heads, cut.bytes));
    }
}
