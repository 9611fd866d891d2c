//! The modules of a crate, their files, and import cycles between the files.

pub mod cycles;
pub mod modules;
