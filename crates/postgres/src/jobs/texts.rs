//! The texts of a search: how frequent they are, looked up in one statement before the jobs.

use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, BigInt, Integer, Nullable, Text, Uuid as SqlUuid},
};
use repower_ports::jobs::JobFilter;
use uuid::Uuid;

use super::sample::{self, Jobs, Sample};
use crate::matching::{has_trigrams, patterns, trigrams};

/// The companies with a word in their name that are looked up before their jobs, at most.
const MAX_NAMED: usize = 1_000;

/// Finds the companies with a word in their name, and a sample of the open jobs: of the newest
/// and of the oldest. A long text is cut, but compared as a whole: its location is at its end.
const LOOK_UP: &str = "\
    SELECT asked.number, named.id AS company, NULL AS text, NULL AS location, NULL AS words \
    FROM unnest($1::int[], $2::text[]) AS asked (number, pattern) \
    CROSS JOIN LATERAL \
        (SELECT id FROM companies WHERE listed AND search_name LIKE asked.pattern LIMIT $3) AS named \
    UNION ALL \
    SELECT 0, company_id, CASE WHEN octet_length(text) > $4 THEN left(text, $4) ELSE text END, location, \
           ARRAY(SELECT number FROM unnest($1::int[], $2::text[]) AS asked (number, pattern) WHERE text LIKE pattern) \
    FROM ( \
        (SELECT company_id, search_text || '' AS text, search_location AS location FROM jobs WHERE status = 'OPEN' \
         ORDER BY published_at DESC, id DESC LIMIT $5) \
        UNION ALL \
        (SELECT company_id, search_text || '', search_location FROM jobs WHERE status = 'OPEN' \
         ORDER BY published_at, id LIMIT $5)) AS sample";

#[derive(QueryableByName)]
struct Found {
    /// Of a word, from 0.
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = SqlUuid)]
    company: Uuid,
    /// Of a job of the sample.
    #[diesel(sql_type = Nullable<Text>)]
    text: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    location: Option<String>,
    /// The numbers of the words that the whole text has.
    #[diesel(sql_type = Nullable<Array<Integer>>)]
    words: Option<Vec<i32>>,
}

/// A text of a search: the companies and the sampled jobs that have it.
#[derive(Debug)]
pub(super) struct Known {
    /// The companies that have it in their name: all of them, or `None` if there are many or no
    /// index has the text. Of a location: none.
    pub(super) companies: Option<Vec<Uuid>>,
    /// The jobs of the sample that have it.
    jobs: Jobs,
}

impl Known {
    fn of(text: &str) -> Self {
        Self { companies: has_trigrams(text).then(Vec::new), jobs: Jobs::ALL }
    }

    /// Whether an index of jobs has all jobs with the text.
    fn is_of_jobs(&self) -> bool {
        self.companies.as_ref().is_some_and(Vec::is_empty)
    }
}

/// How the jobs of a search are found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// As PostgreSQL plans.
    Planned,
    /// By the index of texts that few jobs have.
    Index,
    /// In the first rows of the list, or else by the index.
    ListOrIndex,
    /// In slices of the list.
    Slices,
}

/// The texts of a search, and the sample they are compared with.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) words: Vec<Known>,
    location: Option<Known>,
    sample: Sample,
    /// The trigrams by which an index finds the jobs.
    pub(super) trigrams: Vec<String>,
    /// The jobs of the sample that an index finds.
    indexed: Jobs,
}

impl Texts {
    /// Looks up the words of a filter, and its location beside them, where an index has one of them.
    /// PostgreSQL plans well for a location alone.
    pub(super) fn look_up(connection: &mut PgConnection, filter: &JobFilter) -> QueryResult<Self> {
        let words: Vec<_> = filter.words.iter().map(|word| Known::of(word)).collect();
        let location = filter.location.as_deref().map(Known::of);
        let mut texts = Self { words, location, sample: Sample::default(), trigrams: Vec::new(), indexed: Jobs::ALL };
        if !filter.words.is_empty() && texts.words.iter().chain(&texts.location).any(Known::is_of_jobs) {
            texts.look_up_indexed(connection, filter)?;
        }
        Ok(texts)
    }

