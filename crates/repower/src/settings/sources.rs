//! Where settings come from: the environment, and a file `.env`.

use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
};

use dotenvy::Error;

/// The file that is read besides the environment.
const FILE: &str = ".env";

/// Where a value was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In a variable of the environment.
    Environment,
    /// In the file `.env`.
    File,
}

/// All that is set, whatever it is called.
#[derive(Default)]
pub struct Sources {
    environment: HashMap<String, String>,
    file: HashMap<String, String>,
    problem: Option<String>,
}

impl Sources {
    /// The environment of this process, and the file `.env` of the present
    /// folder or the nearest one above that has one.
    pub fn of_this_process() -> Self {
        let found = env::current_dir().ok().and_then(|folder| nearest(&folder));
        let file = found.map_or(Ok(HashMap::new()), |path| read(&path));
        // What is no Unicode is no setting.
        let environment =
            env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self {
            environment: environment.collect(),
            problem: file.as_ref().err().cloned(),
            file: file.unwrap_or_default(),
        }
    }

    /// What is set under this name, and where. What is empty counts as not set;
    /// the environment goes first.
    pub fn find(&self, name: &str) -> Option<(&str, Origin)> {
        set(&self.environment, name)
            .map(|text| (text, Origin::Environment))
            .or_else(|| set(&self.file, name).map(|text| (text, Origin::File)))
    }

    /// Why the file `.env` was not read. Tells nothing of what stands in it.
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

/// What the file sets; the first line of a name counts.
fn read(path: &Path) -> Result<HashMap<String, String>, String> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|cause| format!("cannot be read from {shown}: {cause}"))?;
    parse(&text).map_err(|place| format!("in {shown} is no list of NAME=value lines{place}"))
}

fn parse(text: &str) -> Result<HashMap<String, String>, String> {
    let mut set = HashMap::new();
    for line in dotenvy::from_read_iter(text.as_bytes()) {
        let (name, value) = line.map_err(|error| place(text, &error))?;
        set.entry(name).or_insert(value);
    }
    Ok(set)
}

/// Where in the file the error is, without a word of the line: it may hold a
/// secret.
fn place(text: &str, error: &Error) -> String {
    let Error::LineParse(wrong, _) = error else { return String::new() };
    // It may be told without the name before it.
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
    fn the_environment_goes_before_the_file() {
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
    fn a_line_that_is_wrong_is_told_by_its_number_alone() {
        for wrong in ["  B=hunter2 two words", "hunter2", "B='hunter2", "=hunter2"] {
            let told = parse(&format!("A=1\n\n# {wrong}\n{wrong}\nC=2\n"));
            assert_eq!(told, Err(": see line 4".to_owned()), "{wrong}");
        }
    }
}
