//! A sample of the open jobs, from which a search learns how frequent its texts are, and by which
//! trigrams an index finds them at least cost.

use std::collections::BTreeMap;

use repower_domain::letters::spellings;
use uuid::Uuid;

use crate::matching::trigrams;

/// How many of the newest open jobs are in a sample, and of the oldest: one company may have
/// published many of the newest.
pub(super) const HALF: usize = 128;

/// The letters of a long text that are in a sample.
pub(super) const LETTERS: i32 = 2_000;

/// The trigrams of a search that an index looks up, at most. The index reads the list of each one:
/// that of a frequent one is long, and leaves out few jobs that the rare ones do not.
const MAX_PICKS: usize = 4;

/// The trigrams of a search that are compared, at most. Longer searches do without the others.
const MAX_COMPARED: usize = 100;

/// The texts of some open jobs.
#[derive(Debug, Default)]
pub(super) struct Sample {
    /// The beginnings of their texts.
    texts: Vec<String>,
    /// The numbers of the words that their whole texts have.
    words: Vec<Vec<i32>>,
    locations: Vec<String>,
    companies: Vec<Uuid>,
}

/// Jobs of a sample, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Jobs([u128; 2]);

impl Jobs {
    /// All jobs of any sample.
    pub(super) const ALL: Self = Self([u128::MAX; 2]);

    /// The jobs that are in both.
    pub(super) const fn and(self, other: Self) -> Self {
        let ([first, second], [other_first, other_second]) = (self.0, other.0);
        Self([first & other_first, second & other_second])
    }

    /// The jobs that are in one of both.
    const fn or(self, other: Self) -> Self {
        let ([first, second], [other_first, other_second]) = (self.0, other.0);
        Self([first | other_first, second | other_second])
    }

    /// How many jobs they are.
    pub(super) fn count(self) -> u32 {
        self.0.iter().map(|half| half.count_ones()).sum()
    }

    fn of<T>(all: &[T], is_one: impl Fn(&T) -> bool) -> Self {
        let mut halves = [0; 2];
        for (number, _) in all.iter().enumerate().filter(|(_, value)| is_one(value)) {
            if let Some(half) = halves.get_mut(number / HALF) {
                *half |= 1 << (number % HALF);
            }
        }
        Self(halves)
    }
}

impl Sample {
    /// Adds a job of a company, whose texts have the words of these numbers.
    pub(super) fn add(&mut self, text: String, location: String, company: Uuid, words: Vec<i32>) {
        self.texts.push(text);
        self.words.push(words);
        self.locations.push(location);
        self.companies.push(company);
    }

    /// The jobs that have the word of a number in their texts, or are of these companies.
    pub(super) fn with_word(&self, number: i32, companies: &[Uuid]) -> Jobs {
        Jobs::of(&self.words, |words| words.contains(&number))
            .or(Jobs::of(&self.companies, |company| companies.contains(company)))
    }

    /// The jobs that have a text in their location.
    pub(super) fn with_location(&self, location: &str) -> Jobs {
        let spellings: Vec<_> = spellings(location).collect();
        Jobs::of(&self.locations, |sampled| spellings.iter().any(|spelling| sampled.contains(spelling)))
    }

    /// Whether at least one of a hundred jobs is among these.
    pub(super) fn is_frequent(&self, jobs: Jobs) -> bool {
        let count = jobs.count() as usize;
        count > 0 && count * 100 >= self.texts.len()
    }

    /// Whether these are so few, one of 25 at most, that all of them are compared with a word. At a
    /// million jobs that takes some 30 milliseconds.
    pub(super) fn are_few(&self, jobs: Jobs) -> bool {
        jobs.count() as usize * 25 <= self.texts.len()
    }

