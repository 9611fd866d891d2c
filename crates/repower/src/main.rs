//! The `repower` command.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A list of jobs takes a tenth less CPU time with it than with the allocator of the C
/// library.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    repower::cli::run()
}
