//! What a search looks up about its texts before the jobs, in one statement.

use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, BigInt, Integer, Nullable, Text, Uuid as SqlUuid},
};
use repower_ports::jobs::JobFilter;
use uuid::Uuid;

use crate::matching::{has_trigrams, patterns};

/// The companies with a word in their name that are looked up before their jobs, at most.
const MAX_NAMED: usize = 1_000;

/// Finds the companies with a word in their name, and the texts that one of 200 jobs has: of the
/// newest and of the oldest, as one company may have published many of the newest. A text that
/// none of them has is in fewer than one of a hundred jobs, as a rule.
const LOOK_UP: &str = "\
    SELECT asked.number, named.id AS company FROM unnest($1::int[], $2::text[]) AS asked (number, pattern) \
    CROSS JOIN LATERAL \
        (SELECT id FROM companies WHERE listed AND search_name LIKE asked.pattern LIMIT $3) AS named \
    WHERE asked.number >= 0 \
    UNION ALL \
    SELECT asked.number, NULL FROM unnest($1::int[], $2::text[]) AS asked (number, pattern) \
    WHERE EXISTS ( \
        SELECT FROM ((SELECT search_text FROM jobs WHERE status = 'OPEN' \
                      ORDER BY published_at DESC, id DESC LIMIT 100) \
                     UNION ALL \
                     (SELECT search_text FROM jobs WHERE status = 'OPEN' \
                      ORDER BY published_at, id LIMIT 100)) AS sample \
        WHERE search_text LIKE asked.pattern)";

/// The number of the location among the texts that are looked up; words count from 0.
const LOCATION: i32 = -1;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Integer)]
    number: i32,
    /// `None`: the text is frequent.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    company: Option<Uuid>,
}

/// What is known about a text.
#[derive(Debug)]
pub(super) struct Known {
    /// The companies that have it in their name: all of them, or `None` if there are many or no
    /// index has the text. Of a location: none.
    pub(super) companies: Option<Vec<Uuid>>,
    is_frequent: bool,
}

/// How the jobs of a search are found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// As PostgreSQL plans.
    Planned,
    /// By the index of a rare text.
    Index,
    /// In slices of the list.
    Slices,
}

/// What is known about the texts of a search.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) words: Vec<Known>,
    location: Option<Known>,
}

impl Texts {
    /// Looks up the words of a filter, and its location beside them. PostgreSQL plans well for a
    /// location alone.
    pub(super) fn look_up(connection: &mut PgConnection, filter: &JobFilter) -> QueryResult<Self> {
        let is_looked_up = !filter.words.is_empty();
        let known = |text: &String| Known { companies: has_trigrams(text).then(Vec::new), is_frequent: !is_looked_up };
        let words = filter.words.iter().map(known).collect();
        let mut texts = Self { words, location: filter.location.as_ref().map(known) };
        let asked = (0..).zip(&filter.words).chain(filter.location.iter().map(|location| (LOCATION, location)));
        let (numbers, patterns): (Vec<_>, Vec<_>) = asked
            .filter(|(_, text)| has_trigrams(text))
            .flat_map(|(number, text)| patterns(text).into_iter().flatten().map(move |pattern| (number, pattern)))
            .unzip();
        if !is_looked_up || patterns.is_empty() {
            return Ok(texts);
        }
        let look_up = sql_query(LOOK_UP)
            .bind::<Array<Integer>, _>(numbers)
            .bind::<Array<Text>, _>(patterns)
            .bind::<BigInt, _>(i64::try_from(MAX_NAMED + 1).unwrap_or(i64::MAX));
        for Found { number, company } in look_up.load(connection)? {
            let word = usize::try_from(number).ok().and_then(|number| texts.words.get_mut(number));
            let Some(known) = word.or(texts.location.as_mut()) else { continue };
            match company {
                Some(company) => known.companies.get_or_insert_default().push(company),
                None => known.is_frequent = true,
            }
        }
        for word in &mut texts.words {
            word.companies.take_if(|companies| companies.len() > MAX_NAMED);
        }
        Ok(texts)
    }

    /// How the jobs are found. A frequent text does not make up for one that no index has: too
    /// many jobs have it to look at all of them.
    pub(super) fn way(&self) -> Way {
        let (indexed, others): (Vec<_>, Vec<_>) =
            self.words.iter().chain(&self.location).partition(|known| known.companies.is_some());
        if !others.is_empty() && indexed.iter().all(|known| known.is_frequent) {
            return Way::Slices;
        }
        // The jobs of companies may be many.
        let is_rare = |known: &&Known| !known.is_frequent && known.companies.as_ref().is_some_and(Vec::is_empty);
        if indexed.iter().any(is_rare) { Way::Index } else { Way::Planned }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RARE: (Option<usize>, bool) = (Some(0), false);
    const FREQUENT: (Option<usize>, bool) = (Some(0), true);
    const OF_A_COMPANY: (Option<usize>, bool) = (Some(1), false);
    const OF_NO_INDEX: (Option<usize>, bool) = (None, false);

    fn way<const N: usize>(words: [(Option<usize>, bool); N], location: Option<(Option<usize>, bool)>) -> Way {
        let known = |(companies, is_frequent): (Option<usize>, bool)| Known {
            companies: companies.map(|number| vec![Uuid::nil(); number]),
            is_frequent,
        };
        Texts { words: words.map(known).into(), location: location.map(known) }.way()
    }

    #[test]
    fn a_search_without_a_rare_text_is_planned() {
        assert_eq!(way([], None), Way::Planned);
        assert_eq!(way([], Some(FREQUENT)), Way::Planned);
        assert_eq!(way([FREQUENT, FREQUENT], None), Way::Planned);
        assert_eq!(way([OF_A_COMPANY], None), Way::Planned);
    }

    #[test]
    fn a_rare_text_is_found_by_its_index_whatever_the_others_are() {
        assert_eq!(way([RARE], None), Way::Index);
        assert_eq!(way([FREQUENT, RARE], Some(OF_NO_INDEX)), Way::Index);
        assert_eq!(way([OF_NO_INDEX], Some(RARE)), Way::Index);
    }

    #[test]
    fn a_text_of_no_index_is_looked_for_in_slices_if_the_others_are_frequent() {
        assert_eq!(way([OF_NO_INDEX], None), Way::Slices);
        assert_eq!(way([], Some(OF_NO_INDEX)), Way::Slices);
        assert_eq!(way([FREQUENT], Some(OF_NO_INDEX)), Way::Slices);
        assert_eq!(way([OF_NO_INDEX], Some(FREQUENT)), Way::Slices);
        assert_eq!(way([OF_NO_INDEX, OF_A_COMPANY], None), Way::Planned);
    }
}
