//! Threads between companies and their applicants, and their messages.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use repower_domain::{
    accounts::Side,
    chat::{Message, Thread},
    ids::{JobId, ThreadId},
};
use repower_ports::bulk::{BulkThread, ReadPosition};

use super::{
    applications::ApplicationOutline,
    companies::CompanyOutline,
    error::InvalidRow,
    plan::{LARGEST_SHARE, LoadPlan},
    random::{Shares, Stream, microseconds, signed},
    technicians::TechnicianOutline,
    texts,
};

/// The weights of threads in the distribution of messages, with their percentages.
const LENGTHS: [(u64, u64); 6] = [(0, 2), (1, 18), (3, 30), (8, 30), (20, 15), (60, 5)];

/// The values of a thread to which its messages refer.
#[derive(Debug, Clone, Copy)]
pub(super) struct ThreadOutline {
    number: u64,
    id: ThreadId,
    /// The number of the company.
    company: u64,
    /// The number of the technician.
    technician: u64,
    job: Option<JobId>,
    created_at: DateTime<Utc>,
}

/// The outlines of all threads, each for one of the applications. Some have no job.
pub(super) fn outlines(
    plan: &LoadPlan,
    applications: impl Iterator<Item = ApplicationOutline>,
) -> impl Iterator<Item = ThreadOutline> {
    let mut shares = Shares::new(plan.volume.threads, plan.volume.applications);
    let mut without_job = HashSet::new();
    let chosen = applications.filter(move |_| shares.next(1) > 0);
    (0..).zip(chosen).map(move |(number, ApplicationOutline { job, technician, created_at, .. })| {
        let mut random = plan.random(Stream::Thread, number);
        let created_at = random.time_between(created_at, plan.end().min(created_at + TimeDelta::days(3)));
        let has_job = !random.chance(20) || !without_job.insert((job.company, technician));
        ThreadOutline {
            number,
            id: random.id(created_at),
            company: job.company,
            technician,
            job: has_job.then_some(job.id),
            created_at,
        }
    })
}

/// The distribution of the messages over the threads.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MessageShares {
    /// The number of the thread with the most messages.
    largest: Option<u64>,
    total_weight: u64,
}

impl MessageShares {
    /// Weighs a thread. The first thread of the first company gets the most
    /// messages.
    pub(super) fn add(&mut self, plan: &LoadPlan, thread: &ThreadOutline) {
        if thread.company == 0 {
            self.largest = self.largest.or(Some(thread.number));
        }
        self.total_weight += weight(plan, thread);
    }

    /// Whether no thread can have messages.
    pub(super) const fn is_empty(&self) -> bool {
        self.total_weight == 0
    }
}

fn weight(plan: &LoadPlan, thread: &ThreadOutline) -> u64 {
    plan.random(Stream::ThreadLength, thread.number).choose_weighted(&LENGTHS)
}

/// A thread with the senders and times of its messages.
pub(super) struct Conversation {
    thread: ThreadOutline,
    /// The sender of each message.
    senders: Vec<Side>,
    /// The number of the first message among the messages of all threads.
    first: u64,
    /// The time from one message to the next.
    interval: TimeDelta,
}

/// The conversations of all threads.
pub(super) fn conversations(
    plan: &LoadPlan,
    distribution: MessageShares,
    threads: impl Iterator<Item = ThreadOutline>,
) -> impl Iterator<Item = Conversation> {
    let MessageShares { largest, total_weight } = distribution;
    let extra = largest.map_or(0, |_| plan.volume.messages / LARGEST_SHARE);
    let mut shares = Shares::new(plan.volume.messages - extra, total_weight);
    let mut first = 0;
    threads.map(move |thread| {
        let share = shares.next(weight(plan, &thread));
        let count = if largest == Some(thread.number) { share + extra } else { share };
        first += count;
        conversation(plan, thread, first - count, count)
    })
}

fn conversation(plan: &LoadPlan, thread: ThreadOutline, first: u64, count: u64) -> Conversation {
    let mut random = plan.random(Stream::Conversation, thread.number);
    let ends_at = plan.end().min(thread.created_at + TimeDelta::days(30));
    let duration = random.below(microseconds(ends_at - thread.created_at));
    let mut sender = if random.chance(60) { Side::Company } else { Side::Technician };
    let senders = (0..count).map(|_| {
        if random.chance(65) {
            sender = other(sender);
        }
        sender
    });
    let interval = TimeDelta::microseconds(signed(duration / count.max(1)));
    Conversation { thread, senders: senders.collect(), first, interval }
}

const fn other(side: Side) -> Side {
    match side {
        Side::Company => Side::Technician,
        Side::Technician => Side::Company,
    }
}

impl Conversation {
    fn length(&self) -> u64 {
        self.senders.len() as u64
    }

    /// The time of the message with this number, from 1.
    fn sent_at(&self, seq: u64) -> DateTime<Utc> {
        self.thread.created_at + self.interval * i32::try_from(seq).unwrap_or(i32::MAX)
    }

    /// The read position of a side that has read up to this message.
    fn read_position(&self, side: Side, seq: u64) -> ReadPosition {
        let following = self.senders.iter().skip(usize::try_from(seq).unwrap_or(usize::MAX));
        let unread = following.filter(|sender| **sender != side).count();
        ReadPosition { seq: signed(seq), unread: u32::try_from(unread).unwrap_or(u32::MAX) }
    }
}

/// The thread of a conversation.
pub(super) fn thread(plan: &LoadPlan, conversation: &Conversation) -> BulkThread {
    let ThreadOutline { number, id, company, technician, job, created_at } = conversation.thread;
    let length = conversation.length();
    let mut random = plan.random(Stream::ReadPositions, number);
    let mut read_seq = || if random.chance(65) { length } else { random.below(length + 1) };
    let (by_company, by_technician) = (read_seq(), read_seq());
    BulkThread {
        thread: Thread::builder()
            .id(id)
            .company_id(CompanyOutline::new(plan, company).id)
            .technician_id(TechnicianOutline::new(plan, technician).id)
            .job_id(job)
            .created_at(created_at)
            .build(),
        last_seq: signed(length),
        last_activity_at: conversation.sent_at(length),
        company: conversation.read_position(Side::Company, by_company),
        technician: conversation.read_position(Side::Technician, by_technician),
    }
}

/// The messages of a conversation.
pub(super) fn messages(
    plan: &LoadPlan,
    conversation: Conversation,
) -> impl Iterator<Item = Result<Message, InvalidRow>> {
    let company = CompanyOutline::new(plan, conversation.thread.company).admin;
    let technician = TechnicianOutline::new(plan, conversation.thread.technician).user;
    let senders = conversation.senders.clone();
    (0..).zip(senders).map(move |(index, sender)| {
        let mut random = plan.random(Stream::Message, conversation.first + index);
        let created_at = conversation.sent_at(index + 1);
        let id = random.id(created_at);
        let text = texts::message(&mut random).parse()?;
        let client_id = random.chance(50).then(|| format!("{:016x}", random.below(u64::MAX)).parse());
        Ok(Message::builder()
            .id(id)
            .thread_id(conversation.thread.id)
            .seq(signed(index + 1))
            .sender(sender)
            .sender_user_id(match sender {
                Side::Company => company,
                Side::Technician => technician,
            })
            .text(text)
            .client_message_id(client_id.transpose()?)
            .created_at(created_at)
            .build())
    })
}
