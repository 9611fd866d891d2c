use std::{collections::BTreeMap, sync::LazyLock};

use super::{
    course::Course,
    expiry::{Cycle, Expiry, LateRefresher, RenewalWindow},
};
use crate::values::CalendarDate;

const FILE: &str = include_str!("catalogue.txt");

static TYPES: LazyLock<Vec<CertificationType>> =
    LazyLock::new(|| entries(FILE).filter_map(|lines| read(&lines)).collect());

/// The keys of codes and aliases, with their types and courses.
static CODES: LazyLock<BTreeMap<String, (&'static CertificationType, Option<Course>)>> = LazyLock::new(|| {
    let codes = |entry: &'static CertificationType| {
        let any_course = entry.aliases.iter().chain([&entry.code]).map(move |code| (key(code), (entry, None)));
        any_course.chain(entry.refresher_codes.iter().map(move |code| (key(code), (entry, Some(Course::Refresher)))))
    };
    types().iter().flat_map(codes).collect()
});

/// A type of certifications: an entry of the catalogue.
///
/// ```
/// use repower_domain::certification_types::TypeCode;
///
/// let enhanced: TypeCode = "GWO_EFA".parse()?;
/// // Two records are issued: one of this type, and one of `GWO_FA`.
/// assert!(enhanced.details().satisfies.is_empty());
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificationType {
    /// The code.
    pub code: &'static str,
    /// Other codes that records print.
    pub aliases: Vec<&'static str>,
    /// Codes that records of refreshers print.
    pub refresher_codes: Vec<&'static str>,
    /// The issuer of the standard.
    pub issuer: &'static str,
    /// The name.
    pub name: &'static str,
    /// When certifications of this type end.
    pub expiry: Expiry,
    /// The codes of the other types that the holder satisfies too.
    pub satisfies: Vec<&'static str>,
    /// The first day on which none is issued any more.
    pub retired_on: Option<CalendarDate>,
    /// Where the figures are published; where no publication was found, it says so.
    pub source: &'static str,
}

/// The types, in the order of the file.
pub(super) fn types() -> &'static [CertificationType] {
    &TYPES
}

/// The type of a code or an alias, and the course if the code names it.
pub(super) fn find(code: &str) -> Option<(&'static CertificationType, Option<Course>)> {
    CODES.get(&key(code)).copied()
}

/// The letters and digits of a code, as people write it in several ways: `ART-HR`, `ARTHR`, `art hr`.
fn key(code: &str) -> String {
    let letters = code.chars().filter(|letter| !matches!(letter, '-' | ' ' | '_'));
    letters.map(|letter| letter.to_ascii_uppercase()).collect()
}

/// The entries of the file, as their lines without comments. A blank line is between two entries.
fn entries(file: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = |entry: &'static str| entry.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    file.split("\n\n").map(lines).filter(|lines: &Vec<_>| !lines.is_empty())
}

