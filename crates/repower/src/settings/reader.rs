use std::fmt;

use super::setting::{Setting, Unset};

/// All errors of the settings, each with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError(pub Vec<(&'static str, String)>);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("These settings are missing or invalid:")?;
        self.0.iter().try_for_each(|(name, problem)| write!(f, "\n  {name} {problem}"))
    }
}

impl std::error::Error for SettingsError {}

/// Looks settings up and collects their errors.
pub(super) struct SettingsReader<'l> {
    lookup: &'l dyn Fn(&str) -> Option<String>,
    problems: Vec<(&'static str, String)>,
    is_production: bool,
}

impl<'l> SettingsReader<'l> {
    pub(super) fn new(lookup: &'l dyn Fn(&str) -> Option<String>) -> Self {
        let mut reader = Self { lookup, problems: Vec::new(), is_production: false };
        let environment = reader.find("APP_ENV").or_else(|| reader.find("NODE_ENV"));
        reader.is_production = environment.as_deref() == Some("production");
        reader
    }

    /// Whether the environment is production.
    pub(super) const fn is_production(&self) -> bool {
        self.is_production
    }

    /// The value of a variable; an empty one counts as not set.
    fn find(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The setting, parsed from its value or its default; an empty text where it has
    /// neither and needs none. `parse` gets whether the environment is production.
    /// `None` where it has an error.
    pub(super) fn read<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str, bool) -> Result<T, String>,
    ) -> Option<T> {
        let followed = match setting.unset {
            Unset::Follows { other, .. } if self.find(setting.name).is_none() => other,
            Unset::Follows { .. } | Unset::Required | Unset::Nothing | Unset::Default(_) => setting.name,
        };
        let value = self.find(followed).or_else(|| setting.default().map(str::to_owned));
        let parsed = match (value, setting.unset) {
            (None, Unset::Required) => Err("is not set".to_owned()),
            (value, _) => parse(&value.unwrap_or_default(), self.is_production),
        };
        parsed.map_err(|problem| self.problems.push((followed, problem))).ok()
    }

    /// The settings, or all errors.
    pub(super) fn finish<T>(self, read: Option<T>) -> Result<T, SettingsError> {
        read.filter(|_| self.problems.is_empty()).ok_or(SettingsError(self.problems))
    }
}
