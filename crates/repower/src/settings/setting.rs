/// A setting: its name, default, visibility and meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The name of the variable.
    pub name: &'static str,
    /// The behaviour without a value.
    pub unset: Unset,
    /// The visible part of its value.
    pub visibility: Visibility,
    /// Its meaning, as Markdown.
    pub about: &'static str,
}

/// The behaviour of a setting without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// An error: the setting is required.
    Required,
    /// No value: the feature is disabled.
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

/// The visible part of a value.
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
    /// The default value.
    pub const fn default(&self) -> Option<&'static str> {
        match self.unset {
            Unset::Required | Unset::Nothing => None,
            Unset::Default(value) | Unset::Follows { default: value, .. } => Some(value),
        }
    }
}
