//! The data set: loaded by the server's own command, kept, and used again while
//! it is the same.

use anyhow::{Result, ensure};

use crate::{
    database::{self, Database},
    server,
    settings::Settings,
    tell,
};

/// The name of a database that holds the data set of this size; loads it where
/// it is not there.
pub(crate) fn ensure_loaded(settings: &Settings, scale: f64) -> Result<String> {
    let name = format!("bench_{scale}_{}", settings.seed).replace(['.', '-'], "_");
    let mut cluster = Database::open(&settings.url("postgres"))?;
    let known = cluster.rows(&format!(
        "SELECT shobj_description(oid, 'pg_database') AS made_by FROM pg_database WHERE datname = '{name}'"
    ))?;
    let made_by = known.first().and_then(|row| database::text(row, "made_by"));
    if settings.is_fresh || made_by.as_ref() != Some(&settings.schema) {
        tell(&format!("loading the data set of scale {scale} and seed {}", settings.seed));
        cluster.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        cluster.execute(&format!("CREATE DATABASE {name}"))?;
        fill(settings, &name, scale)?;
        cluster.execute(&format!("COMMENT ON DATABASE {name} IS '{}'", settings.schema))?;
    }
    // What an earlier run left, and room for this one.
    Database::open(&settings.url(&name))?.execute("DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench")?;
    Ok(name)
}

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