    fn look_up_indexed(&mut self, connection: &mut PgConnection, filter: &JobFilter) -> QueryResult<()> {
        let (numbers, patterns): (Vec<_>, Vec<_>) = (0..)
            .zip(&filter.words)
            .filter(|(_, word)| has_trigrams(word))
            .flat_map(|(number, word)| patterns(word).into_iter().flatten().map(move |pattern| (number, pattern)))
            .unzip();
        let look_up = sql_query(LOOK_UP)
            .bind::<Array<Integer>, _>(numbers)
            .bind::<Array<Text>, _>(patterns)
            .bind::<BigInt, _>(i64::try_from(MAX_NAMED + 1).unwrap_or(i64::MAX))
            .bind::<Integer, _>(sample::LETTERS)
            .bind::<BigInt, _>(i64::try_from(sample::HALF).unwrap_or(i64::MAX));
        for Found { number, company, text, location, words } in look_up.load(connection)? {
            let word = usize::try_from(number).ok().and_then(|number| self.words.get_mut(number));
            match (text, word) {
                (Some(text), _) => {
                    self.sample.add(text, location.unwrap_or_default(), company, words.unwrap_or_default());
                }
                (None, Some(word)) => word.companies.get_or_insert_default().push(company),
                (None, None) => {}
            }
        }
        for word in &mut self.words {
            word.companies.take_if(|companies| companies.len() > MAX_NAMED);
        }
        self.compare(filter);
        Ok(())
    }

    /// Compares the texts of the filter with the sample.
    fn compare(&mut self, filter: &JobFilter) {
        for (number, (known, word)) in (0..).zip(self.words.iter_mut().zip(&filter.words)) {
            if let Some(companies) = &known.companies {
                known.jobs = self.sample.with_word(number, companies);
                // The other words narrow the jobs by the trigrams that are picked.
                let is_picked = companies.is_empty() && !trigrams(word).is_empty();
                self.indexed = if is_picked { self.indexed } else { self.indexed.and(known.jobs) };
            }
        }
        if let (Some(known), Some(location)) = (&mut self.location, &filter.location)
            && known.companies.is_some()
        {
            known.jobs = self.sample.with_location(location);
            self.indexed = self.indexed.and(known.jobs);
        }
        let words = self.words.iter().zip(&filter.words).filter(|(known, _)| known.is_of_jobs());
        (self.trigrams, self.indexed) = self.sample.pick(words.map(|(known, word)| (word, known.jobs)), self.indexed);
    }

    /// Whether the companies of no word are looked for beside its jobs.
    pub(super) fn are_of_jobs(&self) -> bool {
        self.words.iter().all(Known::is_of_jobs)
    }

    /// How the jobs are found. Frequent texts do not make up for one that no index has, nor for
    /// others that they are rarely beside: too many jobs have them to look at all of those.
    pub(super) fn way(&self) -> Way {
        let (indexed, others): (Vec<_>, Vec<_>) =
            self.words.iter().chain(&self.location).partition(|known| known.companies.is_some());
        let with_all = indexed.iter().fold(Jobs::ALL, |jobs, known| jobs.and(known.jobs));
        if !others.is_empty() && indexed.iter().all(|known| self.sample.is_frequent(known.jobs)) {
            return Way::Slices;
        }
        if self.sample.is_frequent(with_all) {
            return Way::Planned;
        }
        let has_rare = indexed.iter().any(|known| !self.sample.is_frequent(known.jobs));
        match (has_rare && self.sample.are_few(self.indexed), with_all.count()) {
            (true, 0) => Way::Index,
            (true, _) => Way::ListOrIndex,
            (false, _) if self.indexed.count() == 0 => Way::Index,
            (false, _) => Way::Slices,
        }
    }
}

#[cfg(test)]
mod tests {
    use repower_domain::letters::spellings;

    use super::*;

