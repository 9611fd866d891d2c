//! Random texts, composed of words and sentences.

use super::{
    random::Random,
    words::{COMPANY_SUFFIXES, FIRST_NAMES, LAST_NAMES, NAME_ENDINGS, NAME_MIDDLES, NAME_STARTS},
};

/// Sentences of descriptions and biographies.
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

/// Sentences of messages.
const MESSAGE_SENTENCES: [&str; 24] = [
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

/// Sentences of comments with a good rating.
const PRAISE: [&str; 6] = [
    "Careful work.",
    "Always on time.",
    "Knows these turbines.",
    "Good reports.",
    "Safe and calm at heights.",
    "A pleasure to work with.",
];

/// Sentences of comments with a bad rating.
const CRITICISM: [&str; 4] = ["Came late.", "Reports were missing.", "Needs guidance.", "Left before the end."];

/// A person's name.
pub(super) fn full_name(random: &mut Random) -> String {
    format!("{} {}", random.choose_skewed(&FIRST_NAMES), random.choose_skewed(&LAST_NAMES))
}

/// One of some 4,600 invented names, for wind farms and companies.
pub(super) fn invented_name(random: &mut Random) -> String {
    format!("{}{}{}", random.choose(&NAME_STARTS), random.choose(&NAME_MIDDLES), random.choose(&NAME_ENDINGS))
}

/// A company's name.
pub(super) fn company_name(random: &mut Random) -> String {
    format!("{} {}", invented_name(random), random.choose_skewed(&COMPANY_SUFFIXES))
}

/// This number of sentences about work.
pub(super) fn sentences(random: &mut Random, count: u64) -> String {
    let sentences: Vec<_> = (0..count).map(|_| random.choose_skewed(&SENTENCES)).collect();
    sentences.join(" ")
}

/// A message of one to four sentences.
pub(super) fn message(random: &mut Random) -> String {
    let sentences: Vec<_> = (0..=random.skewed(4)).map(|_| random.choose(&MESSAGE_SENTENCES)).collect();
    sentences.join(" ")
}

/// A comment that suits a rating from 1 to 5.
pub(super) fn comment(random: &mut Random, rating: u32) -> String {
    let sentences: &[_] = if rating > 3 { &PRAISE } else { &CRITICISM };
    format!("{} {}", random.choose(sentences), random.choose(sentences))
}
