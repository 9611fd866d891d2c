use std::{iter, mem};

use proptest::prelude::*;

use super::*;

/// A batched job, by its slot.
#[derive(Clone, Copy, PartialEq)]
enum Batched {
    WithoutSlot,
    WaitsFor(u32),
    InSlot,
}

proptest! {
    /// No sequence of jobs exceeds a limit, and all slots and places are free at its end.
    #[test]
    fn every_limit_holds_and_everything_is_freed(steps in prop::collection::vec((0..4u8, 0..5u8, 0..4u128, 0..3u8), 0..400)) {
        let mut world = World::new(LIMITS);
        let mut tickets = Vec::new();
        let mut batched = Vec::<(Slot, Batched)>::new();
        let ends = iter::repeat_n((4, 0, 0, 0), 200);
        for (step, last, number, kind) in steps.into_iter().chain(ends) {
            let kind = [JobKind::Usual, JobKind::Slow, JobKind::Batched][usize::from(kind)];
            match step {
                0 | 1 => tickets.extend(world.submit(account(last, number), kind).ok().flatten()),
                2 if number == 0 => {
                    tickets.pop().map(|ticket| world.queue.remove(ticket));
                }
                3 => {
                    world.number += 1;
                    if let Some((slot, state)) = batched.iter_mut().find(|(_, state)| *state == Batched::WithoutSlot) {
                        let is_taken = if last < 3 {
                            world.queue.take(*slot, world.number).is_ok()
                        } else {
                            let started = Started { job: world.number, slot: *slot, is_batched: true };
                            world.queue.take_first(started).is_ok()
                        };
                        *state = if is_taken { Batched::InSlot } else { Batched::WaitsFor(world.number) };
                    }
                }
                _ => {
                    if !world.running.is_empty() {
                        world.finish();
                    }
                    let ended = batched.iter().position(|(_, state)| !matches!(state, Batched::WaitsFor(_)));
                    if let Some((slot, state)) = ended.map(|index| batched.remove(index)) {
                        let in_slot = if state == Batched::InSlot { world.queue.finish(slot) } else { None };
                        world.running.extend(in_slot.into_iter().chain(world.queue.finish_batched(slot)));
                    }
                }
            }
            let (begun, running) = mem::take(&mut world.running).into_iter().partition(|started| started.is_batched);
            let begun: Vec<Started<u32>> = begun;
            world.running = running;
            batched.extend(begun.iter().map(|started| (started.slot, Batched::WithoutSlot)));
            for (_, state) in &mut batched {
                if let Some(index) = world.running.iter().position(|started| *state == Batched::WaitsFor(started.job)) {
                    world.running.remove(index);
                    *state = Batched::InSlot;
                }
            }
            let in_slots: Vec<_> = batched.iter().filter(|(_, state)| *state == Batched::InSlot).map(|(slot, _)| *slot).collect();
            let slots: Vec<_> = world.running.iter().map(|started| started.slot).chain(in_slots).collect();
            let slow = |slots: &[Slot]| slots.iter().filter(|slot| slot.kind == JobKind::Slow).count();
            prop_assert!(slots.len() <= 8 && slow(&slots) <= 4 && batched.len() <= 4);
            prop_assert_eq!((slots.len(), batched.len()), (world.queue.running(), world.queue.running_batched()));
            for last in 0..5 {
                let is_of_address = |slot: &&Slot| slot.client.address == address(last).address;
                let of_address: Vec<_> = slots.iter().copied().filter(|slot| is_of_address(&slot)).collect();
                prop_assert!(of_address.len() <= 6 && slow(&of_address) <= 3);
                prop_assert!(batched.iter().filter(|(slot, _)| is_of_address(&slot)).count() <= 3);
            }
        }
        prop_assert!(world.queue.held.is_empty());
        prop_assert_eq!((world.queue.waiting(), world.queue.running_slow, world.queue.running()), (0, 0, 0));
    }
}
