//! The description of the machine and the settings, without host name and paths.

use std::{fs, thread};

use anyhow::Result;

use crate::{database::Database, settings::Settings};

/// The settings of PostgreSQL that are described.
const KNOWN: &str = "'shared_buffers', 'effective_cache_size', 'work_mem', 'max_wal_size', 'fsync', \
    'synchronous_commit', 'full_page_writes', 'random_page_cost', 'jit'";

/// The rows of the description: name and value.
pub(super) fn describe(settings: &Settings, database: &mut Database) -> Result<Vec<(String, String)>> {
    let mut rows = vec![
        ("processor".to_owned(), processor()),
        ("memory".to_owned(), memory()),
        ("kernel".to_owned(), kernel()),
        ("PostgreSQL".to_owned(), version(database)?),
    ];
    let known = format!(
        "SELECT string_agg(name || ' = ' || current_setting(name), ', ' ORDER BY name) AS value FROM pg_settings WHERE name IN ({KNOWN})"
    );
    rows.push(("PostgreSQL settings".to_owned(), database.text(&known)?));
    rows.push(("data set".to_owned(), data(settings, database)?));
    let size = database.text("SELECT pg_size_pretty(pg_database_size(current_database())) AS value")?;
    rows.push(("data set size".to_owned(), size));
    rows.push((
        "rounds".to_owned(),
        format!("{} of {} s, interleaved, after 1 s to warm up", settings.rounds, settings.round.as_secs()),
    ));
    rows.push((
        "load".to_owned(),
        format!(
            "wrk with {} connections over loopback; the server's pool and pgbench have {} connections each",
            settings.connections, settings.clients
        ),
    ));
    Ok(rows)
}

fn version(database: &mut Database) -> Result<String> {
    database.text("SELECT current_setting('server_version') AS value")
}

fn data(settings: &Settings, database: &mut Database) -> Result<String> {
    let tables = ["companies", "technicians", "certifications", "jobs", "applications", "threads", "messages"];
    let mut counts = Vec::new();
    for table in tables {
        counts.push(format!("{} {table}", database.text(&format!("SELECT count(*) AS value FROM {table}"))?));
    }
    Ok(format!("scale {}, seed {}: {}", settings.scale, settings.seed, counts.join(", ")))
}

fn processor() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    format!("{cores} cores, {}", model.map_or("unknown model", |(_, model)| model))
}

fn memory() -> String {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total =
        text.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse::<u64>().ok());
    format!("{} GiB", total.unwrap_or_default().div_ceil(1024 * 1024))
}

fn kernel() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("Linux {}", release.split('-').next().unwrap_or_default().trim())
}
