//! Attacks: forged tokens, fields of other columns, false headers. `docs/security.md`
//! names these tests beside the requirements.

mod client_addresses;
mod fields;
mod forged;
mod headers;
mod origins;
mod secrets;
mod table;
mod urls;
