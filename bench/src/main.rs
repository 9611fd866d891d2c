//! Measures how close the server comes to what PostgreSQL and actix-web can do
//! on the same machine. Started by `scripts/bench`.

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

/// Tells how far it is.
fn tell(what: &str) {
    eprintln!("bench: {what}");
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => run::all(&settings::Settings::read()?),
        ["bare", file, content_type] => measure::bare::serve(file, content_type),
        ["hash", threads, cost, seconds] => special::hashing::tell(threads.parse()?, cost.parse()?, seconds.parse()?),
        _ => bail!("usage: repower-bench"),
    }
}
