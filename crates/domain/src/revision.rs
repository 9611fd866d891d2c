/// How often a stored thing was changed, as it was when it was loaded.
///
/// An update is carried out only while the stored revision is still this one;
/// otherwise somebody else was faster and the update is refused as stale.
///
/// ```
/// use repower_domain::Revision;
///
/// assert_eq!(Revision::stored(1), Revision::FIRST);
/// assert_eq!(Revision::FIRST.number(), 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Revision(i32);

impl Revision {
    /// The revision of a thing that was just made.
    pub const FIRST: Self = Self(1);

    /// The revision as it was stored.
    pub const fn stored(number: i32) -> Self {
        Self(number)
    }

    /// The number to store and to compare with.
    pub const fn number(self) -> i32 {
        self.0
    }
}
