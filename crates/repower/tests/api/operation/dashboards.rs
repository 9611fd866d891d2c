//! The dashboard and the alerts of `deploy/` use what `/metrics` tells, and
//! nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
};

use promql_parser::{
    label::{MatchOp, Matcher},
    parser::{self, AggregateExpr, Expr, VectorSelector},
    util::{ExprVisitor, walk_expr},
};
use serde_json::Value;

use super::{exposition::Exposition, story::Story};
use crate::support::{App, TcpProxy, until};

const DASHBOARD: &str = include_str!("../../../../../deploy/grafana/repower.json");
const ALERTS: &str = include_str!("../../../../../deploy/prometheus/alerts.yml");

/// What Prometheus adds to every series of a target.
const OF_THE_TARGET: [&str; 2] = ["job", "instance"];
/// What Prometheus tells of every target by itself.
const BY_ITSELF: &str = "up";
/// What there is on Linux only.
const OF_LINUX: &str = "process_";

/// What an expression asks for.
#[derive(Default)]
struct Asked {
    selectors: Vec<VectorSelector>,
    labels: BTreeSet<String>,
}

impl Asked {
    fn by(expression: &str) -> Self {
        let parsed = parser::parse(expression).unwrap_or_else(|error| panic!("{error}: {expression}"));
        let mut asked = Self::default();
        let Ok(_) = walk_expr(&mut asked, &parsed);
        asked
    }
}

impl ExprVisitor for Asked {
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

fn agrees(matcher: &Matcher, value: &str) -> bool {
    match &matcher.op {
        MatchOp::Equal => matcher.value == value,
        MatchOp::NotEqual => matcher.value != value,
        MatchOp::Re(pattern) => pattern.is_match(value),
        MatchOp::NotRe(pattern) => !pattern.is_match(value),
    }
}

/// Asserts that each selector finds a series, and each label is one of theirs.
fn assert_answered(told: &Exposition, expression: &str) {
    let Asked { selectors, labels } = Asked::by(expression);
    assert!(!selectors.is_empty(), "{expression}");
    let mut known = BTreeSet::from(OF_THE_TARGET.map(str::to_owned));
    for selector in selectors {
        let name = selector.name.as_deref().unwrap_or_else(|| panic!("no name: {expression}"));
        let matchers = selector.matchers.matchers.iter();
        let own: Vec<_> = matchers.filter(|matcher| !OF_THE_TARGET.contains(&matcher.name.as_str())).collect();
        if name == BY_ITSELF {
            assert!(own.is_empty(), "{expression}");
            continue;
        }
        if cfg!(not(target_os = "linux")) && name.starts_with(OF_LINUX) {
            continue;
        }
        let found = |labels: &BTreeMap<String, String>| {
            own.iter().all(|matcher| labels.get(&matcher.name).is_some_and(|value| agrees(matcher, value)))
        };
        assert!(told.named(name).any(|series| found(&series.labels)), "nothing is {selector} in {expression}");
        known.extend(told.named(name).flat_map(|series| series.labels.keys().cloned()));
    }
    assert!(labels.is_subset(&known), "{labels:?} in {expression}");
}

/// What a server tells that saw everything, an outage of its database too.
fn everything() -> Exposition {
    let gate = TcpProxy::closed();
    gate.open();
    let app = App::start_behind(&gate);
    until(|| app.get("/health/ready").send().status == 200);
    let address = app.address().to_string();
    let story = Story::told_to(&address);
    gate.close();
    story.told_in_vain();
    app.get("/metrics").send();
    Exposition::of(&app.get("/metrics").send())
}

/// All values of fields with this name, wherever they are.
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

/// What follows the key, on each line that has it.
fn lines_of<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix(key)?.strip_prefix(": ")).collect()
}

#[test]
fn the_dashboard_shows_only_what_there_is() {
    let told = everything();
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let expressions = fields(&dashboard, "expr");
    assert!(expressions.len() > 20, "{expressions:?}");
    for expression in expressions {
        assert_answered(&told, &expression.replace("$__rate_interval", "5m"));
    }
    for query in fields(&dashboard["templating"], "definition") {
        let (series, label) =
            query.strip_prefix("label_values(").unwrap().strip_suffix(')').unwrap().rsplit_once(", ").unwrap();
        assert_answered(&told, &format!("sum by ({label}) ({series})"));
    }
}

#[test]
fn the_dashboard_shows_every_metric_of_ours() {
    let told = everything();
    for (name, _) in told.types().filter(|(name, _)| !name.starts_with(OF_LINUX)) {
        assert!(DASHBOARD.contains(name), "{name}");
    }
}

#[test]
fn every_legend_names_a_label_that_its_expression_leaves() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    for target in panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten() {
        let (expression, legend) = (target["expr"].as_str().unwrap(), target["legendFormat"].as_str().unwrap());
        let labels = Asked::by(&expression.replace("$__rate_interval", "5m")).labels;
        for part in legend.split("{{").skip(1) {
            let (label, _) = part.split_once("}}").unwrap();
            assert!(labels.contains(label), "{label} in {legend} of {expression}");
        }
    }
}

#[test]
fn panels_lie_side_by_side_and_have_an_identity_each() {
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
fn alerts_ask_only_for_what_there_is() {
    let told = everything();
    let expressions = lines_of(ALERTS, "expr");
    assert!(expressions.len() > 10, "{expressions:?}");
    for expression in expressions {
        assert_answered(&told, expression);
    }
}

#[test]
fn every_alert_says_how_bad_it_is_and_what_to_do() {
    let names = lines_of(ALERTS, "alert");
    assert_eq!(BTreeSet::from_iter(&names).len(), names.len());
    for key in ["expr", "summary", "description"] {
        assert_eq!(lines_of(ALERTS, key).len(), names.len(), "{key}");
    }
    let severities = lines_of(ALERTS, "severity");
    assert_eq!(severities.len(), names.len());
    assert!(severities.iter().all(|severity| ["critical", "warning"].contains(severity)), "{severities:?}");
}
