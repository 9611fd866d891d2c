//! bcrypt alone: the upper bound of logins.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;

/// Computes hashes on a number of threads for a time; prints the rate per second.
pub(crate) fn run(threads: usize, cost: u32, seconds: u64) -> Result<()> {
    let (started, time) = (Instant::now(), Duration::from_secs(seconds));
    let hash = move || -> Result<u32> {
        let mut done = 0;
        while started.elapsed() < time {
            bcrypt::non_truncating_hash("load-data-1", cost)?;
            done += 1;
        }
        Ok(done)
    };
    let running: Vec<_> = (0..threads).map(|_| thread::spawn(hash)).collect();
    let mut done = 0;
    for thread in running {
        done += thread.join().unwrap_or(Ok(0))?;
    }
    println!("{}", f64::from(done) / started.elapsed().as_secs_f64());
    Ok(())
}
