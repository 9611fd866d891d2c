//! The dashboard and the alerts of `deploy/` use the series of `/metrics` only.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
};

use promql_parser::{
    label::{MatchOp, Matcher},
    parser::{self, AggregateExpr, Expr, VectorSelector},
    util::{ExprVisitor, walk_expr},
};
use saphyr::{LoadableYamlNode, Yaml};
use serde_json::Value;

use super::{exposition::Exposition, story::Story};
use crate::support::{App, TcpProxy, until};

const DASHBOARD: &str = include_str!("../../../../../deploy/grafana/repower.json");
const ALERTS: &str = include_str!("../../../../../deploy/prometheus/alerts.yml");

/// The labels that Prometheus adds to every series of a target.
const TARGET_LABELS: [&str; 2] = ["job", "instance"];
/// The series that Prometheus itself adds for every target.
const PROMETHEUS_SERIES: &str = "up";
/// The prefix of the series that exist on Linux only.
const LINUX_PREFIX: &str = "process_";

/// The selectors and the grouping labels of an expression.
#[derive(Default)]
struct Expression {
    selectors: Vec<VectorSelector>,
    labels: BTreeSet<String>,
}

impl Expression {
    fn parse(expression: &str) -> Self {
        let parsed = parser::parse(expression).unwrap_or_else(|error| panic!("{error}: {expression}"));
        let mut parts = Self::default();
        let Ok(_) = walk_expr(&mut parts, &parsed);
        parts
    }
}

impl ExprVisitor for Expression {
    type Error = Infallible;

    fn pre_visit(&mut self, part: &Expr) -> Result<bool, Infallible> {
        match part {
            Expr::VectorSelector(selector) => self.selectors.push(selector.clone()),
            Expr::MatrixSelector(matrix) => self.selectors.push(matrix.vs.clone()),
            Expr::Aggregate(AggregateExpr { modifier: Some(grouping), .. }) => {
                self.labels.extend(grouping.labels().labels.iter().cloned());
            }
            _ => {}
        }
        Ok(true)
    }
}

fn matches_value(matcher: &Matcher, value: &str) -> bool {
    match &matcher.op {
        MatchOp::Equal => matcher.value == value,
        MatchOp::NotEqual => matcher.value != value,
        MatchOp::Re(pattern) => pattern.is_match(value),
        MatchOp::NotRe(pattern) => !pattern.is_match(value),
    }
}

/// Asserts that each selector matches a series, and that the series have each label.
fn assert_exists(exposition: &Exposition, expression: &str) {
    let Expression { selectors, labels } = Expression::parse(expression);
    assert!(!selectors.is_empty(), "{expression}");
    let mut known = BTreeSet::from(TARGET_LABELS.map(str::to_owned));
    for selector in selectors {
        let name = selector.name.as_deref().unwrap_or_else(|| panic!("no name: {expression}"));
        let matchers = selector.matchers.matchers.iter();
        let own: Vec<_> = matchers.filter(|matcher| !TARGET_LABELS.contains(&matcher.name.as_str())).collect();
        if name == PROMETHEUS_SERIES {
            assert!(own.is_empty(), "{expression}");
            continue;
        }
        if cfg!(not(target_os = "linux")) && name.starts_with(LINUX_PREFIX) {
            continue;
        }
        let found = |labels: &BTreeMap<String, String>| {
            own.iter().all(|matcher| labels.get(&matcher.name).is_some_and(|value| matches_value(matcher, value)))
        };
        assert!(
            exposition.named(name).any(|series| found(&series.labels)),
            "no series matches {selector} in {expression}"
        );
        known.extend(exposition.named(name).flat_map(|series| series.labels.keys().cloned()));
    }
    assert!(labels.is_subset(&known), "{labels:?} in {expression}");
}

