//! The requests of a connection, read before actix-http parses them.
//!
//! actix-http answers what it cannot parse with an empty response that no middleware
//! sees, and takes every `Upgrade` for one that the server performs. So such requests
//! are replaced: one that it would reject by one that the application answers
//! ([`Rejected`]), and one with an `Upgrade` by one without.

use std::mem;

use crate::{
    chunks::Chunks,
    head::{Framing, Head, Lines},
    rejected::Rejected,
};

/// The maximum size of a head in bytes.
const MAX_HEAD_BYTES: usize = 32 * 1024;

/// Reads the input of one connection as requests.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    next: Next,
    /// The start of a head whose end has not arrived yet.
    held: Vec<u8>,
    lines: Lines,
    has_begun: bool,
}

/// What the next bytes belong to.
#[derive(Debug, Default)]
enum Next {
    #[default]
    Head,
    Body(u64),
    Chunks(Chunks),
    /// Bytes that follow a rejected head; they are discarded.
    Discarded,
    /// Nothing: a body is broken, and its connection ends here.
    End,
    /// Bytes without a known end.
    Tunnel,
}

impl Requests {
    /// Reads more input. Returns the bytes for actix-http, or `None` where they are the
    /// input itself.
    pub(crate) fn take(&mut self, input: &[u8]) -> Option<Vec<u8>> {
        let mut output = Output { input, position: 0, changed: None };
        while !output.rest().is_empty() {
            let length = output.rest().len();
            match &mut self.next {
                Next::Head => self.take_head(&mut output),
                Next::Body(left) => {
                    let taken = length.min(usize::try_from(*left).unwrap_or(length));
                    *left -= u64::try_from(taken).unwrap_or(*left);
                    if *left == 0 {
                        self.next = Next::Head;
                    }
                    output.pass(taken);
                }
                Next::Chunks(chunks) => {
                    let taken = chunks.take(output.rest());
                    if chunks.is_broken() {
                        self.next = Next::End;
                    } else if chunks.has_ended() {
                        self.next = Next::Head;
                    }
                    output.pass(taken);
                }
                Next::Discarded | Next::End => output.replace(length, b""),
                Next::Tunnel => output.pass(length),
            }
        }
        output.changed
    }

    /// Rejects the head that has not arrived in time.
    pub(crate) fn reject_late(&mut self) -> Vec<u8> {
        self.reject(Rejected::Late)
    }

    /// Whether the first head has arrived.
    pub(crate) const fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Whether nothing more is read from the connection.
    pub(crate) const fn has_ended(&self) -> bool {
        matches!(self.next, Next::End)
    }

    /// The number of bytes that wait for the end of their head.
    pub(crate) const fn held_bytes(&self) -> usize {
        self.held.len()
    }

    fn take_head(&mut self, output: &mut Output<'_>) {
        let input = output.rest();
        let end = self.lines.end_of_head(input);
        let (part, _) = input.split_at(end.unwrap_or(input.len()));
        if self.held.len() + part.len() > MAX_HEAD_BYTES {
            return output.replace(part.len(), &self.reject(Rejected::HeadTooLarge));
        }
        let is_start = self.held.is_empty();
        if end.is_none() {
            // What is no HTTP at all is rejected before it is complete.
            if is_start && !Head::may_start_with(part) {
                return output.replace(part.len(), &self.reject(Rejected::Malformed));
            }
            self.held.extend(part);
            return output.replace(part.len(), b"");
        }
        let mut whole = mem::take(&mut self.held);
        whole.extend(if is_start { &[] } else { part });
        self.has_begun = true;
        match Head::read(if is_start { part } else { &whole }) {
            Err((reason, id)) => {
                self.next = Next::Discarded;
                output.replace(part.len(), &reason.head(id.as_deref()));
            }
            Ok(Head { framing, rewritten }) => {
                self.next = match framing {
                    Framing::None | Framing::Length(0) => Next::Head,
                    Framing::Length(length) => Next::Body(length),
                    Framing::Chunked => Next::Chunks(Chunks::default()),
                    Framing::Unknown => Next::Tunnel,
                };
                match rewritten {
                    None if is_start => output.pass(part.len()),
                    None => output.replace(part.len(), &whole),
                    Some(other) => output.replace(part.len(), &other),
                }
            }
        }
    }

