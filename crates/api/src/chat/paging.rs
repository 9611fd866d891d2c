//! The parameters and the meta data of a window of messages.

use repower_domain::{
    values::Invalid,
    wire::{Described, Form, FromWire, Input},
};
use repower_http::{
    input::{Defaulted, reject_inconsistent},
    schema::{RequestSchema, ResponseSchema},
};
use repower_ports::chat::Window;
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::error::Error;

/// The maximum number of messages: 1 to 200, default 50.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MessageLimit(u16);

impl MessageLimit {
    const MAX: u16 = 200;

    /// The number.
    pub(super) const fn get(self) -> u16 {
        self.0
    }
}

impl Default for MessageLimit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<i64> for MessageLimit {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        match u16::try_from(number) {
            Ok(number @ 1..=Self::MAX) => Ok(Self(number)),
            Ok(_) | Err(_) => Err(Invalid::OutOfRange { min: 1, max: Self::MAX.into() }),
        }
    }
}

impl FromWire for MessageLimit {
    const ACCEPTED: Described =
        Form::Whole { min: 1, max: Some(Self::MAX as i64) }.about("The maximum number of messages; 50 by default.");

    fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
        input.convert()
    }
}

/// The `seq` of a message; 0 is before the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MessageNumber(i64);

impl MessageNumber {
    /// The number.
    pub(super) const fn get(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for MessageNumber {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        if number < 0 { Err(Invalid::OutOfRange { min: 0, max: i64::MAX }) } else { Ok(Self(number)) }
    }
}

impl FromWire for MessageNumber {
    const ACCEPTED: Described =
        Form::Whole { min: 0, max: None }.about("The `seq` of a message; 0 is before the first one.");

    fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
        input.convert()
    }
}

/// `GET /api/chat/threads/{id}/messages`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields, schema(function = "in_one_direction", skip_on_field_errors = false))]
pub(super) struct MessagesQuery {
    /// The messages after this one, oldest first.
    after: Defaulted<MessageNumber>,
    /// The messages before this one; not together with `after`.
    before: Defaulted<MessageNumber>,
    limit: Defaulted<MessageLimit>,
}

fn in_one_direction(query: &MessagesQuery) -> Result<(), ValidationError> {
    let both = query.after.valid().copied().flatten().zip(query.before.valid().copied().flatten());
    reject_inconsistent("before", "after", both.map(|_| "cannot be combined with after"))
}

impl MessagesQuery {
    /// Which messages, and how many at most.
    pub(super) fn window(self) -> Result<(Window, MessageLimit), Error> {
        let window = match (self.after.get()?, self.before.get()?) {
            (Some(MessageNumber(seq)), _) => Window::After(seq),
            (None, Some(MessageNumber(seq))) => Window::Before(seq),
            (None, None) => Window::Newest,
        };
        Ok((window, self.limit.get()?.unwrap_or_default()))
    }
}

/// Where a window of messages lies in its thread.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MessagesMeta {
    /// The maximum number of messages that was requested.
    pub(super) limit: u16,
    /// The `seq` of the last message of the thread; 0 where it has none.
    pub(super) last_seq: i64,
    /// Whether more messages follow in the direction of paging.
    pub(super) has_more: bool,
}
