use std::collections::{BTreeMap, BTreeSet};

use crate::support::Reply;

/// A response of `/metrics`, in the text format 0.0.4.
pub(super) struct Exposition {
    pub(super) series: Vec<Series>,
    types: BTreeMap<String, String>,
}

/// A series: its name, labels and value.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) labels: BTreeMap<String, String>,
    value: f64,
}

impl Exposition {
    #[track_caller]
    pub(super) fn of(reply: &Reply) -> Self {
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert_eq!(reply.header("Content-Type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        let (comments, numbers): (Vec<_>, Vec<_>) = reply.text.lines().partition(|line| line.starts_with('#'));
        let types = comments.iter().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
        Self {
            series: numbers.iter().map(|line| series(line)).collect(),
            types: types.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect(),
        }
    }

    /// The declared names with their types.
    pub(super) fn types(&self) -> impl Iterator<Item = (&str, &str)> {
        self.types.iter().map(|(name, kind)| (name.as_str(), kind.as_str()))
    }

    /// The sum of all series with this name and these labels; `None` without such a
    /// series.
    pub(super) fn number(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let has = |series: &&Series| {
            labels.iter().all(|(label, value)| series.labels.get(*label) == Some(&(*value).to_owned()))
        };
        self.named(name).filter(has).map(|series| series.value).reduce(|sum, value| sum + value)
    }

    /// The values that a label has in all series with this name.
    pub(super) fn values(&self, name: &str, label: &str) -> BTreeSet<String> {
        self.named(name).filter_map(|series| series.labels.get(label).cloned()).collect()
    }

    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &Series> {
        self.series.iter().filter(move |series| series.name == name)
    }
}

fn series(line: &str) -> Series {
    let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no number: {line}"));
    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
    let labels = labels.strip_suffix('}').unwrap_or_else(|| panic!("no end: {line}"));
    let label = |pair: &str| {
        let (name, value) = pair.split_once("=\"").unwrap_or_else(|| panic!("no label: {line}"));
        (name.to_owned(), value.to_owned())
    };
    let pairs = labels.trim_end_matches(',').split_terminator("\",").map(|pair| pair.trim_end_matches('"'));
    Series {
        name: name.to_owned(),
        labels: pairs.map(label).collect(),
        value: value.parse().unwrap_or_else(|_| panic!("no number: {line}")),
    }
}
