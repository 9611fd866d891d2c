//! Recorded statements as scripts for pgbench.

use std::fmt::Write as _;

use crate::{
    record::Recorded,
    trace::{self, Piece, Statement},
};

/// The replacement of a value that differs in each repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Replacement {
    /// A new id.
    NewId,
    /// A variable of pgbench.
    Variable(&'static str),
}

/// The values of one recording that change, with their replacements.
pub(crate) type Changing = Vec<(String, Replacement)>;

/// The text of a script, and the values of its variables in one recording.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) text: String,
    pub(crate) values: Vec<(String, String)>,
}

/// The prefix of the variables with the values of a recording.
pub(crate) const PREFIX: &str = "value_";

/// Writes scripts. A time at or after `since` was the current time of the recording.
pub(crate) struct Writer<'a> {
    pub(crate) since: &'a str,
    pub(crate) changing: &'a Changing,
}

/// Counts the runs of each client, for unique ids.
const NEW_ID: &str = "\\set n :n + 1\n\\set id :base + :client_id * 10000000 + :n\n";

impl Writer<'_> {
    /// The script of a recording; `first` is its start.
    pub(crate) fn write(&self, recorded: &Recorded, first: &str) -> Script {
        let mut script = Script { text: first.to_owned(), values: Vec::new() };
        if self.changing.iter().any(|(_, replacement)| *replacement == Replacement::NewId) {
            script.text.push_str(NEW_ID);
        }
        for statement in &recorded.statements {
            self.add(&mut script, statement);
            script.text.push_str(";\n");
        }
        script
    }

    fn add(&self, script: &mut Script, statement: &Statement) {
        for piece in trace::pieces(&statement.text) {
            match piece {
                Piece::Text(text) => script.text.push_str(text),
                Piece::Parameter(number) => {
                    let value = number.checked_sub(1).and_then(|place| statement.parameters.get(place));
                    match value.and_then(Option::as_deref) {
                        None => script.text.push_str("NULL"),
                        Some(value) => self.put(script, value),
                    }
                }
            }
        }
    }

    fn put(&self, script: &mut Script, value: &str) {
        let replacement = self.changing.iter().find(|(known, _)| known == value).map(|(_, replacement)| replacement);
        // Writing to a String does not fail.
        let _ = match replacement {
            Some(Replacement::NewId) => write!(script.text, "rpad(:id::text, 32, '0')::uuid"),
            Some(Replacement::Variable(name)) => write!(script.text, ":{name}"),
            None if self.is_present(value) => write!(script.text, "now()"),
            None => Self::put_constant(script, value),
        };
    }

    /// Whether a value is a time of the recording, in the format of PostgreSQL.
    fn is_present(&self, value: &str) -> bool {
        value.len() >= self.since.len()
            && value.as_bytes().get(10) == Some(&b' ')
            && value >= self.since
            && value.bytes().next().is_some_and(|digit| digit.is_ascii_digit())
            && value.as_bytes().get(4) == Some(&b'-')
    }

    fn put_constant(script: &mut Script, value: &str) -> std::fmt::Result {
        if value.is_empty() {
            // pgbench accepts no variable without a value.
            script.text.push_str("''");
            return Ok(());
        }
        let name = format!("{PREFIX}{}", script.values.len());
        write!(script.text, ":{name}")?;
        script.values.push((name, value.to_owned()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::server::Reply;

    fn recorded(statements: &[(&str, &[&str])]) -> Recorded {
        let statements = statements.iter().map(|(text, parameters)| Statement {
            text: (*text).to_owned(),
            parameters: parameters.iter().map(|value| Some((*value).to_owned())).collect(),
        });
        let reply = Reply { status: 200, tag: None, content_type: String::new(), body: Vec::new() };
        Recorded { reply, statements: statements.collect(), took: Duration::ZERO }
    }

    fn written(changing: &Changing, statements: &[(&str, &[&str])]) -> Script {
        Writer { since: "2026-01-01 12:00:00", changing }.write(&recorded(statements), "")
    }

    #[test]
    fn values_become_variables() {
        let script = written(&vec![], &[("SELECT $1, $2, $1", &["a", "b"]), ("COMMIT", &[])]);
        assert_eq!(script.text, "SELECT :value_0, :value_1, :value_2;\nCOMMIT;\n");
        let values: Vec<_> = script.values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(values, [("value_0", "a"), ("value_1", "b"), ("value_2", "a")]);
    }

    #[test]
    fn an_empty_value_is_written_into_the_script() {
        let script = written(&vec![], &[("SELECT $1, $2", &["", "b"])]);
        assert_eq!(script.text, "SELECT '', :value_0;\n");
        assert_eq!(script.values.len(), 1);
    }

    #[test]
    fn the_current_time_of_the_recording_becomes_now() {
        let script = written(&vec![], &[("SELECT $1, $2", &["2026-01-01 12:00:01.5+00", "2025-01-01 12:00:01.5+00"])]);
        assert_eq!(script.text, "SELECT now(), :value_0;\n");
    }

    #[test]
    fn new_ids_and_variables_are_replaced() {
        let changing = vec![("x".to_owned(), Replacement::NewId), ("7".to_owned(), Replacement::Variable("job"))];
        let script = written(&changing, &[("INSERT $1, $2, $3", &["x", "7", "b"])]);
        let expected = format!("{NEW_ID}INSERT rpad(:id::text, 32, '0')::uuid, :job, :value_0;\n");
        assert_eq!(script.text, expected);
    }
}
