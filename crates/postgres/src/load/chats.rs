//! Threads between those who met by an application, and their messages.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use repower_domain::accounts::Side;
use uuid::Uuid;

use super::{
    applications::{ApplicationFacts, CROWDED},
    draws::{Kind, Shares, micros, signed},
    plan::LoadPlan,
    texts,
};
use crate::schema::{messages, threads};

/// How many more messages than others some threads have.
const LENGTHS: [(u64, u64); 6] = [(0, 2), (1, 18), (3, 30), (8, 30), (20, 15), (60, 5)];

#[derive(Insertable)]
#[diesel(table_name = threads, treat_none_as_default_value = false)]
pub(super) struct ThreadRow {
    id: Uuid,
    company_id: Uuid,
    technician_id: Uuid,
    job_id: Option<Uuid>,
    last_seq: i64,
    last_activity_at: DateTime<Utc>,
    company_unread: i32,
    technician_unread: i32,
    company_read_seq: i64,
    technician_read_seq: i64,
    created_at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = messages, treat_none_as_default_value = false)]
pub(super) struct MessageRow {
    id: Uuid,
    thread_id: Uuid,
    seq: i64,
    sender_type: &'static str,
    sender_user_id: Uuid,
    text: String,
    client_message_id: Option<String>,
    created_at: DateTime<Utc>,
}

/// What is known of a thread before its messages are.
#[derive(Debug, Clone, Copy)]
pub(super) struct ThreadFacts {
    number: u64,
    id: Uuid,
    /// The number of the company.
    pub(super) company: u64,
    /// The number of the technician.
    technician: u64,
    job: Option<Uuid>,
    created_at: DateTime<Utc>,
}

/// The threads: one for every few of the applications, some about no job.
pub(super) fn threads(
    plan: &LoadPlan,
    applications: impl Iterator<Item = ApplicationFacts>,
) -> impl Iterator<Item = ThreadFacts> {
    let mut places = Shares::new(plan.volume.threads, plan.volume.applications);
    let mut without_job = HashSet::new();
    let chosen = applications.filter(move |_| places.next(1) > 0);
    (0..).zip(chosen).map(move |(number, ApplicationFacts { job, technician, created_at, .. })| {
        let mut draws = plan.draws(Kind::Thread, number);
        let created_at = draws.between(created_at, plan.end().min(created_at + TimeDelta::days(3)));
        let is_about_job = !draws.chance(20) || !without_job.insert((job.company, technician));
        ThreadFacts {
            number,
            id: draws.id(created_at),
            company: job.company,
            technician,
            job: is_about_job.then_some(job.id),
            created_at,
        }
    })
}

/// How the messages are spread over the threads.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lengths {
    /// The number of the thread that has most.
    crowded: Option<u64>,
    weights: u64,
}

impl Lengths {
    /// Takes a thread into account; the first one of the first company has most
    /// messages.
    pub(super) fn weigh(&mut self, plan: &LoadPlan, thread: &ThreadFacts) {
        if thread.company == 0 {
            self.crowded = self.crowded.or(Some(thread.number));
        }
        self.weights += weight(plan, thread);
    }

    /// Whether no thread takes a message.
    pub(super) const fn is_nothing(&self) -> bool {
        self.weights == 0
    }
}

fn weight(plan: &LoadPlan, thread: &ThreadFacts) -> u64 {
    plan.draws(Kind::Length, thread.number).weighted(&LENGTHS)
}

/// A thread with all that was said in it.
pub(super) struct Talk {
    thread: ThreadFacts,
    /// Who sent each message.
    senders: Vec<Side>,
    /// The number of the first message among all.
    first: u64,
    /// The time from one message to the next.
    pause: TimeDelta,
}

/// What is said in each of the threads.
pub(super) fn talks(
    plan: &LoadPlan,
    lengths: Lengths,
    threads: impl Iterator<Item = ThreadFacts>,
) -> impl Iterator<Item = Talk> {
    let crowd = lengths.crowded.map_or(0, |_| plan.volume.messages / CROWDED);
    let mut shares = Shares::new(plan.volume.messages - crowd, lengths.weights);
    let mut first = 0;
    threads.map(move |thread| {
        let share = shares.next(weight(plan, &thread));
        let count = if lengths.crowded == Some(thread.number) { share + crowd } else { share };
        first += count;
        talk(plan, thread, first - count, count)
    })
}

fn talk(plan: &LoadPlan, thread: ThreadFacts, first: u64, count: u64) -> Talk {
    let mut draws = plan.draws(Kind::Talk, thread.number);
    let ends_at = plan.end().min(thread.created_at + TimeDelta::days(30));
    let time = draws.below(micros(ends_at - thread.created_at));
    let mut sender = if draws.chance(60) { Side::Company } else { Side::Technician };
    let senders = (0..count).map(|_| {
        if draws.chance(65) {
            sender = other(sender);
        }
        sender
    });
    let pause = TimeDelta::microseconds(signed(time / count.max(1)));
    Talk { thread, senders: senders.collect(), first, pause }
}

const fn other(side: Side) -> Side {
    match side {
        Side::Company => Side::Technician,
        Side::Technician => Side::Company,
    }
}

impl Talk {
    fn length(&self) -> u64 {
        self.senders.len() as u64
    }

    /// When the message with this number was sent.
    fn sent_at(&self, seq: u64) -> DateTime<Utc> {
        self.thread.created_at + self.pause * i32::try_from(seq).unwrap_or(i32::MAX)
    }

    /// How many messages of the other side follow a mark.
    fn unread(&self, side: Side, mark: u64) -> i32 {
        let following = self.senders.iter().skip(usize::try_from(mark).unwrap_or(usize::MAX));
        i32::try_from(following.filter(|sender| **sender != side).count()).unwrap_or(i32::MAX)
    }
}

pub(super) fn thread_row(plan: &LoadPlan, talk: &Talk) -> ThreadRow {
    let ThreadFacts { number, id, company, technician, job, created_at } = talk.thread;
    let mut draws = plan.draws(Kind::Marks, number);
    let mut mark = || if draws.chance(65) { talk.length() } else { draws.below(talk.length() + 1) };
    let (by_company, by_technician) = (mark(), mark());
    ThreadRow {
        id,
        company_id: plan.company(company).id,
        technician_id: plan.technician(technician).id,
        job_id: job,
        last_seq: signed(talk.length()),
        last_activity_at: talk.sent_at(talk.length()),
        company_unread: talk.unread(Side::Company, by_company),
        technician_unread: talk.unread(Side::Technician, by_technician),
        company_read_seq: signed(by_company),
        technician_read_seq: signed(by_technician),
        created_at,
    }
}

pub(super) fn message_rows(plan: &LoadPlan, talk: Talk) -> impl Iterator<Item = MessageRow> {
    let company = plan.company(talk.thread.company).admin;
    let technician = plan.technician(talk.thread.technician).user;
    (0..talk.length()).map(move |place| {
        let mut draws = plan.draws(Kind::Message, talk.first + place);
        let created_at = talk.sent_at(place + 1);
        let id = draws.id(created_at);
        let sender = usize::try_from(place).ok().and_then(|place| talk.senders.get(place)).copied();
        let sender = sender.unwrap_or(Side::Company);
        MessageRow {
            id,
            thread_id: talk.thread.id,
            seq: signed(place + 1),
            sender_type: sender.as_str(),
            sender_user_id: match sender {
                Side::Company => company,
                Side::Technician => technician,
            },
            text: texts::remark(&mut draws),
            client_message_id: draws.chance(50).then(|| format!("{:016x}", draws.below(u64::MAX))),
            created_at,
        }
    })
}
