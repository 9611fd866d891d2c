//! Parses the statements of sessions in the log of PostgreSQL.

use serde_json::Value;

/// An executed statement with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// The text; a prepared statement has `$1` and so on.
    pub(crate) text: String,
    /// The values; `None` is NULL.
    pub(crate) parameters: Vec<Option<String>>,
}

/// One line of the log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Logged {
    /// The `application_name` of the session.
    pub(crate) application: String,
    pub(crate) statement: Statement,
}

/// The statement of a line of the log, if it has one.
pub(crate) fn read(line: &str) -> Option<Logged> {
    let line: Value = serde_json::from_str(line).ok()?;
    let field = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
    let message = field("message");
    let text = match message.strip_prefix("execute ") {
        Some(prepared) => prepared.split_once(": ")?.1,
        None => message.strip_prefix("statement: ")?,
    };
    let (_, values) = field("detail").split_once("arameters: ").unwrap_or_default();
    let statement = Statement { text: text.to_owned(), parameters: parameters(values) };
    Some(Logged { application: field("application_name").to_owned(), statement })
}

/// The values of `$1 = 'a', $2 = NULL`. A quote within a value is doubled.
fn parameters(text: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, value)) = rest.split_once(" = ") {
        let Some(quoted) = value.strip_prefix('\'') else {
            found.push(None);
            rest = value.strip_prefix("NULL").unwrap_or_default();
            continue;
        };
        let (value, behind) = unquoted(quoted);
        found.push(Some(value));
        rest = behind;
    }
    found
}

/// A text up to its closing quote, and the rest.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut rest = text;
    while let Some((part, behind)) = rest.split_once('\'') {
        value.push_str(part);
        match behind.strip_prefix('\'') {
            Some(behind) => {
                value.push('\'');
                rest = behind;
            }
            None => return (value, behind),
        }
    }
    (value + rest, "")
}

/// A piece of the text of a statement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Literal text.
    Text(&'a str),
    /// The parameter of this number, counted from 1.
    Parameter(usize),
}

/// The pieces of a statement. Text within quotes is not searched for parameters.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut quote) = (0, None);
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match quote {
            Some(open) if letter == open => quote = None,
            None if letter == '\'' || letter == '"' => quote = Some(letter),
            None if letter == '$' => {
                let mut end = at + 1;
                while letters.next_if(|(_, digit)| digit.is_ascii_digit()).is_some() {
                    end += 1;
                }
                if let (Some(before), Some(Ok(number))) = (text.get(from..at), text.get(at + 1..end).map(str::parse)) {
                    pieces.push(Piece::Text(before));
                    pieces.push(Piece::Parameter(number));
                    from = end;
                }
            }
            Some(_) | None => {}
        }
    }
    pieces.extend(text.get(from..).map(Piece::Text));
    pieces
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_prepared_statement_is_read_with_its_parameters() {
        let line = json!({
            "application_name": "repower",
            "message": "execute __diesel_stmt_4: SELECT $1, $2, $3",
            "detail": "parameters: $1 = 'it''s = so', $2 = NULL, $3 = ''",
        });
        let logged = read(&line.to_string()).unwrap();
        assert_eq!(logged.application, "repower");
        assert_eq!(logged.statement.text, "SELECT $1, $2, $3");
        assert_eq!(logged.statement.parameters, [Some("it's = so".to_owned()), None, Some(String::new())]);
    }

    #[test]
    fn a_plain_statement_is_read() {
        let logged = read(r#"{"message": "statement: BEGIN"}"#).unwrap();
        assert_eq!(logged.statement, Statement { text: "BEGIN".to_owned(), parameters: Vec::new() });
        assert_eq!(read(r#"{"message": "checkpoint complete"}"#), None);
    }

    #[test]
    fn parameters_are_found_outside_quotes_only() {
        let found = pieces("SELECT '$1', \"$2\", $10 + $3");
        let expected = [
            Piece::Text("SELECT '$1', \"$2\", "),
            Piece::Parameter(10),
            Piece::Text(" + "),
            Piece::Parameter(3),
            Piece::Text(""),
        ];
        assert_eq!(found, expected);
    }
}
