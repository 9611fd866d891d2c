/// The revision of an entity when it was loaded: a counter of its changes.
///
/// An update succeeds only if the stored revision still equals this one.
/// Otherwise it is rejected as stale.
///
/// ```
/// use repower_domain::Revision;
///
/// assert_eq!(Revision::stored(1), Revision::FIRST);
/// assert_eq!(Revision::FIRST.number(), 1);
/// assert_eq!(Revision::FIRST.next(), Revision::stored(2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Revision(i32);

impl Revision {
    /// The revision of a new entity.
    pub const FIRST: Self = Self(1);

    /// The revision with a stored number.
    pub const fn stored(number: i32) -> Self {
        Self(number)
    }

    /// The revision after a change of the entity.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The number to store and to compare.
    pub const fn number(self) -> i32 {
        self.0
    }
}
