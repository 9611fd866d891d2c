use std::{
    io::{Read, Write},
    net::TcpStream,
};

use ureq::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::{App, Reply};

impl App {
    /// Sends a request without changes by a client library: the request line and the
    /// headers, one a line, and the body.
    pub(crate) fn wire(&self, head: &str, body: &[u8]) -> Reply {
        let length = if body.is_empty() { String::new() } else { format!("\nContent-Length: {}", body.len()) };
        self.wire_framed(&format!("{head}{length}"), body)
    }

    /// Sends a request whose headers declare the framing of the body.
    pub(crate) fn wire_framed(&self, head: &str, body: &[u8]) -> Reply {
        let head = format!("{head}\nHost: localhost\nConnection: close\n\n").replace('\n', "\r\n");
        parse_wire(&self.wire_raw(&[head.as_bytes(), body].concat()))
    }

    /// Sends these bytes; returns all that the server sends until it closes the connection.
    pub(crate) fn wire_raw(&self, sent: &[u8]) -> String {
        String::from_utf8(self.wire_bytes(sent)).unwrap()
    }

    /// The same for a response that may be no text.
    pub(crate) fn wire_bytes(&self, sent: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.write_all(sent).unwrap();
        let mut received = Vec::new();
        stream.read_to_end(&mut received).unwrap();
        received
    }
}

/// The only response of a connection.
pub(crate) fn parse_wire(received: &str) -> Reply {
    let (head, body) = received.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no reply: {received:?}"));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    let mut headers = HeaderMap::new();
    for (name, value) in lines.map(header) {
        headers.append(name, value);
    }
    Reply { status: StatusCode::from_bytes(status.as_bytes()).unwrap(), headers, text: body.to_owned() }
}
