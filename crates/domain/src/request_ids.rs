use typed_builder::TypedBuilder;

/// The ids of a request: the one that the server gave it, and the one that its caller
/// sent.
///
/// A caller may send any id, also that of another request; the server's own is new each
/// time.
///
/// ```
/// use repower_domain::RequestIds;
///
/// let of_a_browser = RequestIds::builder().own("7c1f".to_owned()).caller(None).build();
/// assert_ne!(of_a_browser, RequestIds::builder().own("7c1f".to_owned()).caller(Some("7c1f".to_owned())).build());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct RequestIds {
    /// The server's own.
    pub own: String,
    /// The caller's; `None` if the caller sent none.
    pub caller: Option<String>,
}
