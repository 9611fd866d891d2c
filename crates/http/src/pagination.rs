use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use repower_domain::{
    letters::trim,
    values::Invalid,
    wire::{Described, Form, FromWire, Input},
};
use repower_ports::{PageRequest, Position};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use validator::Validate;

use crate::{
    code::Code,
    error::ApiError,
    input::Defaulted,
    schema::{RequestSchema, ResponseSchema},
};

/// The version of the cursor's encoding: its first byte.
const VERSION: u8 = 1;

/// The number of bytes of a list's fingerprint in its cursors.
const FINGERPRINT: usize = 8;

/// The maximum number of rows of a page: 1 to 100, default 20.
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

impl FromWire for PageLimit {
    const ACCEPTED: Described = Form::Whole { min: 1, max: Some(Self::MAX as i64) }.about("20 by default.");

    fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
        input.convert()
    }
}

/// The text of a cursor as the client returned it, not decoded yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorText(String);

impl FromStr for CursorText {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match trim(text) {
            "" => Err(Invalid::Empty),
            text => Ok(Self(text.to_owned())),
        }
    }
}

impl FromWire for CursorText {
    const ACCEPTED: Described =
        Form::Text { min: 1, max: None, format: None }.about("`meta.nextCursor` of the previous page.");

    fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
        input.parse()
    }
}

/// The parameters of a list without filters.
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[validate(nest_all_fields)]
pub struct PageQuery {
    /// The maximum number of rows.
    pub limit: Defaulted<PageLimit>,
    /// The page to return.
    pub cursor: Defaulted<CursorText>,
}

/// The requested page of a list, and the key that its cursors are bound to.
#[derive(Debug, Clone, Copy)]
pub struct Paging {
    request: PageRequest,
    fingerprint: [u8; FINGERPRINT],
}

impl Paging {
    /// The paging of a list. `list` names it; `filter` has everything that selects its
    /// rows: the parsed filter, and the resource of the list.
    ///
    /// # Errors
    ///
    /// 400 `invalid_cursor` for a cursor of another list or another filter.
    pub fn new(
        list: &'static str,
        filter: &impl fmt::Debug,
        limit: Defaulted<PageLimit>,
        cursor: Defaulted<CursorText>,
    ) -> Result<Self, ApiError> {
        Self::of(list, filter, limit.get()?, cursor.get()?)
    }

    pub(crate) fn of(
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

    /// The page to request from the repository.
    pub const fn request(&self) -> PageRequest {
        self.request
    }

    pub(crate) fn meta(&self, next: Option<Position>) -> PageMeta {
        let next_cursor = next.map(|position| write(self.fingerprint, position));
        PageMeta { limit: self.request.limit, next_cursor }
    }
}

/// The part of a list that a page is.
#[derive(Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
#[schema(name = "PageMeta")]
pub struct PageMeta {
    /// The maximum number of rows that was requested.
    limit: u16,
    /// The `cursor` of the next page; null when nothing follows. A search that ended early may
    /// have one after which nothing is found.
    next_cursor: Option<String>,
}

fn invalid() -> ApiError {
    ApiError::new(Code::INVALID_CURSOR, "The cursor is not one of this list with these filters")
}

fn fingerprint(list: &str, filter: &impl fmt::Debug) -> [u8; FINGERPRINT] {
    let digest = Sha256::digest(format!("{list}\0{filter:?}"));
    let mut prefix = [0; FINGERPRINT];
    for (to, from) in prefix.iter_mut().zip(digest) {
        *to = from;
    }
    prefix
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
    // No row is older, and PostgreSQL has no timestamps before 4714 BC.
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
        Paging::of("jobs", &"DK", None, None).unwrap().meta(Some(POSITION)).next_cursor.unwrap()
    }

    fn used(text: &str, list: &'static str, filter: &str) -> Result<Paging, ApiError> {
        Paging::of(list, &filter, None, Some(text.parse().unwrap()))
    }

    #[test]
    fn a_cursor_decodes_to_its_position_to_the_microsecond() {
        assert_eq!(used(&cursor(), "jobs", "DK").unwrap().request().after, Some(POSITION));
    }

    #[test]
    fn a_cursor_of_another_list_or_filter_is_invalid() {
        for (list, filter) in [("jobs", "SE"), ("technicians", "DK")] {
            assert_eq!(used(&cursor(), list, filter).unwrap_err().code(), Code::INVALID_CURSOR);
        }
    }

    #[test]
    fn other_texts_are_invalid_cursors() {
        let good = cursor();
        let cut = good.get(1..).unwrap();
        for text in ["x", "a b", "AAAA", "💥", cut, &format!("{good}A"), &good.to_uppercase()] {
            assert_eq!(used(text, "jobs", "DK").unwrap_err().code(), Code::INVALID_CURSOR, "{text}");
        }
        for at in [DateTime::<chrono::Utc>::MIN_UTC, DateTime::from_timestamp_micros(-1).unwrap()] {
            let long_ago = write(fingerprint("jobs", &"DK"), Position { at, id: Uuid::nil() });
            assert_eq!(used(&long_ago, "jobs", "DK").unwrap_err().code(), Code::INVALID_CURSOR, "{at}");
        }
    }

    #[test]
    fn a_page_has_twenty_rows_by_default() {
        assert_eq!(Paging::of("jobs", &(), None, None).unwrap().request().limit, 20);
        assert!(PageLimit::try_from(100).is_ok());
        for number in [0, 101, -1, i64::MAX] {
            assert_eq!(PageLimit::try_from(number), Err(Invalid::OutOfRange { min: 1, max: 100 }));
        }
    }

    const HERE: [u8; FINGERPRINT] = [7; FINGERPRINT];

    /// Bytes that begin like those of a cursor.
    fn almost_a_cursor() -> impl Strategy<Value = Vec<u8>> {
        let place = prop::collection::vec(any::<u8>(), 20..28);
        place.prop_map(|place| [&[VERSION], HERE.as_slice(), &place].concat())
    }

    proptest! {
        #[test]
        fn a_cursor_of_any_position_decodes_to_it(micros in 0..=253_402_300_799_999_999_i64, id: u128) {
            let position = Position { at: DateTime::from_timestamp_micros(micros).unwrap(), id: Uuid::from_u128(id) };
            prop_assert_eq!(read(&write(HERE, position), HERE), Some(position));
        }

        #[test]
        fn a_decoded_cursor_encodes_to_the_same_text(bytes in prop_oneof![almost_a_cursor(), prop::collection::vec(any::<u8>(), 0..60)]) {
            let text = URL_SAFE_NO_PAD.encode(bytes);
            if let Some(position) = read(&text, HERE) {
                prop_assert_eq!(write(HERE, position), text);
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            if let Ok(cursor) = text.parse() {
                let paging = Paging::of("jobs", &(), None, Some(cursor));
                prop_assert!(paging.is_ok_and(|paging| paging.request().after.is_some()) || read(&text, HERE).is_none());
            }
        }
    }
}
