//! Compares the server with PostgreSQL and actix-web on the same machine.
//! `scripts/bench` starts it.

mod database;
mod load;
mod measure;
mod process;
mod record;
mod report;
mod request;
mod run;
mod scenarios;
mod server;
mod settings;
mod site;
mod special;
mod stats;
mod trace;

use std::env;

use anyhow::{Result, bail};

/// Prints the progress on the standard error.
fn report_progress(text: &str) {
    eprintln!("bench: {text}");
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => run::all(&settings::Settings::read()?),
        ["bare", file, content_type] => measure::bare::serve(file, content_type),
        ["hash", threads, cost, seconds] => special::hashing::run(threads.parse()?, cost.parse()?, seconds.parse()?),
        _ => bail!("usage: repower-bench"),
    }
}
