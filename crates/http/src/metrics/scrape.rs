use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use prometheus::{Error, Gauge, GaugeVec, IntCounterVec, Opts, Registry};

/// The gauges and counters that are read from their sources at each scrape.
#[derive(Default)]
pub(super) struct Scrape(Mutex<Vec<Box<dyn Fn() + Send>>>);

impl Scrape {
    /// Adds a gauge with the values that `read` returns, each with its labels.
    pub(super) fn gauge<const N: usize>(
        &self,
        registry: &Registry,
        opts: Opts,
        labels: [&str; N],
        read: impl Fn() -> Vec<([&'static str; N], u64)> + Send + 'static,
    ) -> Result<(), Error> {
        let gauge = GaugeVec::new(opts, &labels)?;
        registry.register(Box::new(gauge.clone()))?;
        self.add(move || {
            for (labels, value) in read() {
                gauge.with_label_values(&labels).set(float(value));
            }
        });
        Ok(())
    }

    /// Adds a gauge with the time that `read` returns, in seconds.
    pub(super) fn seconds(
        &self,
        registry: &Registry,
        opts: Opts,
        read: impl Fn() -> Duration + Send + 'static,
    ) -> Result<(), Error> {
        let gauge = Gauge::with_opts(opts)?;
        registry.register(Box::new(gauge.clone()))?;
        self.add(move || gauge.set(read().as_secs_f64()));
        Ok(())
    }

    /// Adds a counter with the totals that `read` returns, each with its labels.
    pub(super) fn counter<const N: usize>(
        &self,
        registry: &Registry,
        opts: Opts,
        labels: [&str; N],
        read: impl Fn() -> Vec<([&'static str; N], u64)> + Send + 'static,
    ) -> Result<(), Error> {
        let counter = IntCounterVec::new(opts, &labels)?;
        registry.register(Box::new(counter.clone()))?;
        self.add(move || {
            for (labels, total) in read() {
                let counter = counter.with_label_values(&labels);
                counter.inc_by(total.saturating_sub(counter.get()));
            }
        });
        Ok(())
    }

    fn add(&self, read: impl Fn() + Send + 'static) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(read));
    }

    /// Reads all sources.
    pub(super) fn read(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|read| read());
    }
}

#[expect(clippy::cast_precision_loss, reason = "a number is exact up to 2^53, and no gauge exceeds it")]
const fn float(number: u64) -> f64 {
    number as f64
}
