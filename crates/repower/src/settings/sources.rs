use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
};

/// The name of the file.
const FILE: &str = ".env";

/// The source of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A variable of the environment.
    Environment,
    /// The file `.env`.
    File,
}

/// The variables of the environment and of the file `.env`.
#[derive(Default)]
pub struct Sources {
    environment: HashMap<String, String>,
    file: HashMap<String, String>,
    problem: Option<String>,
}

impl Sources {
    /// The environment of this process, and the file `.env` of the current folder or
    /// of the nearest one above that has one.
    pub fn of_this_process() -> Self {
        let found = env::current_dir().ok().and_then(|folder| nearest(&folder));
        let file = found.map_or(Ok(HashMap::new()), |path| read(&path));
        // A value that is not Unicode is no setting.
        let environment =
            env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self {
            environment: environment.collect(),
            problem: file.as_ref().err().cloned(),
            file: file.unwrap_or_default(),
        }
    }

    /// The value of a variable, and its source. An empty one counts as not set; the
    /// environment precedes the file.
    pub fn find(&self, name: &str) -> Option<(&str, Origin)> {
        set(&self.environment, name)
            .map(|text| (text, Origin::Environment))
            .or_else(|| set(&self.file, name).map(|text| (text, Origin::File)))
    }

    /// The error of the file `.env`, without any of its text.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }
}

fn set<'s>(values: &'s HashMap<String, String>, name: &str) -> Option<&'s str> {
    values.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn nearest(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(FILE)).find(|path| path.is_file())
}

/// The variables of the file; the first line of a name counts.
fn read(path: &Path) -> Result<HashMap<String, String>, String> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|cause| format!("cannot be read from {shown}: {cause}"))?;
    parse(&text).map_err(|number| format!("in {shown} has a line that is not NAME=value: see line {number}"))
}

/// The variables, or the number of the first line that is none: it may have a secret.
fn parse(text: &str) -> Result<HashMap<String, String>, usize> {
    let mut set = HashMap::new();
    let lines = text.lines().map(str::trim).zip(1_usize..);
    for (line, number) in lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#')) {
        let (name, value) = assignment(line).ok_or(number)?;
        set.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
    Ok(set)
}

/// The name and the value of a line. A value is taken as it stands, also with `$` and `\`:
/// without quotes up to a `#` after white space, else up to the same quote.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let is_name = !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_');
    let value = value.trim();
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let (value, rest) = value.get(1..)?.split_once(quote)?;
            let rest = rest.trim();
            Some(value).filter(|_| rest.is_empty() || rest.starts_with('#'))?
        }
        Some('#') => "",
        Some(_) | None => value.split_once(" #").map_or(value, |(value, _)| value).trim(),
    };
    is_name.then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(set: &[(&str, &str)]) -> HashMap<String, String> {
        set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_environment_precedes_the_file() {
        let environment = map(&[("A", "1"), ("B", " "), ("C", "")]);
        let sources = Sources { environment, file: map(&[("A", "2"), ("B", " 3 "), ("D", "")]), problem: None };
        assert_eq!(sources.find("A"), Some(("1", Origin::Environment)));
        assert_eq!(sources.find("B"), Some(("3", Origin::File)));
        assert_eq!((sources.find("C"), sources.find("D")), (None, None));
    }

    #[test]
    fn the_first_line_of_a_name_counts() {
        let text = "# a comment\nA=1\nexport B=\"two words\"\n\nA=2\n";
        assert_eq!(parse(text), Ok(map(&[("A", "1"), ("B", "two words")])));
    }

    #[test]
    fn a_value_is_taken_as_it_stands() {
        for (line, value) in [
            ("A=pa$$word$HOME${HOME}", "pa$$word$HOME${HOME}"),
            ("A=\"pa$HOME\\n\"", "pa$HOME\\n"),
            ("A='it is \"$5\"' # why", "it is \"$5\""),
            ("A=two words", "two words"),
            ("A = x # why", "x"),
            ("A=x#y", "x#y"),
            ("A=", ""),
            ("A= # why", ""),
            ("A=x'y\"z=", "x'y\"z="),
            ("export A=https://a.example,https://b.example\r", "https://a.example,https://b.example"),
        ] {
            assert_eq!(parse(line), Ok(map(&[("A", value)])), "{line}");
        }
    }

    #[test]
    fn an_invalid_line_is_reported_by_its_number_only() {
        for wrong in ["hunter2", "B='hunter2", "B=\"hunter2", "=hunter2", "two words=hunter2", "B='hunter2'hunter2"] {
            assert_eq!(parse(&format!("A=1\n\n# {wrong}\n{wrong}\nC=2\n")), Err(4), "{wrong}");
        }
    }
}
