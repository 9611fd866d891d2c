use std::fmt;

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
        Visibility::Url => without_password(text).unwrap_or_else(|| masked(text)),
        Visibility::Secret => masked(text),
    }
}

fn masked(text: &str) -> String {
    format!("{MASK} ({} bytes)", text.len())
}

/// A URL with its user, host, port and database; `None` for another text. Parameters may have a
/// password too, and are masked.
fn without_password(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://").filter(|(scheme, _)| ["postgres", "postgresql"].contains(scheme))?;
    // A password may contain an unescaped @: the last one counts.
    let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
    let (place, parameters) = place.split_once('?').map_or((place, ""), |(place, _)| (place, "?•••"));
    let user = match user.map(|user| user.split_once(':').map_or((user, ""), |(name, _)| (name, ":•••"))) {
        Some((name, password)) if name.chars().all(is_plain) => format!("{name}{password}@"),
        Some(_) => return None,
        None => String::new(),
    };
    is_place(place).then(|| format!("{scheme}://{user}{place}{parameters}"))
}

/// `host`, `host:5432`, `[::1]:5432/name`; no text that could contain a password.
fn is_place(place: &str) -> bool {
    let (host, name) = place.split_once('/').unwrap_or((place, ""));
    let (address, port) = match host.rsplit_once(':') {
        Some((address, port)) if !port.ends_with(']') => (address, port),
        Some(_) | None => (host, ""),
    };
    let is_address = address.starts_with('[') && address.ends_with(']')
        || address.chars().all(|letter| is_plain(letter) || letter == ',' || letter == '%');
    is_address && port.chars().all(|digit| digit.is_ascii_digit()) && name.chars().all(is_plain)
}

const fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password() {
        for (url, shown) in [
            ("postgres://repower:hunter2@db.example:5432/repower", "postgres://repower:•••@db.example:5432/repower"),
            ("postgresql://repower@db/repower", "postgresql://repower@db/repower"),
            ("postgres://db", "postgres://db"),
            ("postgres://u:hunter2@[::1]:5432/x?sslmode=require", "postgres://u:•••@[::1]:5432/x?•••"),
            ("postgres://u:hunt@er2@db/x", "postgres://u:•••@db/x"),
            ("postgres://u:hunt/er2:?#@db/x", "postgres://u:•••@db/x"),
            ("postgres://db/x?user=u&password=hunter2", "postgres://db/x?•••"),
            ("postgres://u@%2Frun%2Fpostgresql/x", "postgres://u@%2Frun%2Fpostgresql/x"),
        ] {
            assert_eq!(without_password(url).as_deref(), Some(shown), "{url}");
        }
    }

    #[test]
    fn a_text_that_is_no_url_is_masked() {
        for url in [
            "mysql://u:hunter2@db/x",
            "hunter2",
            "postgres://u:hunter2",
            "postgres://db/x@hunter2 ",
            "postgres://db:1/hunt er2",
        ] {
            assert_eq!(shown(url, Visibility::Url), masked(url), "{url}");
        }
        assert_eq!(masked("hunter2"), "••• (7 bytes)");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(shown("a\u{1b}[2Jb\n", Visibility::Plain), "a·[2Jb·");
    }
}
