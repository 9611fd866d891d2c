//! Helpers of the tests: builders of values, schemas, and [`World`].

mod builders;
mod schema;
mod world;

pub(crate) use builders::*;
pub(crate) use schema::{Schema, server_url};
pub(crate) use world::{RegisteredCompany, World};

/// Asserts that a value matches a pattern, and prints a value that does not.
macro_rules! assert_matches {
    ($value:expr, $($pattern:tt)+) => {{
        let value = &$value;
        assert!(matches!(value, $($pattern)+), "{value:?}");
    }};
}
pub(crate) use assert_matches;
