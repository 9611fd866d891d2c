/// A setting as an operator sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The name of the variable.
    pub name: &'static str,
    /// What applies where it is not set.
    pub unset: Unset,
    /// How much of its value may be shown.
    pub visibility: Visibility,
    /// Its meaning, as Markdown.
    pub about: &'static str,
}

/// What applies where a setting is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// An error: the setting is required.
    Required,
    /// Nothing: the feature that it turns on is off.
    Nothing,
    /// This value.
    Default(&'static str),
    /// The value of another setting, or this one where that is not set either.
    Follows {
        /// The name of the other setting.
        other: &'static str,
        /// The value where neither is set.
        default: &'static str,
    },
}

/// How much of a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// All of it.
    Plain,
    /// A URL without its password.
    Url,
    /// Only its length.
    Secret,
}

impl Setting {
    /// The value that applies where nothing is set.
    pub const fn default(&self) -> Option<&'static str> {
        match self.unset {
            Unset::Required | Unset::Nothing => None,
            Unset::Default(value) | Unset::Follows { default: value, .. } => Some(value),
        }
    }
}
