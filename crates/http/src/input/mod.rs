//! Reads and validates bodies and query parameters.
//!
//! A body is a struct of [wrappers](fields) over the domain's values:
//!
//! ```
//! use repower_http::input::{Defaulted, Optional, Required, read, read_json};
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
//! let tree = read_json(br#"{"title": " ", "dayRateFrom": "5", "tilte": 1}"#).unwrap();
//! let errors = read::<JobBody>(&tree).err().unwrap();
//! assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["title", "dayRateFrom", "tilte"]);
//! ```
//!
//! Reading has three steps. The text is parsed into a [`JsonTree`], which preserves
//! repeated names and the notation of numbers. serde fills the struct from the
//! tree: unknown and repeated names are reported, and wrappers store the errors of
//! their values. `validator` collects these errors together with those of the
//! struct's own `schema` rules. The result has all errors, in the order in which
//! the struct declares its fields.

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

pub use fields::{
    Change, Clearable, Defaulted, Ignored, Items, NotAllowed, Optional, OptionalValues, Required, Values,
};
pub use query::read_query;
pub use reader::{FieldErrors, Input, peek, read};
pub use report::{MAX_REPORTED, reject, reject_inconsistent};
pub use tree::{JsonTree, Malformed, read_json};
pub use value::ValueError;
