//! The modules of a crate, their files, and import cycles between the files; the last look for known vulnerabilities.

pub mod cycles;
pub mod look;
pub mod modules;
