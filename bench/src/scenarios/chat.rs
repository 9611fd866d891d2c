//! Chats: listing, polling, sending.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{Kind, LIST, ONE, Scenario, WRITE, people::people, work};
use crate::{
    request::Request,
    site::{Site, TURNS, field},
};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "threads", title: "list of chats", requests: threads, bar: LIST, kind: Kind::Read },
    Scenario { name: "poll", title: "poll with nothing new (304)", requests: poll, bar: ONE, kind: Kind::Read },
    Scenario { name: "news", title: "poll with news", requests: news, bar: ONE, kind: Kind::Read },
    Scenario { name: "send", title: "send a message", requests: send, bar: WRITE, kind: Kind::Write(work::written) },
];

/// The lists of technicians and companies with threads, in turn.
fn threads(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let technicians = people(
        site,
        "SELECT DISTINCT user_id AS account FROM technicians JOIN threads ON technician_id = technicians.id",
    )?;
    let members = people(
        site,
        "SELECT id AS account FROM users WHERE role = 'COMPANY_ADMIN' AND active AND id IN \
         (SELECT user_id FROM company_members JOIN threads USING (company_id))",
    )?;
    let turns = technicians.iter().zip(&members).flat_map(|(technician, member)| [technician, member]);
    Ok(turns.take(TURNS).map(|person| Request::get("/api/chat/threads").bearer(person).items(1)).collect())
}

/// Threads with messages and their technicians. `skipped` separates the threads for
/// sending from those for polling.
fn chats(site: &mut Site<'_>, skipped: usize) -> Result<Vec<Value>> {
    site.database.rows(&format!(
        "SELECT threads.id AS thread, last_seq, user_id AS account FROM threads \
         JOIN technicians ON technicians.id = technician_id WHERE last_seq > 1 \
         ORDER BY md5(threads.id::text) LIMIT {TURNS} OFFSET {skipped}"
    ))
}

fn path(chat: &Value) -> Result<String> {
    Ok(format!("/api/chat/threads/{}/messages", field(chat, "thread")?))
}

fn poll(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let mut requests = Vec::new();
    for chat in chats(site, 0)? {
        let after = format!("{}?after={}", path(&chat)?, field(&chat, "last_seq")?);
        let request = Request::get(after).bearer(&site.person_in(&chat)?);
        let tag = site.server.expect(&request)?.tag.context("no ETag")?;
        requests.push(request.known(&tag));
    }
    Ok(requests)
}

fn news(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let chats = chats(site, 0)?;
    let request = |chat| {
        let last: i64 = field(chat, "last_seq")?.parse()?;
        Ok(Request::get(format!("{}?after={}", path(chat)?, last - 1)).bearer(&site.person_in(chat)?).items(1))
    };
    chats.iter().map(request).collect()
}

fn send(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let body = json!({"text": "The crane is booked for Tuesday; is the team complete by then?"});
    let chats = chats(site, TURNS)?;
    let request = |chat| Ok(Request::post(path(chat)?, body.clone()).bearer(&site.person_in(chat)?));
    chats.iter().map(request).collect()
}
