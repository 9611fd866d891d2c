/// The method of the requests that replace rejected ones. A client that sends it itself
/// is rejected too.
pub(crate) const METHOD: &str = "REJECTED";

/// Why a request is rejected before it reaches the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejected {
    /// It is not HTTP/1.1.
    Malformed,
    /// Its head is too large.
    HeadTooLarge,
    /// Its head took too long to arrive.
    Late,
}

impl Rejected {
    const ALL: [Self; 3] = [Self::Malformed, Self::HeadTooLarge, Self::Late];

    /// The reason that a request replaces a rejected one; `None` for any other request.
    pub fn of(method: &str, path: &str) -> Option<Self> {
        if method != METHOD {
            return None;
        }
        Self::ALL.into_iter().find(|reason| reason.path() == path)
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Malformed => "/malformed",
            Self::HeadTooLarge => "/head-too-large",
            Self::Late => "/late",
        }
    }

    /// The head of the request that the application answers instead.
    pub(crate) fn head(self, request_id: Option<&[u8]>) -> Vec<u8> {
        let line = format!("{METHOD} {} HTTP/1.1\r\nHost: -\r\nConnection: close\r\n", self.path());
        let mut head = line.into_bytes();
        if let Some(id) = request_id {
            head.extend([b"X-Request-Id: ", id, b"\r\n"].concat());
        }
        head.extend(b"\r\n");
        head
    }
}
