//! The head of a request: whether actix-http accepts it, what follows it, and its form
//! without an upgrade.

use actix_web::http::Uri;
use httparse::{EMPTY_HEADER, Error, Header, Request, Status};
use percent_encoding::{AsciiSet, CONTROLS, percent_encode};

use crate::rejected::{METHOD, Rejected};

/// The maximum number of headers; as actix-http's own.
const MAX_HEADERS: usize = 96;

/// The maximum length of a target in bytes, by the type of actix-http.
const MAX_TARGET_BYTES: usize = 65_534;

/// The characters that a target may have encoded only, though clients send them as they
/// are. All that is not ASCII is encoded too.
const ENCODED: &AsciiSet = &CONTROLS.add(b'<').add(b'>').add(b'`');

/// The same in a query.
const ENCODED_IN_QUERY: &AsciiSet = &ENCODED.add(b'"');

/// The headers that an ignored upgrade leaves out.
const UPGRADES: [&str; 2] = ["upgrade", "http2-settings"];

/// A head that actix-http accepts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// What follows it.
    pub(crate) framing: Framing,
    /// The head that is passed on, where it is another.
    pub(crate) rewritten: Option<Vec<u8>>,
}

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is no body.
    None,
    /// It has this number of bytes.
    Length(u64),
    /// It is chunked.
    Chunked,
    /// It ends with the connection.
    Unknown,
}

impl Head {
    /// Reads a whole head.
    ///
    /// # Errors
    ///
    /// Why actix-http would reject it, with its request id.
    pub(crate) fn read(head: &[u8]) -> Result<Self, (Rejected, Option<Vec<u8>>)> {
        let mut headers = [EMPTY_HEADER; MAX_HEADERS];
        let mut request = Request::new(&mut headers);
        match request.parse(head) {
            Ok(Status::Complete(length)) if length == head.len() => {}
            Err(Error::TooManyHeaders) => return Err((Rejected::HeadTooLarge, None)),
            Ok(_) | Err(_) => return Err((Rejected::Malformed, None)),
        }
        Self::of(&request).map_err(|reason| {
            let id = request.headers.iter().find(|header| is(header, "x-request-id"));
            (reason, id.map(|header| header.value.to_vec()))
        })
    }

    /// Whether a request may start with these bytes.
    pub(crate) fn may_start_with(bytes: &[u8]) -> bool {
        let mut headers = [EMPTY_HEADER; MAX_HEADERS];
        matches!(Request::new(&mut headers).parse(bytes), Ok(_) | Err(Error::TooManyHeaders))
    }

    fn of(request: &Request<'_, '_>) -> Result<Self, Rejected> {
        let (Some(method), Some(target), Some(minor)) = (request.method, request.path, request.version) else {
            return Err(Rejected::Malformed);
        };
        let encoded = encoded(target);
        if encoded.len() > MAX_TARGET_BYTES {
            return Err(Rejected::HeadTooLarge);
        }
        let framing = framing(method, minor, request.headers)?;
        if method == METHOD || encoded.parse::<Uri>().is_err() {
            return Err(Rejected::Malformed);
        }
        let has_upgrade = request
            .headers
            .iter()
            .any(|header| is(header, "upgrade") || (is(header, "connection") && options(header.value).any(is_upgrade)));
        let rewritten = (has_upgrade || encoded != target)
            .then(|| rewrite(&format!("{method} {encoded} HTTP/1.{minor}"), request.headers, has_upgrade));
        Ok(Self { framing, rewritten })
    }
}

/// The target with the characters encoded that it may have encoded only.
fn encoded(target: &str) -> String {
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    let path = percent_encode(path.as_bytes(), ENCODED);
    path.chain(percent_encode(query.as_bytes(), ENCODED_IN_QUERY)).collect()
}

/// How the body ends, by the rules of actix-http.
fn framing(method: &str, minor: u8, headers: &[Header<'_>]) -> Result<Framing, Rejected> {
    let only = |name: &str| {
        let mut values = headers.iter().filter(|header| is(header, name)).map(|header| header.value.trim_ascii());
        let first = values.next();
        if values.next().is_some() { Err(Rejected::Malformed) } else { Ok(first) }
    };
    let (host, length, coding) = (only("host")?, only("content-length")?, only("transfer-encoding")?);
    let is_old = minor == 0;
    if host.is_none() && !is_old {
        return Err(Rejected::Malformed);
    }
    match (length, coding) {
        (None, Some(coding)) if !is_old && coding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
        (_, Some(_)) => Err(Rejected::Malformed),
        (Some(length), None) => {
            let digits = std::str::from_utf8(length).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            let length = digits.and_then(|digits| digits.parse().ok()).ok_or(Rejected::Malformed)?;
            Ok(if method == "CONNECT" && length == 0 { Framing::Unknown } else { Framing::Length(length) })
        }
        (None, None) if is_old && method == "POST" => Err(Rejected::Malformed),
        (None, None) if method == "CONNECT" => Ok(Framing::Unknown),
        (None, None) => Ok(Framing::None),
    }
}

/// The head with this first line; without its upgrade, where it has one: RFC 9110 lets a
/// server ignore it.
fn rewrite(line: &str, headers: &[Header<'_>], has_upgrade: bool) -> Vec<u8> {
    let mut head = [line.as_bytes(), b"\r\n"].concat();
    let mut add = |name: &str, value: &[u8]| head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    for header in headers {
        if !has_upgrade {
            add(header.name, header.value);
        } else if is(header, "connection") {
            let kept: Vec<_> = options(header.value).filter(|option| !is_upgrade(option)).collect();
            if !kept.is_empty() {
                add(header.name, &kept.join(&b", "[..]));
            }
        } else if !is_upgrade(header.name.as_bytes()) {
            add(header.name, header.value);
        }
    }
    head.extend(b"\r\n");
    head
}

fn is(header: &Header<'_>, name: &str) -> bool {
    header.name.eq_ignore_ascii_case(name)
}

/// The options of a `Connection` header.
fn options(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|option| !option.is_empty())
}

fn is_upgrade(name: impl AsRef<[u8]>) -> bool {
    UPGRADES.iter().any(|upgrade| name.as_ref().eq_ignore_ascii_case(upgrade.as_bytes()))
}

/// Finds the end of a head: the first empty line after a line with characters.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    has_line: bool,
    is_in_line: bool,
}

impl Lines {
    /// Reads more bytes of a head; returns the number of those that belong to it, if it
    /// ends among them.
    pub(crate) fn end_of_head(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut taken = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            taken += line.len();
            self.is_in_line |= line.iter().any(|byte| !b"\r\n".contains(byte));
            if !line.ends_with(b"\n") {
                continue;
            }
            if self.has_line && !self.is_in_line {
                *self = Self::default();
                return Some(taken);
            }
            self.has_line |= self.is_in_line;
            self.is_in_line = false;
        }
        None
    }
}
