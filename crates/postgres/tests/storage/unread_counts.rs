use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use repower_domain::{accounts::Side, chat::Thread};
use repower_ports::{
    RepositoryError,
    chat::{ChatRepository, Participant, UnreadTotals},
};

use crate::{
    races::run_concurrently,
    support::{World, a_message, a_thread, assert_matches, first_page, new_id},
};

/// A thread with one message per letter: `c` from the company, `t` from the
/// technician.
fn a_chat(world: &World, messages: &str) -> Thread {
    let registered = world.register_company();
    let technician = world.technician();
    let thread = a_thread(registered.company.id, technician.id, None);
    world.chat.open(&thread, None, Side::Company).unwrap();
    for (second, letter) in (1..).zip(messages.chars()) {
        let (side, user) =
            if letter == 'c' { (Side::Company, registered.admin) } else { (Side::Technician, technician.user_id) };
        world.chat.send(thread.id, &a_message(side, user, "Hi", second)).unwrap();
    }
    thread
}

fn unread(world: &World, thread: &Thread, side: Side) -> u32 {
    let participant = match side {
        Side::Company => Participant::Company(thread.company_id),
        Side::Technician => Participant::Technician(thread.technician_id),
    };
    world.chat.list(participant, first_page(9)).unwrap().items[0].unread_count
}

#[test]
fn unread_messages_are_those_of_the_other_side_after_the_read_position() {
    let world = World::isolated();
    let thread = a_chat(&world, "cttctc");
    let mark_read = |side, seq| world.chat.mark_read(thread.id, side, seq).unwrap();
    assert_eq!((unread(&world, &thread, Side::Company), unread(&world, &thread, Side::Technician)), (3, 3));
    let left: Vec<_> = (1..=6).map(|seq| mark_read(Side::Company, seq)).collect();
    assert_eq!(left, [3, 2, 1, 1, 0, 0]);
    assert_eq!((unread(&world, &thread, Side::Company), unread(&world, &thread, Side::Technician)), (0, 3));
    assert_eq!(mark_read(Side::Technician, 4), 1);
    assert_eq!((unread(&world, &thread, Side::Company), unread(&world, &thread, Side::Technician)), (0, 1));
}

/// A mark counts either the messages that it passes or the ones after it.
#[test]
fn marks_at_any_distance_leave_the_messages_of_the_other_side_after_them() {
    let world = World::isolated();
    let sent = "ttcttctcctct";
    for distance in 1..=sent.len() {
        let thread = a_chat(&world, sent);
        for read in (distance..=sent.len()).step_by(distance) {
            let left = sent[read..].matches('t').count();
            let unread = world.chat.mark_read(thread.id, Side::Company, i64::try_from(read).unwrap()).unwrap();
            assert_eq!(usize::try_from(unread).unwrap(), left, "{read} by {distance}");
        }
    }
}

#[test]
fn what_a_side_has_not_read_is_summed_over_its_threads() {
    let world = World::isolated();
    let first = a_chat(&world, "cttctc");
    let company = Participant::Company(first.company_id);
    for messages in ["tt", "cc", ""] {
        let other = a_chat(&world, messages);
        world.execute(&format!("UPDATE threads SET company_id = '{}' WHERE id = '{}'", first.company_id, other.id));
    }
    assert_eq!(world.chat.unread(company).unwrap(), UnreadTotals { threads: 2, messages: 5 });
    let technician = Participant::Technician(first.technician_id);
    assert_eq!(world.chat.unread(technician).unwrap(), UnreadTotals { threads: 1, messages: 3 });
    world.chat.mark_read(first.id, Side::Company, 5).unwrap();
    assert_eq!(world.chat.unread(company).unwrap(), UnreadTotals { threads: 1, messages: 2 });
    for nobody in [Participant::Company(new_id()), Participant::Technician(new_id())] {
        assert_eq!(world.chat.unread(nobody).unwrap(), UnreadTotals::default());
    }
    assert_eq!(world.statements_of(|| world.chat.unread(company).unwrap()).len(), 1);
}

#[test]
fn a_read_position_never_decreases() {
    let world = World::isolated();
    let thread = a_chat(&world, "tttt");
    let mark_read = |seq| world.chat.mark_read(thread.id, Side::Company, seq).unwrap();
    assert_eq!([mark_read(3), mark_read(1), mark_read(0), mark_read(-5), mark_read(3)], [1; 5]);
    assert_eq!(world.count("threads", "company_read_seq = 3 AND company_unread = 1"), 1);
}

#[test]
fn a_read_position_past_the_end_is_capped_and_later_messages_are_unread() {
    let world = World::isolated();
    let thread = a_chat(&world, "tt");
    assert_eq!(world.chat.mark_read(thread.id, Side::Company, i64::MAX).unwrap(), 0);
    assert_eq!(world.count("threads", "company_read_seq = 2"), 1);
    world.chat.send(thread.id, &a_message(Side::Technician, world.technician().user_id, "Hi", 9)).unwrap();
    assert_eq!(unread(&world, &thread, Side::Company), 1);
    assert_eq!(world.chat.mark_read(thread.id, Side::Company, 2).unwrap(), 1);
}

#[test]
fn an_empty_thread_has_no_unread_messages_and_an_unknown_one_is_stale() {
    let world = World::isolated();
    let thread = a_chat(&world, "");
    assert_eq!(world.chat.mark_read(thread.id, Side::Technician, 7).unwrap(), 0);
    assert_matches!(world.chat.mark_read(new_id(), Side::Technician, 7), Err(RepositoryError::Stale));
}

#[test]
fn unread_counts_are_exact_after_concurrent_sends_and_reads() {
    let world = World::with_own_schema();
    let thread = a_chat(&world, "");
    let technician = world.technician().user_id;
    let all_sent = AtomicBool::new(false);
    thread::scope(|scope| {
        for side in [Side::Company, Side::Technician] {
            let (world, thread, all_sent) = (&world, &thread, &all_sent);
            scope.spawn(move || {
                while !all_sent.load(Ordering::SeqCst) {
                    let last = world.last_seq(thread.id);
                    world.chat.mark_read(thread.id, side, last - 3).unwrap();
                }
            });
        }
        run_concurrently(&world, 10, |index| {
            let side = if index % 2 == 0 { Side::Company } else { Side::Technician };
            for _ in 0..10 {
                world.chat.send(thread.id, &a_message(side, technician, "Hi", 1)).unwrap();
            }
        });
        all_sent.store(true, Ordering::SeqCst);
    });
    let exact = "company_unread = (SELECT count(*) FROM messages
                     WHERE thread_id = threads.id AND seq > company_read_seq AND sender_type = 'TECHNICIAN')
                 AND technician_unread = (SELECT count(*) FROM messages
                     WHERE thread_id = threads.id AND seq > technician_read_seq AND sender_type = 'COMPANY')";
    assert_eq!((world.count("threads", "last_seq = 100"), world.count("threads", exact)), (1, 1));
}