    /// The trigrams by which an index finds the jobs with these words, and the jobs that have them
    /// among `jobs`. Each is the one that leaves fewest beside those before it. A word comes with its
    /// jobs: they have its trigrams, also beyond the part of their texts that is in the sample.
    pub(super) fn pick<'a>(&self, words: impl Iterator<Item = (&'a String, Jobs)>, jobs: Jobs) -> (Vec<String>, Jobs) {
        let all = words.flat_map(|(word, jobs)| trigrams(word).into_iter().map(move |trigram| (trigram, jobs)));
        let mut others: BTreeMap<String, Jobs> = BTreeMap::new();
        for (trigram, with_word) in all.take(MAX_COMPARED) {
            let with_it = Jobs::of(&self.texts, |text| text.contains(&trigram)).or(with_word);
            let known = others.entry(trigram).or_insert(with_it);
            *known = known.or(with_it);
        }
        let (mut picks, mut left) = (Vec::new(), jobs);
        while picks.len() < MAX_PICKS
            && let Some((trigram, jobs)) =
                others.iter().min_by_key(|(_, jobs)| (left.and(**jobs).count(), jobs.count()))
        {
            left = left.and(*jobs);
            let trigram = trigram.clone();
            others.remove(&trigram);
            picks.push(trigram);
        }
        (picks, left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Jobs = Jobs([0; 2]);
    const WORDS: [&str; 4] = ["blade", "tower", "rotor", "mast"];

    fn with(sample: &Sample, word: &str, companies: &[Uuid]) -> Jobs {
        let number = (0..).zip(WORDS).find(|(_, other)| *other == word).unwrap().0;
        sample.with_word(number, companies)
    }

    fn sample<const N: usize>(texts: [&str; N]) -> Sample {
        let mut sample = Sample::default();
        for text in texts {
            let words = (0..).zip(WORDS).filter(|(_, word)| text.contains(word)).map(|(number, _)| number).collect();
            sample.add(text.to_owned(), "malmo".to_owned(), Uuid::from_u128(text.len() as u128), words);
        }
        sample
    }

    fn picks(sample: &Sample, words: &[&str]) -> (Vec<String>, u32) {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        let (picks, left) = sample.pick(words.iter().map(|word| (word, NONE)), Jobs::ALL);
        (picks, left.count())
    }

    #[test]
    fn a_text_of_one_job_in_a_hundred_is_frequent() {
        let mut jobs = vec!["blade"; 2];
        jobs.resize(200, "tower");
        let all = sample::<200>(jobs.try_into().unwrap());
        let with_one = |word: &str| with(&all, word, &[]);
        assert!(all.is_frequent(with_one("blade")) && all.is_frequent(with_one("tower")));
        assert!(!all.is_frequent(with_one("rotor")));
        assert_eq!((with_one("blade").count(), with_one("blade").and(with_one("tower")).count()), (2, 0));
        assert_eq!(all.with_location("Malmö").count(), 200);
        let of_company = with(&sample(["tower", "mast", "nacelle"]), "mast", &[Uuid::from_u128(7)]);
        assert_eq!(of_company, Jobs([0b110, 0]));
        assert!(!sample(["tower"; 200]).is_frequent(with_one("rotor")));
        assert!(sample(["tower"]).is_frequent(with(&sample(["tower"]), "tower", &[])));
        assert!(!sample([]).is_frequent(Jobs::ALL.and(with(&sample([]), "tower", &[]))));
    }

    #[test]
    fn the_trigrams_that_fewest_jobs_have_together_are_picked() {
        let jobs = sample(["kilo meter", "kilo lima", "tango meter", "tango"]);
        assert_eq!(picks(&jobs, &["kilometer"]).0.first().unwrap(), "lom");
        let (together, left) = picks(&jobs, &["kilo", "tango"]);
        assert_eq!((together.len(), left), (4, 0), "{together:?}");
        assert_eq!(picks(&jobs, &["tango"]), (vec!["ang".to_owned(), "ngo".to_owned(), "tan".to_owned()], 2));
        assert_eq!(picks(&jobs, &["ab", "Å-b"]), (vec![], Jobs::ALL.count()));
    }
}
