use actix_web::web::Data;
use repower_application::chat::ChatService;
use repower_domain::{
    accounts::{Actor, Permission::Chat},
    ids::ThreadId,
};
use repower_http::{
    Body, Bounded, Caller, Code, CreatedOrFound, IdempotencyKey, IfNoneMatch, Listed, PageQuery, Paging, PathId, Query,
    Reply, Route, SidedBody, Success, WithMeta,
};
use repower_ports::{
    chat::{MessageRecord, Window},
    prefetch::Lookup,
};

use super::{
    dto::{
        ChatThreadView, MarkReadBody, MessageView, OpenThreadWithCompanyBody, OpenThreadWithTechnicianBody,
        SendMessageBody, UnreadTotalsView, UnreadView,
    },
    paging::{MessagesMeta, MessagesQuery},
};
use crate::error::{COMPANY_UNVERIFIED, DEACTIVATED, RouteResult};

/// The user sent too many messages to the thread, or wrote too often.
const TOO_MANY_MESSAGES: Code =
    Code::TOO_MANY_REQUESTS.when("The user has sent too many messages to the thread, or too many requests that write.");

/// The routes of chat.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/chat/threads", Chat, open)
            .creates("/api/chat/threads")
            .named("openThread", "Open a thread, or find the existing one")
            .about(
                "There is one for each company, technician and job, and one without a job. A technician names the \
                 company, a company the technician. A `text` is sent in either case.",
            )
            .errors([
                Code::NOT_FOUND
                    .when("The company, technician or job does not exist, or is not visible to the caller."),
                COMPANY_UNVERIFIED,
                TOO_MANY_MESSAGES,
                DEACTIVATED,
            ])
            .example("technician", r#"{"companyId": "{company}", "jobId": "{job}"}"#)
            .example("company", r#"{"technicianId": "{technician}", "jobId": "{job}"}"#),
        Route::get("/api/chat/threads", Chat, list)
            .named("listThreads", "The own threads")
            .about("Newest activity first."),
        Route::get("/api/chat/unread", Chat, unread)
            .named("getUnread", "What the caller has not read")
            .about("Over all threads; the members of a company share their marks. For polling with `If-None-Match`."),
        Route::get("/api/chat/threads/{id}/messages", Chat, messages)
            .named("listMessages", "The messages of a thread")
            .about(
                "Ascending by `seq`, which has no gaps: a client that polls `?after=<seq of the last message received>` \
                 misses nothing. Without `after` and `before`: the newest. Fewer than `limit` where they are long.",
            )
            .batched(),
        Route::post("/api/chat/threads/{id}/messages", Chat, send)
            .creates("/api/chat/threads/{id}/messages")
            .named("sendMessage", "Send a message")
            .errors([TOO_MANY_MESSAGES, DEACTIVATED])
            .about("The same `clientMessageId` again returns the existing message, whatever the text.")
            .example("message", r#"{"text": "Is lodging included?", "clientMessageId": "draft-1"}"#)
            .batched(),
        Route::post("/api/chat/threads/{id}/read", Chat, mark_read)
            .named("markRead", "Mark messages as read")
            .about(
                "Up to `seq`; never backwards, and past the end means the end. All members of a company share one \
                 mark.",
            )
            .example("mark", r#"{"seq": 1}"#),
    ]
}

/// The caller's own cache asks at each poll.
const POLLED: &str = "private, no-cache";

async fn open(
    caller: Caller,
    key: IdempotencyKey,
    body: SidedBody<OpenThreadWithCompanyBody, OpenThreadWithTechnicianBody>,
    chats: Data<ChatService>,
) -> RouteResult<CreatedOrFound<ChatThreadView>> {
    let work = move |actor: &Actor| {
        let requested = body.parse(actor)?;
        key.once(actor, body.bytes(), || {
            let opened = chats.open(actor, requested)?;
            Ok(CreatedOrFound::new(opened.is_new, "Thread opened", opened.record))
        })
    };
    caller.run(work).await
}

async fn list(
    caller: Caller,
    query: Query<PageQuery>,
    chats: Data<ChatService>,
) -> RouteResult<Listed<ChatThreadView>> {
    let work = move |actor: &Actor| {
        let PageQuery { limit, cursor } = query.parse()?;
        let paging = Paging::new("threads", &actor.user_id(), limit, cursor)?;
        let page = chats.list(actor, paging.request())?;
        Ok(Listed::new("Your threads", &paging, page))
    };
    caller.run(work).await
}

async fn unread(
    caller: Caller,
    known: IfNoneMatch,
    chats: Data<ChatService>,
) -> RouteResult<Success<UnreadTotalsView>> {
    let work = move |actor: &Actor| {
        let totals = chats.unread(actor)?;
        let reply: RouteResult<Success<_>> =
            Success::unless_known(&totals, &known, || Ok(Success::new("Unread messages", totals)));
        Ok(reply?.cache_control(POLLED))
    };
    caller.run(work).await
}

async fn messages(
    caller: Caller,
    id: PathId<ThreadId>,
    query: Query<MessagesQuery>,
    known: IfNoneMatch,
    chats: Data<ChatService>,
) -> RouteResult<WithMeta<Bounded<MessageView>, MessagesMeta>> {
    let (id, window) = (id.parse(), query.parse().map_err(Into::into).and_then(MessagesQuery::window));
    let lookup = match (&id, &window) {
        (Ok(thread), Ok((Window::After(after), _))) => Some(Lookup::Messages { thread: *thread, after: *after }),
        _ => None,
    };
    let work = move |actor: &Actor| {
        let (window, limit) = window?;
        let page = chats.messages(actor, id?, window, limit.get())?;
        // Either changes whenever a message or the name of a sender does.
        let version = ((page.last_seq, page.technician_revision), window, limit);
        let reply: RouteResult<WithMeta<_, _>> = WithMeta::unless_known(&version, &known, || {
            let (messages, is_cut) = fitting(window, page.messages);
            let has_more = page.has_more || is_cut;
            Ok(WithMeta::new(
                "Messages",
                messages,
                MessagesMeta { limit: limit.get(), last_seq: page.last_seq, has_more },
            ))
        });
        Ok(reply?.cache_control(POLLED))
    };
    caller.run_after(|_| lookup, work).await
}

/// The messages next to the boundary of the window that fit into a response, ascending,
/// and whether there are others.
fn fitting(window: Window, messages: Vec<MessageRecord>) -> (Bounded<MessageView>, bool) {
    let count = messages.len();
    let views = messages.into_iter().map(MessageView::from);
    let fitting = match window {
        Window::After(_) => Bounded::in_response(views),
        Window::Newest | Window::Before(_) => Bounded::in_response(views.rev()).reversed(),
    };
    let is_cut = fitting.len() < count;
    (fitting, is_cut)
}

async fn send(
    caller: Caller,
    id: PathId<ThreadId>,
    key: IdempotencyKey,
    body: Body<SendMessageBody>,
    chats: Data<ChatService>,
) -> RouteResult<CreatedOrFound<MessageView>> {
    let work = move |actor: &Actor| {
        let writing = body.parse()?.try_into()?;
        key.once(actor, body.bytes(), || {
            let sent = chats.send(actor, id.parse()?, writing)?;
            Ok(CreatedOrFound::new(sent.is_new, "Message sent", sent.record))
        })
    };
    caller.run(work).await
}

async fn mark_read(
    caller: Caller,
    id: PathId<ThreadId>,
    body: Body<MarkReadBody>,
    chats: Data<ChatService>,
) -> RouteResult<Success<UnreadView>> {
    let work = move |actor: &Actor| {
        let seq = body.parse()?.seq.get()?;
        let unread_count = chats.mark_read(actor, id.parse()?, seq.get())?;
        Ok(Success::new("Marked as read", UnreadView { unread_count }))
    };
    caller.run(work).await
}