    /// A text and the number of companies that have it in their name.
    type Asked = (&'static str, usize);

    const RARE: Asked = ("skydiver", 0);
    /// In two spellings, which have no trigram in common.
    const RARE_OF_TWO_SPELLINGS: Asked = ("Ålesund", 0);
    const ONCE: Asked = ("gearbox", 0);
    const FREQUENT: Asked = ("turbine", 0);
    /// Beyond the part of the texts that the sample has.
    const OTHER_FREQUENT: Asked = ("blade", 0);
    /// Beside the other one.
    const FREQUENT_BEYOND: Asked = ("hamburg", 0);
    /// Frequent, and once beside the first one.
    const BESIDE_ONE: Asked = ("lade", 0);
    /// Of a company whose jobs no sample has.
    const OF_A_COMPANY: Asked = ("zephyros", 2);
    /// Of the company of all jobs of the sample.
    const OF_THE_COMPANY: Asked = ("zephyros", 1);
    const OF_NO_INDEX: Asked = ("zq", 0);

    /// The way to jobs, of which one in two has each frequent text, and none has both.
    fn way<const N: usize>(words: [Asked; N], location: Option<Asked>) -> Way {
        let filter = JobFilter {
            words: words.iter().map(|(word, _)| (*word).to_owned()).collect(),
            location: location.map(|(location, _)| location.to_owned()),
            ..JobFilter::default()
        };
        let mut sample = Sample::default();
        for number in 0..2 * sample::HALF {
            let text = ["turbine", "blade"][number % 2];
            let text = match number {
                7 => "gearbox",
                8 => "turbine lade",
                _ => text,
            };
            let (shown, whole) = if text == "blade" { ("", "blade hamburg") } else { (text, text) };
            let is_in = |word: &str| spellings(word).any(|spelling| whole.contains(&spelling));
            let words = (0..).zip(words).filter(|(_, (word, _))| is_in(word)).map(|(number, _)| number).collect();
            sample.add(shown.to_owned(), text.to_owned(), Uuid::from_u128(1), words);
        }
        let mut known: Vec<_> = filter.words.iter().map(|word| Known::of(word)).collect();
        for (known, (_, companies)) in known.iter_mut().zip(words) {
            known.companies =
                known.companies.take().map(|_| (0..companies).map(|_| Uuid::from_u128(companies as u128)).collect());
        }
        let location = filter.location.as_deref().map(Known::of);
        let mut texts = Texts { words: known, location, sample, trigrams: Vec::new(), indexed: Jobs::ALL };
        texts.compare(&filter);
        texts.way()
    }

    #[test]
    fn a_search_without_a_rare_text_is_planned() {
        assert_eq!(way([], None), Way::Planned);
        assert_eq!(way([], Some(FREQUENT)), Way::Planned);
        assert_eq!(way([FREQUENT, FREQUENT], Some(FREQUENT)), Way::Planned);
        assert_eq!(way([FREQUENT_BEYOND], None), Way::Planned);
        assert_eq!(way([FREQUENT_BEYOND, OTHER_FREQUENT], None), Way::Planned);
        assert_eq!(way([OF_THE_COMPANY], None), Way::Planned);
    }

    #[test]
    fn a_rare_text_is_found_by_its_index_whatever_the_others_are() {
        assert_eq!(way([RARE], None), Way::Index);
        assert_eq!(way([FREQUENT, RARE], Some(OF_NO_INDEX)), Way::Index);
        assert_eq!(way([OF_NO_INDEX], Some(RARE)), Way::Index);
        assert_eq!(way([OF_A_COMPANY], None), Way::Index);
        assert_eq!(way([RARE_OF_TWO_SPELLINGS], None), Way::Index);
        assert_eq!(way([FREQUENT, RARE_OF_TWO_SPELLINGS], None), Way::Index);
        assert_eq!(way([OF_THE_COMPANY, RARE], None), Way::Index);
    }

    #[test]
    fn a_text_of_a_single_job_of_the_sample_is_looked_for_in_the_list_first() {
        assert_eq!(way([ONCE], None), Way::ListOrIndex);
        assert_eq!(way([ONCE, RARE], None), Way::Index);
    }

    #[test]
    fn frequent_texts_that_no_job_has_together_are_found_by_the_index_of_all() {
        assert_eq!(way([FREQUENT, OTHER_FREQUENT], None), Way::Index);
        assert_eq!(way([FREQUENT], Some(OTHER_FREQUENT)), Way::Index);
    }

    #[test]
    fn frequent_texts_that_few_jobs_have_together_are_looked_for_in_slices() {
        assert_eq!(way([FREQUENT, BESIDE_ONE], None), Way::Slices);
    }

    #[test]
    fn a_text_of_no_index_is_looked_for_in_slices_if_the_others_are_frequent() {
        assert_eq!(way([OF_NO_INDEX], None), Way::Slices);
        assert_eq!(way([], Some(OF_NO_INDEX)), Way::Slices);
        assert_eq!(way([FREQUENT], Some(OF_NO_INDEX)), Way::Slices);
        assert_eq!(way([OF_NO_INDEX], Some(FREQUENT)), Way::Slices);
        assert_eq!(way([OF_NO_INDEX, OF_THE_COMPANY], None), Way::Slices);
        assert_eq!(way([OF_NO_INDEX, OF_A_COMPANY], None), Way::Index);
    }

    #[test]
    fn a_rare_text_of_frequent_trigrams_is_looked_for_in_slices() {
        assert_eq!(way([("turbine-rbine", 0)], None), Way::Slices);
    }
}
