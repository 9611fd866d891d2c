/// The ids of a request: the one that the server gave it, and the one that its caller
/// sent.
///
/// A caller may send any id, also that of another request; the server's own is new each
/// time.
///
/// ```
/// use repower_domain::RequestIds;
///
/// let of_a_browser = RequestIds { own: "7c1f".to_owned(), caller: None };
/// assert_ne!(of_a_browser, RequestIds { caller: Some("7c1f".to_owned()), ..of_a_browser.clone() });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestIds {
    /// The server's own.
    pub own: String,
    /// The caller's; `None` if the caller sent none.
    pub caller: Option<String>,
}