/// The metrics of a server after all kinds of requests and an outage of its database.
fn all_metrics() -> Exposition {
    let proxy = TcpProxy::closed();
    proxy.open();
    let app = App::start_behind(&proxy);
    until(|| app.get("/health/ready").send().status == 200);
    let address = app.address().to_string();
    let story = Story::play(&address);
    proxy.close();
    story.play_without_database();
    app.get("/metrics").send();
    Exposition::of(&app.get("/metrics").send())
}

/// All values of fields with a name, at any depth.
fn fields<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    match value {
        Value::Object(object) => {
            let own = object.get(name).and_then(Value::as_str);
            own.into_iter().chain(object.values().flat_map(|value| fields(value, name))).collect()
        }
        Value::Array(values) => values.iter().flat_map(|value| fields(value, name)).collect(),
        _ => Vec::new(),
    }
}

/// The values of a key, one for each line that has the key.
fn lines_of<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix(key)?.strip_prefix(": ")).collect()
}

#[test]
fn the_dashboard_uses_existing_series_only() {
    let exposition = all_metrics();
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let expressions = fields(&dashboard, "expr");
    assert!(expressions.len() > 20, "{expressions:?}");
    for expression in expressions {
        assert_exists(&exposition, &expression.replace("$__rate_interval", "5m"));
    }
    for query in fields(&dashboard["templating"], "definition") {
        let (series, label) =
            query.strip_prefix("label_values(").unwrap().strip_suffix(')').unwrap().rsplit_once(", ").unwrap();
        assert_exists(&exposition, &format!("sum by ({label}) ({series})"));
    }
}

#[test]
fn the_dashboard_shows_every_metric() {
    let exposition = all_metrics();
    for (name, _) in exposition.types().filter(|(name, _)| !name.starts_with(LINUX_PREFIX)) {
        assert!(DASHBOARD.contains(name), "{name}");
    }
}

#[test]
fn every_legend_names_a_label_of_its_expression() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    for target in panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten() {
        let (expression, legend) = (target["expr"].as_str().unwrap(), target["legendFormat"].as_str().unwrap());
        let labels = Expression::parse(&expression.replace("$__rate_interval", "5m")).labels;
        for part in legend.split("{{").skip(1) {
            let (label, _) = part.split_once("}}").unwrap();
            assert!(labels.contains(label), "{label} in {legend} of {expression}");
        }
    }
}

#[test]
fn panels_do_not_overlap_and_have_unique_ids() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    let mut taken = BTreeSet::new();
    for panel in panels {
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().unwrap());
        assert!(x + w <= 24, "{}", panel["title"]);
        for place in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            assert!(taken.insert(place), "{}", panel["title"]);
        }
    }
}

#[test]
fn alerts_use_existing_series_only() {
    let exposition = all_metrics();
    let expressions = lines_of(ALERTS, "expr");
    assert!(expressions.len() > 10, "{expressions:?}");
    for expression in expressions {
        assert_exists(&exposition, expression);
    }
}

#[test]
fn the_files_of_the_deployment_are_yaml() {
    let compose = include_str!("../../../../../docker-compose.yml");
    let patroni = include_str!("../../../../../deploy/patroni/patroni.yml");
    for (name, text) in [("alerts.yml", ALERTS), ("docker-compose.yml", compose), ("patroni.yml", patroni)] {
        let documents = Yaml::load_from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(documents.len() == 1 && documents[0].is_mapping(), "{name}");
    }
}

#[test]
fn every_alert_has_a_severity_a_summary_and_a_description() {
    let names = lines_of(ALERTS, "alert");
    assert_eq!(BTreeSet::from_iter(&names).len(), names.len());
    for key in ["expr", "summary", "description"] {
        assert_eq!(lines_of(ALERTS, key).len(), names.len(), "{key}");
    }
    let severities = lines_of(ALERTS, "severity");
    assert_eq!(severities.len(), names.len());
    assert!(severities.iter().all(|severity| ["critical", "warning"].contains(severity)), "{severities:?}");
}
