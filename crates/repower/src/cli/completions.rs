use clap::CommandFactory;

use super::{
    args::{Completions, Repower},
    output::{CommandResult, print_raw},
};

/// Prints a script that completes commands in a shell.
pub(super) fn print(arguments: Completions) -> CommandResult {
    let mut command = Repower::command();
    let name = command.get_name().to_owned();
    // The generator panics where its output is a closed pipe.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    print_raw(&String::from_utf8(script)?)
}
