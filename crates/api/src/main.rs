//! The `repower` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    repower_api::cli::run()
}
