//! Rebuilds the crate when a migration changes: migrations are embedded, and no source file changes with them.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
