//! pgbench with the statements of the server: the upper bound of the database.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command, time::Duration};

use anyhow::{Context as _, Result, ensure};

use super::script::{PREFIX, Script};
use crate::{database::Database, run::Bench, settings::Settings};

type Values = Vec<(String, String)>;

/// Scripts that pgbench selects at random by their weights.
pub(crate) struct Pgbench {
    files: Vec<(PathBuf, usize)>,
    variables: Vec<(String, String)>,
    database: String,
}

/// The number of times that a client repeats the values of one recording.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Turns {
    /// 50 times, for fast statements: the lookup of other values takes time.
    Short,
    /// Once, for slow statements.
    Long,
}

impl Pgbench {
    /// Merges scripts with the same text into one, which looks up its values in a table.
    /// Each client prepares a statement once, as the server does.
    pub(crate) fn prepare(
        bench: &mut Bench<'_>,
        name: &str,
        scripts: Vec<(Script, usize)>,
        turns: Turns,
    ) -> Result<Self> {
        let folder = bench.settings.work.join("pgbench").join(&bench.name).join(name);
        // Removes the scripts of an earlier run.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        let mut alike = BTreeMap::<String, (usize, Vec<Values>)>::new();
        for (script, weight) in scripts {
            let (sum, values) = alike.entry(script.text).or_default();
            *sum += weight;
            values.push(script.values);
        }
        let mut prepared = Self { files: Vec::new(), variables: Vec::new(), database: bench.name.clone() };
        for (number, (text, (weight, values))) in alike.into_iter().enumerate() {
            let file = folder.join(format!("{number}.sql"));
            let set = ValueTable {
                table: format!("bench.{}_{number}", name.replace('-', "_")),
                turn: format!("turn_{number}"),
            };
            // The scripts of one run share a namespace of variables.
            let prefix = format!("of_{number}_");
            let lookup = set.look_up(&mut bench.database, &values, turns)?;
            fs::write(&file, (lookup + &text).replace(PREFIX, &prefix))?;
            prepared.files.push((file, weight));
            let first = values.into_iter().next().unwrap_or_default().into_iter();
            prepared.variables.extend(first.map(|(name, value)| (name.replace(PREFIX, &prefix), value)));
            prepared.variables.push((set.turn, "0".to_owned()));
        }
        Ok(prepared)
    }

    /// Runs the scripts for a time; returns their rate per second. `more` has variables
    /// beside those of the scripts.
    pub(crate) fn run(
        &self,
        settings: &Settings,
        clients: u32,
        time: Duration,
        more: &[(&str, String)],
    ) -> Result<f64> {
        let (folder, port) = &settings.socket;
        let mut command = Command::new(settings.postgres.join("pgbench"));
        command.args(["-n", "-M", "prepared", "-U", "repower", "-h", folder, "-p", &port.to_string()]);
        command.args([
            "-c",
            &clients.to_string(),
            "-j",
            &clients.min(2).to_string(),
            "-T",
            &time.as_secs().to_string(),
        ]);
        // The setting of the sessions of the server.
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
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "pgbench failed: {}", err.lines().take(5).collect::<Vec<_>>().join("; "));
        rate(&out).with_context(|| format!("pgbench printed no rate: {out}"))
    }
}

/// The table with the values of a script, and the variable that counts its runs.
struct ValueTable {
    table: String,
    turn: String,
}

impl ValueTable {
    /// Stores the values in the table; returns the start of the script, which looks up
    /// other values.
    fn look_up(&self, database: &mut Database, values: &[Values], turns: Turns) -> Result<String> {
        let Some(names) = values.first().filter(|names| values.len() > 1 && !names.is_empty()) else {
            return Ok(String::new());
        };
        let Self { table, turn } = self;
        let listed =
            |column: &dyn Fn(&str) -> String| names.iter().map(|(name, _)| column(name)).collect::<Vec<_>>().join(", ");
        let columns = listed(&|name| format!("{} text NOT NULL", column(name)));
        database.execute(&format!("CREATE TABLE {table} (number integer PRIMARY KEY, {columns})"))?;
        for (number, values) in values.iter().enumerate() {
            let values: Vec<_> = values.iter().map(|(_, value)| format!("'{}'", value.replace('\'', "''"))).collect();
            database.execute(&format!("INSERT INTO {table} VALUES ({number}, {})", values.join(", ")))?;
        }
        database.execute(&format!("ANALYZE {table}"))?;
        let every = match turns {
            Turns::Short => 50,
            Turns::Long => 1,
        };
        let (last, columns) = (values.len() - 1, listed(&|name| format!("{} AS {name}", column(name))));
        Ok(format!(
            "\\if :{turn} % {every} = 0\n\\set i random(0, {last})\n\
             SELECT {columns} FROM {table} WHERE number = :i\n\\gset\n\\endif\n\\set {turn} :{turn} + 1\n"
        ))
    }
}

/// The column of a variable.
fn column(name: &str) -> String {
    name.replace(PREFIX, "column_")
}

fn rate(out: &str) -> Option<f64> {
    let (_, rest) = out.split_once("\ntps = ")?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_found() {
        let out = "latency average = 0.1 ms\ntps = 1234.5 (without initial connection time)\nSQL script 1: …\n";
        assert_eq!(rate(out), Some(1234.5));
        assert_eq!(rate("nothing"), None);
    }
}
