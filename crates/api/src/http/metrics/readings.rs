//! Numbers that nobody counts: they are read when they are asked for.

use std::{collections::HashMap, sync::Arc};

use prometheus::{
    Error,
    core::{Collector, Desc},
    proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType},
};
use repower_ports::operation::{PoolProbe, PoolState};

use crate::http::{Connections, ConnectionsState, LaneState, Lanes, Pages, PagesState};

/// The values of the labels, and the number.
type Reading<const N: usize> = ([&'static str; N], f64);

/// All numbers of one name.
pub(super) struct Readings {
    desc: Desc,
    kind: MetricType,
    read: Box<dyn Fn() -> Vec<Metric> + Send + Sync>,
}

impl Readings {
    /// What may go down again.
    fn gauge<const N: usize, R: IntoIterator<Item = Reading<N>>>(
        name: &str,
        help: &str,
        labels: [&'static str; N],
        read: impl Fn() -> R + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        Self::new(name, help, labels, MetricType::GAUGE, read, |metric, value| {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            metric.set_gauge(gauge);
        })
    }

    /// What only goes up.
    fn counter<const N: usize, R: IntoIterator<Item = Reading<N>>>(
        name: &str,
        help: &str,
        labels: [&'static str; N],
        read: impl Fn() -> R + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        Self::new(name, help, labels, MetricType::COUNTER, read, |metric, value| {
            let mut counter = Counter::default();
            counter.set_value(value);
            metric.set_counter(counter);
        })
    }

    fn new<const N: usize, R: IntoIterator<Item = Reading<N>>>(
        name: &str,
        help: &str,
        labels: [&'static str; N],
        kind: MetricType,
        read: impl Fn() -> R + Send + Sync + 'static,
        set: fn(&mut Metric, f64),
    ) -> Result<Self, Error> {
        let names = labels.map(str::to_owned).to_vec();
        let desc = Desc::new(name.to_owned(), help.to_owned(), names, HashMap::new())?;
        let metric = move |(values, number): Reading<N>| {
            let mut metric = Metric::from_label(labels.into_iter().zip(values).map(pair).collect());
            set(&mut metric, number);
            metric
        };
        Ok(Self { desc, kind, read: Box::new(move || read().into_iter().map(metric).collect()) })
    }
}

fn pair((name, value): (&str, &str)) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(name.to_owned());
    pair.set_value(value.to_owned());
    pair
}

impl Collector for Readings {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.desc]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut family = MetricFamily::default();
        family.set_name(self.desc.fq_name.clone());
        family.set_help(self.desc.help.clone());
        family.set_field_type(self.kind);
        family.set_metric((self.read)());
        vec![family]
    }
}

/// How full the lanes are.
pub(super) fn of_lanes(lanes: &Lanes) -> Result<Vec<Readings>, Error> {
    let gauge = |name, help, pick: fn(LaneState) -> usize| {
        let lanes = lanes.clone();
        let read = move || lanes.by_name().map(|(name, lane)| ([name], number(pick(lane.state()))));
        Readings::gauge(name, help, ["lane"], read)
    };
    let refusing = lanes.clone();
    let refused = move || {
        refusing
            .by_name()
            .into_iter()
            .flat_map(|(name, lane)| {
                let LaneState { refused_full, refused_patience, .. } = lane.state();
                [([name, "full"], count(refused_full)), ([name, "patience"], count(refused_patience))]
            })
            .collect::<Vec<_>>()
    };
    Ok(vec![
        gauge("repower_lane_width", "How many jobs of a lane may run at once.", |lane| lane.width)?,
        gauge("repower_lane_running", "How many jobs of a lane run.", |lane| lane.running)?,
        gauge("repower_lane_waiting", "How many jobs wait for a lane.", |lane| lane.waiting)?,
        Readings::counter(
            "repower_lane_refused_total",
            "Requests that were turned away: too many waited, or they waited too long.",
            ["lane", "reason"],
            refused,
        )?,
    ])
}

/// How far the connections to the database are in use.
pub(super) fn of_pool(pool: &Arc<dyn PoolProbe>) -> Result<Vec<Readings>, Error> {
    let read = |pick: fn(PoolState) -> f64| {
        let pool = Arc::clone(pool);
        move || [([], pick(pool.state()))]
    };
    let connections = Arc::clone(pool);
    let by_state = move || {
        let PoolState { idle, in_use, .. } = connections.state();
        [(["idle"], f64::from(idle)), (["in_use"], f64::from(in_use))]
    };
    Ok(vec![
        Readings::gauge("repower_pool_connections", "Open connections to the database.", ["state"], by_state)?,
        Readings::gauge(
            "repower_pool_max_connections",
            "How many connections to the database there may be.",
            [],
            read(|pool| f64::from(pool.max)),
        )?,
        Readings::gauge(
            "repower_pool_waiting",
            "How many wait for a connection to the database.",
            [],
            read(|pool| f64::from(pool.waiting)),
        )?,
        Readings::counter(
            "repower_pool_refused_total",
            "How often there was no connection to the database in time.",
            [],
            read(|pool| count(pool.refused)),
        )?,
    ])
}

/// How often public pages were given again, and what they take.
pub(super) fn of_pages(pages: &Pages) -> Result<Vec<Readings>, Error> {
    let read = |pick: fn(PagesState) -> f64| {
        let pages = pages.clone();
        move || [([], pick(pages.state()))]
    };
    let requested = pages.clone();
    let by_source = move || {
        let PagesState { hits, waits, loads, .. } = requested.state();
        [(["kept"], count(hits)), (["awaited"], count(waits)), (["made"], count(loads))]
    };
    Ok(vec![
        Readings::counter(
            "repower_pages_total",
            "Public pages that were asked for: kept ones, those awaited as they were being made, and those made.",
            ["source"],
            by_source,
        )?,
        Readings::counter(
            "repower_page_changes_total",
            "How often something changed that public pages may show, so that those kept were given no longer.",
            [],
            read(|pages| count(pages.changes)),
        )?,
        Readings::gauge(
            "repower_page_bytes",
            "How much memory the public pages take that are kept.",
            [],
            read(|pages| number(pages.bytes)),
        )?,
        Readings::gauge(
            "repower_page_max_bytes",
            "How much memory public pages may take; 0 where none is kept.",
            [],
            read(|pages| number(pages.max_bytes)),
        )?,
    ])
}

/// How many clients are connected.
pub(super) fn of_connections(connections: &Arc<Connections>) -> Result<Vec<Readings>, Error> {
    let read = |pick: fn(ConnectionsState) -> usize| {
        let connections = Arc::clone(connections);
        move || [([], number(pick(connections.state())))]
    };
    let cutting = Arc::clone(connections);
    let cut = move || {
        let ConnectionsState { cut_pause, cut_room, refused, .. } = cutting.state();
        [(["pause"], count(cut_pause)), (["room"], count(cut_room)), (["refused"], count(refused))]
    };
    Ok(vec![
        Readings::gauge("repower_connections", "Connections that clients hold.", [], read(|state| state.open))?,
        Readings::gauge(
            "repower_max_connections",
            "How many connections of clients there may be.",
            [],
            read(|state| state.most),
        )?,
        Readings::counter(
            "repower_connections_cut_total",
            "Connections that were cut: they paused too long, made room for others, or found none.",
            ["reason"],
            cut,
        )?,
    ])
}

fn number(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}

#[expect(clippy::cast_precision_loss, reason = "a number is exact up to 2^53, and so much is never counted")]
const fn count(count: u64) -> f64 {
    count as f64
}
