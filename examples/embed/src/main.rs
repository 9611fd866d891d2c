//! Reads technicians, their certificates and a job from a file, and prints who
//! may work on the job's days and which moves are open to whom.

mod answer;
mod input;

use std::{env, fs, path::Path, process::ExitCode};

use answer::Answer;

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let (Some(file), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: embed FILE");
        return ExitCode::from(2);
    };
    match answer_to(Path::new(&file)) {
        Ok(answer) => {
            print!("{answer}");
            ExitCode::SUCCESS
        }
        Err(wrong) => {
            for line in wrong {
                eprintln!("{}: {line}", file.display());
            }
            ExitCode::FAILURE
        }
    }
}

/// The answer, or all that is wrong with the file.
fn answer_to(file: &Path) -> Result<String, Vec<String>> {
    let text = fs::read_to_string(file).map_err(|wrong| vec![wrong.to_string()])?;
    input::read(&text).map(|input| Answer(&input).to_string())
}
