//! What is served where.

use std::cmp::max;

use actix_web::web::{self, Data};
use repower_application::chat::{ChatService, OpenThread};
use repower_domain::{
    accounts::{Actor, Permission},
    ids::ThreadId,
};
use repower_ports::chat::MessagePage;

use super::{
    docs,
    dto::{
        MarkReadBody, MessageLimit, MessageView, MessagesMeta, MessagesQuery, OpenThreadWithCompanyBody,
        OpenThreadWithTechnicianBody, SendMessageBody, ThreadView, ThreadsQuery, UnreadView,
    },
};
use crate::http::{
    Answer, ApiError, Body, Caller, FieldError, IdempotencyKey, IfNoneMatch, Paging, PathId, Query, Route, Success,
};

/// The routes of chats.
pub const ROUTES: &[Route] = &[
    Route::post("/api/chat/threads", || web::to(open), docs::open),
    Route::get("/api/chat/threads", || web::to(list), docs::list),
    Route::get("/api/chat/threads/{id}/messages", || web::to(messages), docs::messages),
    Route::post("/api/chat/threads/{id}/messages", || web::to(send), docs::send),
    Route::post("/api/chat/threads/{id}/read", || web::to(mark_read), docs::mark_read),
];

async fn open(caller: Caller, key: IdempotencyKey, body: Body<()>, chats: Data<ChatService>) -> Answer {
    let work = move |actor: &_| {
        let wish = read_wish(&body, actor)?;
        key.once(actor, &body, || {
            let opened = chats.open(actor, wish)?;
            Ok(Success::made(opened.is_new, "Chat opened", ThreadView::from(opened.record)))
        })
    };
    caller.run(Permission::Chat, work).await
}

async fn list(caller: Caller, query: Query<ThreadsQuery>, chats: Data<ChatService>) -> Answer {
    let work = move |actor: &Actor| {
        let query = query.parse()?;
        let paging = Paging::new("threads", &actor.user_id(), query.limit.get()?, query.cursor.get()?)?;
        let page = chats.list(actor, paging.request())?;
        Ok(Success::page("Your chats", &paging, page, ThreadView::from))
    };
    caller.run(Permission::Chat, work).await
}

async fn messages(
    caller: Caller,
    id: PathId<ThreadId>,
    query: Query<MessagesQuery>,
    known: IfNoneMatch,
    chats: Data<ChatService>,
) -> Answer {
    let work = move |actor: &_| {
        let (window, limit) = query.parse()?.window()?;
        let thread = chats.thread(actor, id.parse()?)?;
        // Messages never change, so the number of the last one tells all of them.
        let version = (thread.last_seq(), window, limit);
        let answer = Success::unless_known(&version, &known, || {
            let page = chats.messages(thread, window, limit.get())?;
            Ok(messages_of(page, limit, thread.last_seq()))
        })?;
        Ok(answer.cache_control("private, no-cache"))
    };
    caller.run(Permission::Chat, work).await
}

async fn send(
    caller: Caller,
    id: PathId<ThreadId>,
    key: IdempotencyKey,
    body: Body<SendMessageBody>,
    chats: Data<ChatService>,
) -> Answer {
    let work = move |actor: &_| {
        let writing = body.parse()?.try_into()?;
        key.once(actor, &body, || {
            let sent = chats.send(actor, id.parse()?, writing)?;
            Ok(Success::made(sent.is_new, "Message sent", MessageView::from(sent.message)))
        })
    };
    caller.run(Permission::Chat, work).await
}

async fn mark_read(caller: Caller, id: PathId<ThreadId>, body: Body<MarkReadBody>, chats: Data<ChatService>) -> Answer {
    let work = move |actor: &_| {
        let seq = body.parse()?.seq.get()?;
        let unread_count = chats.mark_read(actor, id.parse()?, seq.get())?;
        Ok(Success::of("Marked as read", UnreadView { unread_count }))
    };
    caller.run(Permission::Chat, work).await
}

/// Each side names the other.
fn read_wish(body: &Body<()>, actor: &Actor) -> Result<OpenThread, ApiError> {
    let tree = body.tree()?;
    let refused = |errors: Vec<FieldError>| ApiError::validation(&errors);
    match actor {
        Actor::Technician { .. } => tree.read::<OpenThreadWithCompanyBody>().map_err(refused)?.try_into(),
        Actor::Member { .. } => tree.read::<OpenThreadWithTechnicianBody>().map_err(refused)?.try_into(),
        Actor::SuperAdmin { .. } => Err(ApiError::forbidden()),
    }
}

fn messages_of(page: MessagePage, limit: MessageLimit, last_seq: i64) -> Success {
    // A message that came after the thread was looked at is shown already.
    let last_seq = page.messages.last().map_or(last_seq, |message| max(last_seq, message.seq));
    let meta = MessagesMeta { limit: limit.get(), last_seq, has_more: page.has_more };
    let views: Vec<_> = page.messages.into_iter().map(MessageView::from).collect();
    Success::with_meta("Messages", views, meta)
}
