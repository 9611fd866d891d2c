use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use repower_domain::values::Invalid;
use repower_ports::{PageRequest, Position};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{ApiError, Code};
use crate::openapi::{SchemaRef, Schemas, Taken, text, whole};

/// Of which version a cursor is: its first byte.
const VERSION: u8 = 1;
const FINGERPRINT: usize = 8;

/// How many rows a page has: 1 to 100, 20 unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimit(u16);

impl PageLimit {
    const MAX: u16 = 100;
}

impl Default for PageLimit {
    fn default() -> Self {
        Self(20)
    }
}

impl TryFrom<i64> for PageLimit {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        match u16::try_from(number) {
            Ok(number @ 1..=Self::MAX) => Ok(Self(number)),
            Ok(_) | Err(_) => Err(Invalid::OutOfRange { min: 1, max: Self::MAX.into() }),
        }
    }
}

/// A cursor as the client handed it back; whether it is one shows later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorText(String);

impl FromStr for CursorText {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.trim() {
            "" => Err(Invalid::Empty),
            text => Ok(Self(text.to_owned())),
        }
    }
}

/// Which part of which list is wanted, and how its cursors are written.
#[derive(Debug, Clone, Copy)]
pub struct Paging {
    request: PageRequest,
    fingerprint: [u8; FINGERPRINT],
}

impl Paging {
    /// The paging of a list. `list` names it, and `filter` is everything that
    /// decides which rows it has (the parsed filter, the thing it belongs to): a
    /// cursor is good for the same list with the same filter only.
    ///
    /// 400 `invalid_cursor` for any other.
    pub fn new(
        list: &'static str,
        filter: &impl fmt::Debug,
        limit: Option<PageLimit>,
        cursor: Option<CursorText>,
    ) -> Result<Self, ApiError> {
        let fingerprint = fingerprint(list, filter);
        let PageLimit(limit) = limit.unwrap_or_default();
        let after = cursor.map(|CursorText(text)| read(&text, fingerprint).ok_or_else(invalid)).transpose()?;
        Ok(Self { request: PageRequest { limit, after }, fingerprint })
    }

    /// What to ask the storage for.
    pub const fn request(&self) -> PageRequest {
        self.request
    }

    pub(super) fn meta(&self, next: Option<Position>) -> PageMeta {
        let next_cursor = next.map(|position| write(self.fingerprint, position));
        PageMeta { limit: self.request.limit, next_cursor }
    }
}

crate::described! {
    "PageMeta",
    /// Which part of a list was answered.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct PageMeta {
        /// How many rows were asked for.
        limit: u16,
        /// What to hand back as `cursor` for the next part; null exactly when nothing follows.
        next_cursor: Option<String>,
    }
}

impl Taken for PageLimit {
    fn taken(_: &mut Schemas) -> SchemaRef {
        let about = "How many rows at most; 20 unless said.";
        whole(1, Some(Self::MAX.into())).description(Some(about)).into()
    }
}

impl Taken for CursorText {
    fn taken(_: &mut Schemas) -> SchemaRef {
        text().min_length(Some(1)).description(Some("Where to go on: `meta.nextCursor` of the part before.")).into()
    }
}

fn invalid() -> ApiError {
    ApiError::new(Code::InvalidCursor, "The cursor is not one of this list with these filters")
}

fn fingerprint(list: &str, filter: &impl fmt::Debug) -> [u8; FINGERPRINT] {
    let digest = Sha256::digest(format!("{list}\0{filter:?}"));
    let mut kept = [0; FINGERPRINT];
    for (to, from) in kept.iter_mut().zip(digest) {
        *to = from;
    }
    kept
}

fn write(fingerprint: [u8; FINGERPRINT], position: Position) -> String {
    let at = position.at.timestamp_micros().to_be_bytes();
    URL_SAFE_NO_PAD.encode([&[VERSION], fingerprint.as_slice(), &at, position.id.as_bytes()].concat())
}

