use std::io::{self, ErrorKind, Write};

use clap::CommandFactory;

use super::{
    Outcome,
    args::{Completions, Repower},
};

/// Prints what a shell completes commands with.
pub(super) fn print(asked: Completions) -> Outcome {
    let mut command = Repower::command();
    let name = command.get_name().to_owned();
    // Written to the memory first, as a closed pipe is no reason to panic.
    let mut script = Vec::new();
    clap_complete::generate(asked.shell, &mut command, name, &mut script);
    match io::stdout().write_all(&script) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
