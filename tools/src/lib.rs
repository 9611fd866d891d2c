//! The modules of a crate, the files they are in, and circles between those.

pub mod cycles;
pub mod modules;
