//! The data set, loaded by the command of the server. It is reused while scale, seed,
//! schema and loader are the same.

use anyhow::{Result, ensure};

use crate::{
    database::{self, Database},
    report_progress, server,
    settings::Settings,
};

/// Loads the data set of this size, if it does not exist; returns the name of the
/// database.
pub(crate) fn ensure_loaded(settings: &Settings, scale: f64) -> Result<String> {
    let name = format!("bench_{scale}_{}", settings.seed).replace(['.', '-'], "_");
    let mut cluster = Database::open(&settings.url("postgres"))?;
    let known = cluster.rows(&format!(
        "SELECT shobj_description(oid, 'pg_database') AS loaded_by FROM pg_database WHERE datname = '{name}'"
    ))?;
    let loaded_by = known.first().and_then(|row| database::text(row, "loaded_by"));
    if settings.is_fresh || loaded_by.as_ref() != Some(&settings.schema) {
        report_progress(&format!("loading the data set of scale {scale} and seed {}", settings.seed));
        cluster.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        cluster.execute(&format!("CREATE DATABASE {name}"))?;
        fill(settings, &name, scale)?;
        cluster.execute(&format!("COMMENT ON DATABASE {name} IS '{}'", settings.schema))?;
    }
    // Replaces the tables of an earlier run.
    Database::open(&settings.url(&name))?.execute("DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench")?;
    Ok(name)
}

/// Loads the data set into an empty database.
fn fill(settings: &Settings, name: &str, scale: f64) -> Result<()> {
    let (scale, seed) = (scale.to_string(), settings.seed.to_string());
    let load = ["load-data", "--scale", &scale, "--seed", &seed];
    for arguments in [["migrate"].as_slice(), &load] {
        let status = server::command(settings, name, &[("APP_ENV", "development")]).args(arguments).status()?;
        ensure!(status.success(), "repower {} failed with {status}", arguments.join(" "));
    }
    let mut database = Database::open(&settings.url(name))?;
    database.execute("VACUUM (ANALYZE)")?;
    database.execute("CHECKPOINT")
}
