use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::body::BodySize;

use super::*;

const LONG: Duration = Duration::from_mins(1);

fn client(last: u8) -> IpAddr {
    [192, 0, 2, last].into()
}

fn account(number: u128) -> Sender {
    Sender::Account(uuid::Uuid::from_u128(number).into())
}

#[actix_web::test]
async fn the_memory_of_a_body_is_reserved_until_it_is_dropped() {
    let budget = BodyBudget::new(4 * 10, 0, LONG);
    let collect = |body: &'static str| budget.collect(client(1), account(1), body);
    let first = collect("12345678").await.unwrap();
    assert_eq!(first.get(), b"12345678");
    assert_eq!(collect("123").await.unwrap_err().code(), Code::OVERLOADED);
    assert_eq!(collect("12").await.unwrap().get(), b"12");
    drop(first);
    assert_eq!(collect("1234567890").await.unwrap().get().len(), 10);
    assert!(budget.small.held().by_holder.is_empty() && budget.small.held().total == 0);
}

/// How many bodies of this size each of these clients can hold, one after the other.
async fn held(budget: &BodyBudget, size: usize, clients: &[(u8, Sender)]) -> Vec<usize> {
    let (mut held, mut counts) = (Vec::new(), Vec::new());
    for (last, sender) in clients {
        let before = held.len();
        while let Ok(bytes) = budget.collect(client(*last), *sender, vec![b'x'; size]).await {
            held.push(bytes);
        }
        counts.push(held.len() - before);
    }
    counts
}

#[actix_web::test]
async fn an_address_and_an_account_have_a_quarter_and_leave_some_to_the_next() {
    let budget = BodyBudget::new(4_000, 0, LONG);
    let addresses = [1, 2, 3, 4, 5].map(|number| (number, account(number.into())));
    assert_eq!(held(&budget, 1, &addresses).await, [1_000, 750, 563, 422, 316]);
    assert_eq!(held(&budget, 1, &[1, 2, 3].map(|number| (number, account(1)))).await, [1_000, 0, 0]);
    assert_eq!(held(&budget, 1, &[1, 2, 3].map(|number| (1, account(number)))).await, [1_000, 0, 0]);
}

#[actix_web::test]
async fn the_large_bodies_of_public_routes_have_a_quarter_together() {
    let budget = BodyBudget::new(100 * SMALL, 4 * 10, LONG);
    let addresses = [1, 2, 3].map(|number| (number, Sender::Public));
    assert_eq!(held(&budget, SMALL + 1, &addresses).await, [10, 0, 0]);
    assert_eq!(held(&budget, SMALL, &addresses).await, [25, 18, 14]);
}

#[actix_web::test]
async fn a_body_that_is_too_large_reserves_no_memory() {
    let budget = BodyBudget::new(4 * SMALL, 4 * (MAX_BODY_BYTES - SMALL), LONG);
    let rejected = budget.collect(client(1), account(1), vec![b'x'; MAX_BODY_BYTES + 1]).await.unwrap_err();
    assert_eq!(rejected.code(), Code::PAYLOAD_TOO_LARGE);
    assert_eq!(
        budget.collect(client(1), account(1), vec![b'x'; MAX_BODY_BYTES]).await.unwrap().get().len(),
        MAX_BODY_BYTES
    );
}

#[actix_web::test]
async fn a_body_that_is_not_small_reserves_no_memory_without_credentials() {
    let budget = BodyBudget::new(4 * SMALL, 0, LONG);
    let collect = |bytes: usize| budget.collect(client(1), Sender::Unknown, vec![b'x'; bytes]);
    assert_eq!(collect(SMALL).await.unwrap().get().len(), SMALL);
    for bytes in [SMALL + 1, MAX_BODY_BYTES] {
        assert_eq!(collect(bytes).await.unwrap_err().code(), Code::UNAUTHENTICATED);
    }
    assert_eq!(collect(MAX_BODY_BYTES + 1).await.unwrap_err().code(), Code::PAYLOAD_TOO_LARGE);
}

#[actix_web::test]
async fn large_bodies_leave_memory_for_small_ones() {
    let budget = BodyBudget::new(4 * 3 * SMALL, 4 * 100, LONG);
    let large = || vec![b'x'; SMALL + 60];
    let first = budget.collect(client(1), account(1), large()).await.unwrap();
    assert_eq!(budget.collect(client(1), account(1), large()).await.unwrap_err().code(), Code::OVERLOADED);
    assert_eq!(budget.collect(client(1), account(1), vec![b'x'; SMALL]).await.unwrap().get().len(), SMALL);
    drop(first);
    assert_eq!(budget.collect(client(1), account(1), large()).await.unwrap().get().len(), SMALL + 60);
}

#[actix_web::test]
async fn a_body_that_does_not_arrive_times_out() {
    let budget = BodyBudget::new(4 * 10, 0, Duration::ZERO);
    assert_eq!(budget.collect(client(1), account(1), Begun(None)).await.unwrap_err().code(), Code::MALFORMED_JSON);
}

#[actix_web::test]
async fn a_body_that_begins_has_the_time_of_what_it_has_sent() {
    let budget = BodyBudget::new(4 * SMALL, 0, Duration::ZERO);
    let (body, started) = (Begun(Some(Bytes::from(vec![b'x'; 1_024]))), Instant::now());
    assert_eq!(budget.collect(client(1), account(1), body).await.unwrap_err().code(), Code::MALFORMED_JSON);
    assert!(started.elapsed() >= Duration::from_millis(1_000 / 16));
}

#[actix_web::test]
async fn a_client_has_a_quarter_of_the_bodies_that_do_not_arrive_and_what_has_arrived_needs_none() {
    let budget = BodyBudget::new(4 * SMALL, 0, LONG);
    let mut waiting = Vec::new();
    let refused = loop {
        let mut collecting = Box::pin(budget.collect(client(1), account(1), Begun(None)));
        match poll_fn(|context| Poll::Ready(collecting.as_mut().poll(context))).await {
            Poll::Pending => waiting.push(collecting),
            Poll::Ready(refused) => break refused.unwrap_err().code(),
        }
    };
    assert_eq!((waiting.len(), refused), (MAX_WAITING_BYTES / WAITING / 4, Code::OVERLOADED));
    assert_eq!(budget.collect(client(1), account(1), "[]").await.unwrap().get(), b"[]");
    drop(waiting);
    assert!(budget.waiting.held().by_holder.is_empty() && budget.waiting.held().total == 0);
}

/// A body that sends these bytes and never ends.
struct Begun(Option<Bytes>);

impl MessageBody for Begun {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        self.0.take().map_or(Poll::Pending, |bytes| Poll::Ready(Some(Ok(bytes))))
    }
}
