//! Reads technicians, their certificates and a job from a file. Prints the technicians
//! that are qualified on the days of the job, and the allowed changes of statuses.

mod input;
mod report;

use std::{env, fs, path::Path, process::ExitCode};

use report::Report;

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let (Some(file), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: embed FILE");
        return ExitCode::from(2);
    };
    match report_on(Path::new(&file)) {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(errors) => {
            for line in errors {
                eprintln!("{}: {line}", file.display());
            }
            ExitCode::FAILURE
        }
    }
}

/// The report on a file, or all errors of the file.
fn report_on(file: &Path) -> Result<String, Vec<String>> {
    let text = fs::read_to_string(file).map_err(|error| vec![error.to_string()])?;
    input::read(&text).map(|input| Report(&input).to_string())
}