/// Reads an entry: its code, then a field on each line. A test holds that each entry of the file can be read.
fn read(lines: &[&'static str]) -> Option<CertificationType> {
    let (code, lines) = lines.split_first()?;
    let mut fields = BTreeMap::new();
    for line in lines {
        let (name, value) = line.strip_prefix("  ")?.split_once(": ")?;
        if fields.insert(name, value).is_some() {
            return None;
        }
    }
    let mut codes = |name| -> Vec<_> { fields.remove(name).map_or_else(Vec::new, |codes| codes.split(' ').collect()) };
    let (aliases, refresher_codes, satisfies) = (codes("aliases"), codes("refreshers"), codes("satisfies"));
    let entry = CertificationType {
        code,
        aliases,
        refresher_codes,
        satisfies,
        issuer: fields.remove("issuer")?,
        name: fields.remove("name")?,
        expiry: expiry(&mut fields)?,
        retired_on: match fields.remove("retired") {
            Some(day) => Some(day.parse().ok()?),
            None => None,
        },
        source: fields.remove("source")?,
    };
    fields.is_empty().then_some(entry)
}

fn expiry(fields: &mut BTreeMap<&str, &str>) -> Option<Expiry> {
    Some(match fields.remove("expiry")? {
        "never" => Expiry::Never,
        "as printed" => Expiry::AsPrinted,
        after => Expiry::After(Cycle {
            months: after.strip_suffix(" months")?.parse().ok()?,
            window: match fields.remove("window") {
                Some(window) => Some(renewal_window(window)?),
                None => None,
            },
            late_refresher: fields.remove("late refresher")?.parse::<LateRefresher>().ok()?,
        }),
    })
}

fn renewal_window(text: &str) -> Option<RenewalWindow> {
    let (number, unit) = text.split_once(' ')?;
    match unit {
        "months" => number.parse().ok().map(RenewalWindow::Months),
        "days" => number.parse().ok().map(RenewalWindow::Days),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::certification_types::{PrintedCode, TypeCode};

    #[test]
    fn every_entry_of_the_file_is_read() {
        for lines in entries(FILE) {
            assert!(read(&lines).is_some(), "{lines:?}");
        }
        assert_eq!(entries(FILE).count(), types().len());
    }

    #[test]
    fn every_code_and_alias_names_one_type() {
        let printed = |entry: &'static CertificationType| {
            [entry.code].into_iter().chain(entry.aliases.iter().copied()).chain(entry.refresher_codes.iter().copied())
        };
        let mut seen = BTreeSet::new();
        for entry in types() {
            for code in printed(entry) {
                assert!(seen.insert(key(code)), "{code} stands twice");
                assert!(code.len() <= TypeCode::MAX && code == code.to_ascii_uppercase(), "{code}");
                let read: PrintedCode = code.parse().unwrap();
                assert_eq!(read.type_code.as_str(), entry.code);
                let is_refresher = entry.refresher_codes.contains(&code);
                assert_eq!(read.course, is_refresher.then_some(Course::Refresher), "{code}");
            }
        }
    }

    #[test]
    fn a_code_is_of_capital_letters_digits_and_underscores() {
        for entry in types() {
            let is_plain = |letter: char| matches!(letter, 'A'..='Z' | '0'..='9' | '_');
            assert!(entry.code.starts_with(|first: char| first.is_ascii_uppercase()), "{}", entry.code);
            assert!(entry.code.chars().all(is_plain), "{}", entry.code);
        }
    }

    #[test]
    fn a_type_names_every_type_that_it_satisfies_and_none_satisfies_itself() {
        for entry in types() {
            let satisfied: BTreeSet<_> = entry.satisfies.iter().copied().collect();
            assert_eq!(satisfied.len(), entry.satisfies.len(), "{} names a type twice", entry.code);
            // With the next assertion: no type satisfies itself through others.
            assert!(!satisfied.contains(entry.code), "{} satisfies itself", entry.code);
            for code in &satisfied {
                let (other, course) = find(code).unwrap();
                assert_eq!((other.code, course), (*code, None), "{code} is an alias");
                assert!(
                    other.satisfies.iter().all(|code| satisfied.contains(code)),
                    "{} lacks one of {code}",
                    entry.code
                );
            }
        }
    }

    #[test]
    fn every_figure_has_a_source() {
        for entry in types() {
            assert!(entry.source.len() > 20, "{}", entry.code);
        }
    }

    #[test]
    fn only_a_type_with_an_end_after_months_has_refreshers() {
        for entry in types() {
            let is_renewed = matches!(entry.expiry, Expiry::After(_));
            assert!(is_renewed || entry.refresher_codes.is_empty(), "{}", entry.code);
        }
    }

    #[test]
    fn an_entry_with_a_fault_is_not_read() {
        let entry = ["X", "  issuer: I", "  name: N", "  expiry: 24 months", "  late refresher: VOID", "  source: S"];
        assert!(read(&entry).is_some());
        for (line, fault) in [
            (1, "  issuer:"),
            (2, "  title: N"),
            (3, "  expiry: 24"),
            (4, "  late refresher: MAYBE"),
            (5, "  expiry: never"),
            (5, "source: S"),
        ] {
            let mut faulty = entry;
            faulty[line] = fault;
            assert!(read(&faulty).is_none(), "{fault}");
        }
        let with = |more: &'static str| entry.into_iter().chain([more]).collect::<Vec<_>>();
        for (more, is_read) in [
            ("  window: 2 months", true),
            ("  window: 2 weeks", false),
            ("  retired: 2026-03-02", true),
            ("  retired: soon", false),
            ("  colour: blue", false),
        ] {
            assert_eq!(read(&with(more)).is_some(), is_read, "{more}");
        }
    }
}
