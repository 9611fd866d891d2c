//! A new migration alone changes no source file, and has to be embedded all the same.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
