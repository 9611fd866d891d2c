/// The ids of a request: the one that the server gave it, and the one that its caller
/// sent.
///
/// A caller may send any id, also that of another request; the server's own is new each
/// time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestIds {
    /// The server's own.
    pub own: String,
    /// The caller's; `None` if the caller sent none.
    pub caller: Option<String>,
}
