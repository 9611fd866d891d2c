/// The edit of a field that may be empty.
///
/// With the feature `serde`, null clears a field, and an absent one is left if its struct says
/// `#[serde(default)]`. For writing, [`Edit::is_leave`] is true for fields to leave out.
///
/// ```
/// use repower_domain::Edit;
///
/// assert_eq!(Edit::default().of(Some(&1)), Some(1));
/// assert_eq!(Edit::Set(2).of(Some(&1)), Some(2));
/// assert_eq!(Edit::Clear.of(Some(&1)), None);
/// assert_eq!([Some(2), None].map(Edit::from), [Edit::Set(2), Edit::Clear]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(clippy::exhaustive_enums, reason = "an edit does one of three things")]
pub enum Edit<T> {
    /// The field keeps what it has.
    #[default]
    Leave,
    /// The field is empty afterwards.
    Clear,
    /// The field has this value afterwards.
    Set(T),
}

impl<T> Edit<T> {
    /// Whether the field keeps what it has.
    pub const fn is_leave(&self) -> bool {
        matches!(self, Self::Leave)
    }

    /// The new value; `None` if the field is left or cleared.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Leave | Self::Clear => None,
            Self::Set(new) => Some(new),
        }
    }
}

impl<T: Clone> Edit<T> {
    /// What a field has after the edit that had `old` before.
    pub fn of(self, old: Option<&T>) -> Option<T> {
        if self.is_leave() { old.cloned() } else { self.value() }
    }
}

impl<T> From<Option<T>> for Edit<T> {
    /// The edit after which the field has this, or is empty.
    fn from(new: Option<T>) -> Self {
        new.map_or(Self::Clear, Self::Set)
    }
}

#[cfg(feature = "serde")]
impl<T: serde::Serialize> serde::Serialize for Edit<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Leave | Self::Clear => serializer.serialize_none(),
            Self::Set(new) => serializer.serialize_some(new),
        }
    }
}

#[cfg(feature = "serde")]
impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Edit<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
    }
}
