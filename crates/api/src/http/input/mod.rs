//! Reading bodies and query parameters.
//!
//! A body is a struct of [wrappers](fields) over the domain's values:
//!
//! ```
//! use repower_api::http::input::{Defaulted, Optional, Required, read_json};
//! use repower_domain::values::{Amount, ProjectName, Title};
//! use serde::Deserialize;
//! use validator::Validate;
//!
//! #[derive(Deserialize, Validate)]
//! #[serde(rename_all = "camelCase")]
//! #[validate(nest_all_fields)]
//! struct JobBody {
//!     title: Required<Title>,
//!     project_name: Optional<ProjectName>,
//!     day_rate_from: Defaulted<Amount>,
//! }
//!
//! let told = read_json(br#"{"title": " ", "dayRateFrom": "5", "tilte": 1}"#).unwrap().read::<JobBody>().err().unwrap();
//! assert_eq!(told.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["title", "dayRateFrom", "tilte"]);
//! ```
//!
//! It goes in three steps. The text becomes a tree that hides nothing
//! ([`Tree`]). serde fills the struct from the tree, telling of every unknown
//! and repeated name; a wrapper never fails, it keeps what is wrong with its
//! value. `validator` then collects what the wrappers kept, together with the
//! struct's own `schema` rules, so that everything is told at once, in the order
//! in which the struct declares its fields.

pub mod fields;
mod number;
mod query;
mod raw;
mod reader;
mod report;
#[cfg(test)]
mod tests;
mod tree;
mod value;

use serde::de::DeserializeOwned;
use validator::Validate;

use super::FieldError;

pub use fields::{Change, Clearable, Defaulted, Ignored, Items, NotTaken, Optional, Required};
pub use query::read_query;
pub use raw::Raw;
pub use report::{MOST_TOLD, refuse};
pub use tree::{Malformed, Tree, read_json};
pub use value::{Fault, Value};
pub(crate) use value::{read_from_number, read_from_text, text, whole};

/// What was read, or everything that is wrong with it.
pub type FieldErrors<T> = Result<T, Vec<FieldError>>;

/// What a body or the parameters of a route can be read into.
pub trait Input: DeserializeOwned + Validate {}

impl<T: DeserializeOwned + Validate> Input for T {}
