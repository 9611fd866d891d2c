//! What all tests share.

mod builders;
mod schema;
mod world;

pub(crate) use builders::*;
pub(crate) use schema::{Schema, server};
pub(crate) use world::World;

/// Asserts that something has this shape, and shows it where it has not.
macro_rules! assert_matches {
    ($answer:expr, $($pattern:tt)+) => {{
        let answer = &$answer;
        assert!(matches!(answer, $($pattern)+), "{answer:?}");
    }};
}
pub(crate) use assert_matches;
