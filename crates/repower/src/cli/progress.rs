//! The progress of long work on the standard error: a bar on a terminal, else plain
//! lines, in production lines of the log.

use std::{
    env,
    io::{self, IsTerminal, Write},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::logging;

const BAR: &str = "{prefix} [{bar:30}] {pos}/{len} {elapsed} {wide_msg}";

/// The time between two updates of the bar.
const TICK: Duration = Duration::from_millis(200);

/// The progress of one piece of work. Dropping it removes the bar.
pub(super) struct Progress {
    label: &'static str,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// The bar shows with the first step.
    pub(super) fn of(label: &'static str) -> Self {
        Self { label, bar: is_terminal().then(|| bar(label)) }
    }

    /// Begins step `place` of `total`.
    pub(super) fn step(&self, name: &str, place: usize, total: usize) {
        self.expect(total);
        if let Some(bar) = &self.bar {
            bar.set_position(place as u64);
        }
        self.part(name, place, total);
    }

    /// Begins part `place` of `total`, whose bar counts smaller units.
    pub(super) fn part(&self, name: &str, place: usize, total: usize) {
        match &self.bar {
            Some(bar) => bar.set_message(name.to_owned()),
            None if logging::is_json() => tracing::info!(place, total, name, "{}", self.label),
            // A closed standard error has no reader.
            None => drop(writeln!(io::stderr(), "{} {place}/{total}: {name}", self.label)),
        }
    }

    /// Begins a part of work with a bar of its own length.
    pub(super) fn stage(&self, name: &str, place: usize, total: usize, length: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(0);
            self.expect(usize::try_from(length).unwrap_or(usize::MAX));
        }
        self.part(name, place, total);
    }

    /// Shows the bar with this length.
    pub(super) fn expect(&self, total: usize) {
        if let Some(bar) = &self.bar {
            bar.set_length(total as u64);
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(TICK);
        }
    }

    /// Advances the bar.
    pub(super) fn advance(&self, count: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(count);
        }
    }

    /// Advances the bar by one, and shows a name.
    pub(super) fn next(&self, name: &str) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
            bar.set_message(name.to_owned());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(label: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_unreadable| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
        .with_style(style.progress_chars("=> "))
        .with_prefix(label)
}

/// Whether the standard error can show a bar.
fn is_terminal() -> bool {
    io::stderr().is_terminal() && env::var_os("TERM").is_some_and(|name| !name.is_empty() && name != "dumb")
}