fn read(text: &str, wanted: [u8; FINGERPRINT]) -> Option<Position> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (version, rest) = bytes.split_first()?;
    let (fingerprint, rest) = rest.split_first_chunk::<FINGERPRINT>()?;
    let (at, id) = rest.split_first_chunk()?;
    let id = Uuid::from_slice(id).ok()?;
    let at = DateTime::from_timestamp_micros(i64::from_be_bytes(*at))?;
    // Nothing is older, and PostgreSQL knows no moments before 4714 BC.
    let at = Some(at).filter(|at| *at >= DateTime::UNIX_EPOCH)?;
    (*version == VERSION && *fingerprint == wanted).then_some(Position { at, id })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POSITION: Position =
        Position { at: DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap(), id: Uuid::from_u128(7) };

    fn cursor() -> String {
        Paging::new("jobs", &"DK", None, None).unwrap().meta(Some(POSITION)).next_cursor.unwrap()
    }

    fn used(text: &str, list: &'static str, filter: &str) -> Result<Paging, ApiError> {
        Paging::new(list, &filter, None, Some(text.parse().unwrap()))
    }

    #[test]
    fn a_cursor_leads_back_to_its_place_to_the_microsecond() {
        assert_eq!(used(&cursor(), "jobs", "DK").unwrap().request().after, Some(POSITION));
    }

    #[test]
    fn a_cursor_of_another_list_or_filter_is_invalid() {
        for (list, filter) in [("jobs", "SE"), ("technicians", "DK")] {
            assert_eq!(used(&cursor(), list, filter).unwrap_err().code(), Code::InvalidCursor);
        }
    }

    #[test]
    fn what_is_no_cursor_is_invalid() {
        let good = cursor();
        let cut = good.get(1..).unwrap();
        for text in ["x", "a b", "AAAA", "💥", cut, &format!("{good}A"), &good.to_uppercase()] {
            assert_eq!(used(text, "jobs", "DK").unwrap_err().code(), Code::InvalidCursor, "{text}");
        }
        for at in [DateTime::<chrono::Utc>::MIN_UTC, DateTime::from_timestamp_micros(-1).unwrap()] {
            let long_ago = write(fingerprint("jobs", &"DK"), Position { at, id: Uuid::nil() });
            assert_eq!(used(&long_ago, "jobs", "DK").unwrap_err().code(), Code::InvalidCursor, "{at}");
        }
    }

    #[test]
    fn a_page_has_twenty_rows_unless_told_otherwise() {
        assert_eq!(Paging::new("jobs", &(), None, None).unwrap().request().limit, 20);
        assert!(PageLimit::try_from(100).is_ok());
        for number in [0, 101, -1, i64::MAX] {
            assert_eq!(PageLimit::try_from(number), Err(Invalid::OutOfRange { min: 1, max: 100 }));
        }
    }

    const HERE: [u8; FINGERPRINT] = [7; FINGERPRINT];

    /// Bytes that look like a cursor's, to where the test's place begins.
    fn almost_a_cursor() -> impl Strategy<Value = Vec<u8>> {
        let place = prop::collection::vec(any::<u8>(), 20..28);
        place.prop_map(|place| [&[VERSION], HERE.as_slice(), &place].concat())
    }

    proptest! {
        #[test]
        fn a_cursor_of_any_place_leads_back_to_it(micros in 0..=253_402_300_799_999_999_i64, id: u128) {
            let position = Position { at: DateTime::from_timestamp_micros(micros).unwrap(), id: Uuid::from_u128(id) };
            prop_assert_eq!(read(&write(HERE, position), HERE), Some(position));
        }

        #[test]
        fn what_is_read_is_what_was_written(bytes in prop_oneof![almost_a_cursor(), prop::collection::vec(any::<u8>(), 0..60)]) {
            let text = URL_SAFE_NO_PAD.encode(bytes);
            if let Some(position) = read(&text, HERE) {
                prop_assert_eq!(write(HERE, position), text);
            }
        }

        #[test]
        fn no_text_breaks_the_reading(text in "\\PC{0,80}") {
            if let Ok(cursor) = text.parse() {
                let paging = Paging::new("jobs", &(), None, Some(cursor));
                prop_assert!(paging.is_ok_and(|paging| paging.request().after.is_some()) || read(&text, HERE).is_none());
            }
        }
    }
}
