//! What is set, where, and whether it holds; without the secrets.

use std::fmt;

use super::{Origin, SETTINGS, Setting, Settings, Showing, Sources, Unset};

/// What stands in for what is not shown.
const MASK: &str = "•••";

/// What there is to say about a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The setting.
    pub setting: &'static Setting,
    /// The value that holds, as far as it may be shown; `None` where there is
    /// none.
    pub shown: Option<String>,
    /// Where the value comes from.
    pub source: Source,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// Where the value that holds comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// It is set there.
    Set(Origin),
    /// Another setting has it.
    Other(&'static str),
    /// It is the default.
    Default,
    /// There is none.
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

/// What there is to say about each setting, in the order of [`SETTINGS`].
pub fn findings(sources: &Sources) -> Vec<Finding> {
    let read = Settings::read(|name| sources.find(name).map(|(text, _)| text.to_owned()));
    let problems = read.err().map(|error| error.0).unwrap_or_default();
    let problem = |name| problems.iter().find(|(wrong, _)| *wrong == name).map(|(_, problem)| problem.clone());
    SETTINGS.iter().map(|setting| finding(setting, sources, problem(setting.name))).collect()
}

fn finding(setting: &'static Setting, sources: &Sources, problem: Option<String>) -> Finding {
    let (text, source) = value(setting, sources);
    Finding { setting, shown: text.map(|text| shown(text, setting.showing)), source, problem }
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

fn shown(text: &str, showing: Showing) -> String {
    match showing {
        Showing::Plain => text.chars().map(|letter| if letter.is_control() { '·' } else { letter }).collect(),
        Showing::Url => without_password(text).unwrap_or_else(|| masked(text)),
        Showing::Secret => masked(text),
    }
}

fn masked(text: &str) -> String {
    format!("{MASK} ({} bytes)", text.len())
}

/// A URL with its user, host, port and database; `None` where it does not look
/// like one. What follows them may hold a password too, and is masked.
fn without_password(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://").filter(|(scheme, _)| ["postgres", "postgresql"].contains(scheme))?;
    // A password may have been written with an @ of its own: the last one counts.
    let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
    let (place, parameters) = place.split_once('?').map_or((place, ""), |(place, _)| (place, "?•••"));
    let user = match user.map(|user| user.split_once(':').map_or((user, ""), |(name, _)| (name, ":•••"))) {
        Some((name, password)) if name.chars().all(is_plain) => format!("{name}{password}@"),
        Some(_) => return None,
        None => String::new(),
    };
    is_place(place).then(|| format!("{scheme}://{user}{place}{parameters}"))
}

/// `host`, `host:5432`, `[::1]:5432/name`; nothing that a password could have
/// slipped into.
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
    fn what_does_not_look_like_a_url_is_not_shown_at_all() {
        for url in [
            "mysql://u:hunter2@db/x",
            "hunter2",
            "postgres://u:hunter2",
            "postgres://db/x@hunter2 ",
            "postgres://db:1/hunt er2",
        ] {
            assert_eq!(shown(url, Showing::Url), masked(url), "{url}");
        }
        assert_eq!(masked("hunter2"), "••• (7 bytes)");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(shown("a\u{1b}[2Jb\n", Showing::Plain), "a·[2Jb·");
    }
}
