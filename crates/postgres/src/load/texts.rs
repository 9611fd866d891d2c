//! Texts, made of the words.

use super::{
    draws::Draws,
    words::{BEGINNINGS, COMPANIES, ENDINGS, FIRST_NAMES, LAST_NAMES, MIDDLES},
};

const SENTENCES: [&str; 20] = [
    "Travel and lodging are paid.",
    "Two technicians work in a team on each turbine.",
    "Tools and personal protective equipment are on site.",
    "Work goes on in rotations of two weeks.",
    "A valid GWO basic safety training is needed.",
    "The campaign begins when the weather allows it.",
    "Reports are written in English every day.",
    "Repairs follow the manufacturer's instructions.",
    "Transfers to the turbines are by crew transfer vessel.",
    "Experience with composites is welcome.",
    "The site has its own canteen and accommodation.",
    "Waiting days are paid at half the rate.",
    "Work at night may be needed now and then.",
    "A driving licence is needed.",
    "The team speaks English and German.",
    "Findings are photographed and classified.",
    "A safety induction is held on the first day.",
    "The customer's audit takes place in the second week.",
    "Overtime is paid from the ninth hour on.",
    "Helicopter transfers need an additional training.",
];

const REMARKS: [&str; 24] = [
    "Good morning!",
    "Thank you, that suits me.",
    "When does the campaign begin?",
    "We begin as soon as the weather allows it.",
    "Could you send your IRATA logbook?",
    "I am available from next week on.",
    "The rate is as in the advertisement.",
    "Are travel days paid?",
    "Yes, at half the rate.",
    "How long are the rotations?",
    "Two weeks on, two weeks off.",
    "My certificate is in my passport now.",
    "We would like to offer you the job.",
    "Which turbines are they?",
    "Please bring your own harness.",
    "Lodging is near the harbour.",
    "I have worked at that site before.",
    "Could we talk on the phone tomorrow?",
    "I will let you know by Friday.",
    "The vessel leaves at six.",
    "Is a driving licence needed?",
    "Sorry, I am on another project until then.",
    "All clear, see you on site.",
    "Have a safe journey!",
];

const PRAISE: [&str; 6] = [
    "Careful work.",
    "Always on time.",
    "Knows these turbines.",
    "Good reports.",
    "Safe and calm at heights.",
    "A pleasure to work with.",
];

const BLAME: [&str; 4] = ["Came late.", "Reports were missing.", "Needs guidance.", "Left before the end."];

pub(super) fn full_name(draws: &mut Draws) -> String {
    format!("{} {}", draws.early(&FIRST_NAMES), draws.early(&LAST_NAMES))
}

/// A name that thousands share among them: of a wind farm, of a company.
pub(super) fn invented(draws: &mut Draws) -> String {
    format!("{}{}{}", draws.one(&BEGINNINGS), draws.one(&MIDDLES), draws.one(&ENDINGS))
}

pub(super) fn company_name(draws: &mut Draws) -> String {
    format!("{} {}", invented(draws), draws.early(&COMPANIES))
}

pub(super) fn sentences(draws: &mut Draws, count: u64) -> String {
    let sentences: Vec<_> = (0..count).map(|_| draws.early(&SENTENCES)).collect();
    sentences.join(" ")
}

pub(super) fn remark(draws: &mut Draws) -> String {
    let remarks: Vec<_> = (0..=draws.skewed(4)).map(|_| draws.one(&REMARKS)).collect();
    remarks.join(" ")
}

pub(super) fn comment(draws: &mut Draws, rating: i32) -> String {
    let of: &[_] = if rating > 3 { &PRAISE } else { &BLAME };
    format!("{} {}", draws.one(of), draws.one(of))
}
