use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
};

use dotenvy::Error;

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
    parse(&text).map_err(|place| format!("in {shown} has a line that is not NAME=value{place}"))
}

fn parse(text: &str) -> Result<HashMap<String, String>, String> {
    let mut set = HashMap::new();
    for line in dotenvy::from_read_iter(text.as_bytes()) {
        let (name, value) = line.map_err(|error| place(text, &error))?;
        set.entry(name).or_insert(value);
    }
    Ok(set)
}

/// The line of the error, without its text, which may have a secret.
fn place(text: &str, error: &Error) -> String {
    let Error::LineParse(wrong, _) = error else { return String::new() };
    // The error may lack the name before the value.
    let first = wrong.lines().next().unwrap_or_default().trim();
    let is_wrong = |line: &str| !line.trim_start().starts_with('#') && line.trim_end().ends_with(first);
    let number = text.lines().zip(1..).find(|(line, _)| is_wrong(line)).map(|(_, number)| number);
    number.map_or_else(String::new, |number: u32| format!(": see line {number}"))
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
    fn an_invalid_line_is_reported_by_its_number_only() {
        for wrong in ["  B=hunter2 two words", "hunter2", "B='hunter2", "=hunter2"] {
            let reported = parse(&format!("A=1\n\n# {wrong}\n{wrong}\nC=2\n"));
            assert_eq!(reported, Err(": see line 4".to_owned()), "{wrong}");
        }
    }
}