    fn reject(&mut self, reason: Rejected) -> Vec<u8> {
        self.has_begun = true;
        self.held = Vec::new();
        self.next = Next::Discarded;
        reason.head(None)
    }
}

/// What is passed on of an input.
struct Output<'i> {
    input: &'i [u8],
    /// The number of bytes that were read.
    position: usize,
    /// What is passed on; `None` while it is what was read.
    changed: Option<Vec<u8>>,
}

impl<'i> Output<'i> {
    /// The bytes that were not read yet.
    fn rest(&self) -> &'i [u8] {
        self.input.get(self.position..).unwrap_or_default()
    }

    /// Passes the next bytes on.
    fn pass(&mut self, length: usize) {
        let passed = self.rest().get(..length).unwrap_or_default();
        if let Some(changed) = &mut self.changed {
            changed.extend(passed);
        }
        self.position += length;
    }

    /// Passes `other` on in place of the next bytes.
    fn replace(&mut self, length: usize, other: &[u8]) {
        let before = self.input.get(..self.position).unwrap_or_default();
        self.changed.get_or_insert_with(|| before.to_vec()).extend(other);
        self.position += length;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is passed on of an input that arrives in parts of that size.
    fn passed(input: &[u8], size: usize) -> (String, Requests) {
        let mut requests = Requests::default();
        let parts = input.chunks(size).map(|part| requests.take(part).unwrap_or_else(|| part.to_vec()));
        let passed = parts.collect::<Vec<_>>().concat();
        (String::from_utf8_lossy(&passed).into_owned(), requests)
    }

    fn whole(input: &str) -> String {
        let input = input.replace('\n', "\r\n");
        passed(input.as_bytes(), input.len()).0.replace("\r\n", "\n")
    }

    #[test]
    fn plain_requests_are_passed_on_as_they_are() {
        let pipelined = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3);
        let bodies = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}\
                      POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nA: b\r\n\r\n\
                      GET / HTTP/1.0\r\n\r\n";
        for input in [pipelined.as_str(), bodies] {
            assert_eq!(Requests::default().take(input.as_bytes()), None, "{input}");
        }
    }

    #[test]
    fn an_upgrade_is_ignored_and_the_body_is_read() {
        let upgrade = "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABk\n";
        let sent = format!(
            "POST /a HTTP/1.1\nHost: x\n{upgrade}Content-Length: 9\n\nUpgrade: GET / HTTP/1.1\nHost: x\nConnection: keep-alive, upgrade\nUpgrade: websocket\n\n"
        );
        assert_eq!(
            whole(&sent),
            "POST /a HTTP/1.1\nHost: x\nContent-Length: 9\n\nUpgrade: GET / HTTP/1.1\nHost: x\nConnection: keep-alive\n\n"
        );
    }

    #[test]
    fn letters_of_a_target_are_encoded() {
        let sent = "GET /å\"?q=ærø&a=\"<b>\"%20{c} HTTP/1.1\nHost: x\n\n";
        let encoded = "GET /%C3%A5\"?q=%C3%A6r%C3%B8&a=%22%3Cb%3E%22%20{c} HTTP/1.1\nHost: x\n\n";
        assert_eq!(whole(sent), encoded);
    }

    #[test]
    fn what_is_no_request_is_replaced_and_what_follows_is_discarded() {
        let follower = "GET /next HTTP/1.1\nHost: x\n\n";
        let many = "A: b\n".repeat(97);
        let target = "x".repeat(70_000);
        for (head, path) in [
            ("GET / HTTP/1.1\n\n".to_owned(), "/malformed"),
            ("GET / HTTP/3.1\nHost: x\n\n".to_owned(), "/malformed"),
            ("GET / HTTP/1.1\nHost: x\nHost: x\n\n".to_owned(), "/malformed"),
            ("GET / HTTP/1.1\nHost: x\nA b: c\n\n".to_owned(), "/malformed"),
            ("GET / HTTP/1.1\nHost: x\nContent-Length: +1\n\n".to_owned(), "/malformed"),
            ("GET / HTTP/1.1\nHost: x\nContent-Length: 1\nContent-Length: 1\n\n".to_owned(), "/malformed"),
            ("GET / HTTP/1.1\nHost: x\nTransfer-Encoding: gzip\n\n".to_owned(), "/malformed"),
            ("GET / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\nContent-Length: 1\n\n".to_owned(), "/malformed"),
            ("POST / HTTP/1.0\n\n".to_owned(), "/malformed"),
            ("REJECTED /late HTTP/1.1\nHost: x\n\n".to_owned(), "/malformed"),
            (format!("GET / HTTP/1.1\nHost: x\n{many}\n"), "/head-too-large"),
            (format!("GET /{target} HTTP/1.1\nHost: x\n\n"), "/head-too-large"),
            ("\u{16}\u{3}\u{1}".to_owned(), "/malformed"),
        ] {
            let replaced = format!("REJECTED {path} HTTP/1.1\nHost: -\nConnection: close\n\n");
            assert_eq!(whole(&format!("{follower}{head}{follower}")), format!("{follower}{replaced}"), "{head:.60}");
        }
    }

    #[test]
    fn a_rejected_request_keeps_its_id() {
        let replaced = "REJECTED /malformed HTTP/1.1\nHost: -\nConnection: close\nX-Request-Id: mine\n\n";
        assert_eq!(whole("GET / HTTP/1.1\nx-request-id: mine\n\n"), replaced);
    }

    #[test]
    fn a_head_without_an_end_is_held_up_to_the_limit() {
        let head = "GET / HTTP/1.1\r\nHost: ".to_owned() + &"x".repeat(2 * MAX_HEAD_BYTES);
        let (before, requests) = passed(head.split_at(MAX_HEAD_BYTES).0.as_bytes(), 1_000);
        assert_eq!((before.as_str(), requests.held_bytes(), requests.has_begun()), ("", MAX_HEAD_BYTES, false));
        let (after, requests) = passed(head.as_bytes(), 1_000);
        assert!(after.starts_with("REJECTED /head-too-large "));
        assert_eq!((requests.held_bytes(), requests.has_begun()), (0, true));
    }

    #[test]
    fn a_broken_chunk_ends_the_input() {
        let head = "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n";
        for (chunks, good) in
            [("2\n{}\nx\n", "2\n{}\n"), ("2\n{}{}\n", "2\n{}"), ("fffffffffffffffff\n", "ffffffffffffffff")]
        {
            let sent = format!("{head}{chunks}").replace('\n', "\r\n");
            let (got, requests) = passed(sent.as_bytes(), 7);
            assert_eq!(got, format!("{head}{good}").replace('\n', "\r\n"), "{chunks}");
            assert!(requests.has_ended());
        }
    }

    proptest! {
        #[test]
        fn how_the_input_is_split_makes_no_difference(
            requests in prop::collection::vec(prop::sample::select(vec![
                "GET /å HTTP/1.1\r\nHost: x\r\n\r\n",
                "\r\nGET / HTTP/1.1\nHost: x\nUpgrade: h2c\n\n",
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab",
            ]), 0..5),
            size in 1..40_usize,
        ) {
            let sent = requests.concat();
            prop_assert_eq!(passed(sent.as_bytes(), size).0, passed(sent.as_bytes(), sent.len().max(1)).0);
        }

        #[test]
        fn no_input_panics(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6)) {
            let mut requests = Requests::default();
            for part in parts {
                requests.take(&part);
            }
        }
    }
}
