//! pgbench, with the statements of the server: what the database does at best.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};

use super::script::Script;
use crate::settings::Settings;

/// Scripts that are repeated at random, each as often as its weight tells.
pub(crate) struct Pgbench {
    files: Vec<(PathBuf, u32)>,
    variables: Vec<(String, String)>,
    database: String,
}

impl Pgbench {
    /// Writes the scripts into a folder of their own.
    pub(crate) fn prepare(settings: &Settings, database: &str, name: &str, scripts: Vec<(Script, u32)>) -> Result<Self> {
        let folder = settings.work.join("pgbench").join(name);
        // What an earlier run left is of no use.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        let mut prepared = Self { files: Vec::new(), variables: Vec::new(), database: database.to_owned() };
        for (number, (script, weight)) in scripts.into_iter().enumerate() {
            let file = folder.join(format!("{number}.sql"));
            fs::write(&file, script.text)?;
            prepared.files.push((file, weight));
            prepared.variables.extend(script.variables);
        }
        Ok(prepared)
    }

    /// Repeats them for so long; answers how many were done in a second. `more`
    /// are variables beside those of the scripts.
    pub(crate) fn run(&self, settings: &Settings, clients: u32, time: Duration, more: &[(&str, String)]) -> Result<f64> {
        let (folder, port) = &settings.socket;
        let mut command = Command::new(program(&settings.postgres));
        command.args(["-n", "-M", "prepared", "-U", "repower", "-h", folder, "-p", &port.to_string()]);
        command.args(["-c", &clients.to_string(), "-j", &clients.min(2).to_string(), "-T", &time.as_secs().to_string()]);
        // As the server sets it for its sessions.
        command.env("PGOPTIONS", "-c plan_cache_mode=force_generic_plan").env("PGAPPNAME", "pgbench");
        for (name, value) in &self.variables {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        for (name, value) in more {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        for (file, weight) in &self.files {
            command.arg("-f").arg(format!("{}@{weight}", file.display()));
        }
        let output = command.arg(&self.database).output()?;
        let (told, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "pgbench failed: {}", complaint.lines().take(5).collect::<Vec<_>>().join("; "));
        rate(&told).with_context(|| format!("pgbench tells no rate: {told}"))
    }
}

fn program(folder: &Path) -> PathBuf {
    folder.join("pgbench")
}

fn rate(told: &str) -> Option<f64> {
    let (_, rest) = told.split_once("\ntps = ")?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_found() {
        let told = "latency average = 0.1 ms\ntps = 1234.5 (without initial connection time)\nSQL script 1: …\n";
        assert_eq!(rate(told), Some(1234.5));
        assert_eq!(rate("nothing"), None);
    }
}
