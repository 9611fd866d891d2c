use std::fmt;

use repower_postgres::DatabaseUrl;

use super::{
    Settings,
    setting::{Setting, Unset, Visibility},
    sources::{Origin, Sources},
    table::SETTINGS,
    warnings::warnings,
};

/// The text in place of a hidden one.
const MASK: &str = "•••";

/// The report on one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The setting.
    pub setting: &'static Setting,
    /// The value, masked if it is a secret; `None` without a value.
    pub shown: Option<String>,
    /// The source of the value.
    pub source: Source,
    /// Its error.
    pub problem: Option<String>,
    /// What is valid and seldom right.
    pub warning: Option<&'static str>,
}

/// The source of the value that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The variable is set there.
    Set(Origin),
    /// The setting that it follows.
    Other(&'static str),
    /// The default.
    Default,
    /// It has no value.
    Nowhere,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Set(Origin::Environment) => "environment",
            Self::Set(Origin::File) => ".env",
            Self::Other(name) => name,
            Self::Default => "default",
            Self::Nowhere => "not set",
        })
    }
}

/// The report on each setting, in the order of [`SETTINGS`].
pub fn report(sources: &Sources) -> Vec<Report> {
    let lookup = |name: &str| sources.find(name).map(|(text, _)| text.to_owned());
    let read = Settings::read(lookup);
    let warnings = warnings(lookup);
    let problems = read.err().map(|error| error.0).unwrap_or_default();
    let problem = |name| problems.iter().find(|(wrong, _)| *wrong == name).map(|(_, problem)| problem.clone());
    let warning = |name| warnings.iter().find(|(unwise, _)| *unwise == name).map(|(_, warning)| *warning);
    let report = |setting: &'static Setting| {
        let (text, source) = value(setting, sources);
        let shown = text.map(|text| shown(text, setting.visibility));
        Report { setting, shown, source, problem: problem(setting.name), warning: warning(setting.name) }
    };
    SETTINGS.iter().map(report).collect()
}

fn value<'s>(setting: &Setting, sources: &'s Sources) -> (Option<&'s str>, Source) {
    if let Some((text, origin)) = sources.find(setting.name) {
        return (Some(text), Source::Set(origin));
    }
    if let Unset::Follows { other, .. } = setting.unset
        && let Some((text, _)) = sources.find(other)
    {
        return (Some(text), Source::Other(other));
    }
    setting.default().map_or((None, Source::Nowhere), |text| (Some(text), Source::Default))
}

fn shown(text: &str, visibility: Visibility) -> String {
    match visibility {
        Visibility::Plain => text.chars().map(|letter| if letter.is_control() { '·' } else { letter }).collect(),
        Visibility::Url => DatabaseUrl::parse(text).map_or_else(|_| masked(text), |url| url.shown().to_owned()),
        Visibility::Secret => masked(text),
    }
}

fn masked(text: &str) -> String {
    format!("{MASK} ({} bytes)", text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password_and_an_invalid_one_by_its_length() {
        let url = "postgres://u:hunter2@[::1]:5432/x?sslmode=require";
        assert_eq!(shown(url, Visibility::Url), "postgres://u:•••@[::1]:5432/x?•••");
        for url in ["mysql://u:hunter2@db/x", "hunter2", "postgres://u:hunter2", "postgres://u:hunt@er2@db/x"] {
            assert_eq!(shown(url, Visibility::Url), masked(url), "{url}");
        }
        assert_eq!(masked("hunter2"), "••• (7 bytes)");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(shown("a\u{1b}[2Jb\n", Visibility::Plain), "a·[2Jb·");
    }
}
