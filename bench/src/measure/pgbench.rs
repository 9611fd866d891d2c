//! pgbench, with the statements of the server: what the database does at best.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command, time::Duration};

use anyhow::{Context as _, Result, ensure};

use super::script::{PREFIX, Script};
use crate::{database::Database, run::Bench, settings::Settings};

type Values = Vec<(String, String)>;

/// Scripts that are repeated at random, each as often as its weight tells.
pub(crate) struct Pgbench {
    files: Vec<(PathBuf, usize)>,
    variables: Vec<(String, String)>,
    database: String,
}

/// How many times a client repeats the values of one recording.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Turns {
    /// Where looking up the next ones would count.
    Short,
    /// Where it does not.
    Long,
}

impl Pgbench {
    /// Scripts of one text become one, which looks its values up in a table: a
    /// statement is prepared once for each client, as by the server.
    pub(crate) fn prepare(
        bench: &mut Bench<'_>,
        name: &str,
        scripts: Vec<(Script, usize)>,
        turns: Turns,
    ) -> Result<Self> {
        let folder = bench.settings.work.join("pgbench").join(name);
        // What an earlier run left is of no use.
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
            let set =
                Set { table: format!("bench.{}_{number}", name.replace('-', "_")), turn: format!("turn_{number}") };
            // Scripts of one run share their variables.
            let prefix = format!("of_{number}_");
            let looking_up = set.look_up(&mut bench.database, &values, turns)?;
            fs::write(&file, (looking_up + &text).replace(PREFIX, &prefix))?;
            prepared.files.push((file, weight));
            let first = values.into_iter().next().unwrap_or_default().into_iter();
            prepared.variables.extend(first.map(|(name, value)| (name.replace(PREFIX, &prefix), value)));
            prepared.variables.push((set.turn, "0".to_owned()));
        }
        Ok(prepared)
    }

    /// Repeats them for so long; answers how many were done in a second. `more`
    /// are variables beside those of the scripts.
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
        ensure!(
            output.status.success(),
            "pgbench failed: {}",
            complaint.lines().take(5).collect::<Vec<_>>().join("; ")
        );
        rate(&told).with_context(|| format!("pgbench tells no rate: {told}"))
    }
}

/// Where the values of a script are looked up, and what counts its turns.
struct Set {
    table: String,
    turn: String,
}

impl Set {
    /// Puts the values into the table, and answers what has to come first in
    /// the script: every so often, other values are looked up.
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
