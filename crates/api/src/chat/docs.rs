//! What the document says of the routes.

use repower_domain::accounts::Permission;
use utoipa::openapi::schema::OneOfBuilder;

use super::dto::{
    MarkReadBody, MessageView, MessagesMeta, MessagesQuery, OpenThreadWithCompanyBody, OpenThreadWithTechnicianBody,
    SendMessageBody, ThreadView, ThreadsQuery, UnreadView,
};
use crate::openapi::{Operation, SchemaRef, Schemas, Tag, body};

const TAG: Tag = Tag::Chat;

pub(super) fn open() -> Operation {
    Operation::new(
        TAG,
        "openThread",
        "Begin a conversation, or find the one that is there",
        "There is one for each company, technician and job, the one without a job included. A technician names the \
         company, a company the technician. A `text` is sent in either case.",
    )
    .by(Permission::Chat)
    .takes_as(opening)
    .repeatable()
    .answers::<ThreadView>(201, "Begun.")
    .answers::<ThreadView>(200, "It was there.")
    .refuses(crate::http::Code::NotFound, "there is no such company, technician or job that the caller may know of")
}

fn opening(schemas: &mut Schemas) -> SchemaRef {
    OneOfBuilder::new()
        .item(body::<OpenThreadWithCompanyBody>(schemas))
        .item(body::<OpenThreadWithTechnicianBody>(schemas))
        .into()
}

pub(super) fn list() -> Operation {
    Operation::new(TAG, "listThreads", "The own conversations", "Newest activity first.")
        .by(Permission::Chat)
        .reads::<ThreadsQuery>()
        .lists::<ThreadView>("Conversations.")
}

pub(super) fn messages() -> Operation {
    Operation::new(
        TAG,
        "listMessages",
        "The messages of a conversation",
        "Ascending by `seq`, which has no gaps: who polls `?after=<last seq>` misses nothing. Without `after` and \
         `before`: the newest.",
    )
    .by(Permission::Chat)
    .reads::<MessagesQuery>()
    .conditional()
    .answers_with_meta::<Vec<MessageView>, MessagesMeta>("Messages.")
}

pub(super) fn send() -> Operation {
    Operation::new(
        TAG,
        "sendMessage",
        "Send a message",
        "The same `clientMessageId` again answers the message that is there, whatever the text.",
    )
    .by(Permission::Chat)
    .takes::<SendMessageBody>()
    .repeatable()
    .answers::<MessageView>(201, "Sent.")
    .answers::<MessageView>(200, "It was there.")
}

pub(super) fn mark_read() -> Operation {
    Operation::new(
        TAG,
        "markRead",
        "Mark messages as read",
        "Up to `seq`; never backwards, and past the end means the end. A company's mark is one for all its members.",
    )
    .by(Permission::Chat)
    .takes::<MarkReadBody>()
    .answers::<UnreadView>(200, "What is left unread.")
}
