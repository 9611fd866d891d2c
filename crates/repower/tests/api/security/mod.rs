//! What attackers try: forged tokens, fields that are not theirs to set, headers
//! that lie. `SECURITY.md` names these tests beside the requirements.

mod addresses;
mod fields;
mod forged;
mod headers;
mod origins;
mod secrets;
mod table;
mod urls;
