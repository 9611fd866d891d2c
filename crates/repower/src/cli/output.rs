use std::{
    error::Error,
    io::{self, ErrorKind, Write},
};

/// The error of a command.
pub(super) type Failure = Box<dyn Error + Send + Sync>;

/// The result of a command.
pub(super) type CommandResult = Result<(), Failure>;

/// The exit code for missing or invalid settings.
pub(super) const INVALID_SETTINGS: u8 = 2;

/// Prints a line on the standard output. A closed one is no error.
pub(super) fn print(text: &str) -> CommandResult {
    print_raw(&[text, "\n"].concat())
}

/// Prints a text as it is.
pub(super) fn print_raw(text: &str) -> CommandResult {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
