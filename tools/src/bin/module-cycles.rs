//! Prints each import cycle between the files of a crate. Fails if there is one.

use std::{env, fs, path::Path, process::ExitCode};

use repower_tools::{cycles::shortest_cycles, modules::Crate};

fn main() -> ExitCode {
    let roots: Vec<_> = env::args().skip(1).collect();
    if roots.is_empty() {
        eprintln!("usage: module-cycles CRATE_ROOT...");
        return ExitCode::from(2);
    }
    let mut found = 0;
    for root in &roots {
        let edges = match Crate::read(Path::new(root), &|path| fs::read_to_string(path).ok()) {
            Ok(read) => read.imports(),
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::FAILURE;
            }
        };
        for cycle in shortest_cycles(&edges) {
            println!("{root}: import cycle:");
            for (from, to, path) in &cycle {
                println!("  {} imports {} ({path})", from.display(), to.display());
            }
            found += 1;
        }
    }
    if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
