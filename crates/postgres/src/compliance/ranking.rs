//! The ranking of the candidates of a job: one statement that compares technicians with its
//! requirements, and one before it that finds the technicians with the fewest that are not met.
//!
//! The first reads the certifications that cover the days from an index, without their rows, and each sets
//! the bits of the mandatory requirements that it meets. The rank is that of [`CandidateRank`]. The one
//! before it reads the sets of types that each technician holds, of the table `types_in_force`.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::Integer,
};
use repower_domain::{
    availability::AvailabilityStatus,
    certification_types::TypeCode,
    compliance::{CandidateRank, ComplianceStatus, Requirement, Requirements},
    technicians::TrustLevel,
};
use repower_ports::{
    PageRequest,
    compliance::{CandidateFilter, JobDemand},
};

use crate::{condition::ConstUuid, lists};

/// The id of a ranked technician in the query of its details.
pub(super) const ID: ConstUuid = ConstUuid("ranked.id");

/// Ranks technicians, and selects the details of those of a page.
pub(super) struct Ranking<T, F> {
    /// The text before the technicians, and that from them to the details.
    wanted: String,
    technicians: T,
    ranks: String,
    found: F,
}

impl<T, F> Ranking<T, F> {
    /// The page of these technicians: their ids, average ratings and first available days are
    /// selected. `found` has the details of the one with [`ID`]. The certifications of few are
    /// read by their ids.
    ///
    /// The values are in the text, so that the plan is for them: numbers, days, ids and the codes
    /// of the catalogue.
    pub(super) fn new(
        demand: &JobDemand,
        filter: &CandidateFilter,
        page: PageRequest,
        technicians: T,
        are_few: bool,
        found: F,
    ) -> Self {
        let (wanted, days) = (Wanted::by(&demand.requirements), Days::of(demand));
        let (materialized, of_few) = if are_few {
            ("MATERIALIZED", " AND technician_id IN (SELECT id FROM chosen)")
        } else {
            ("NOT MATERIALIZED", "")
        };
        let ranks = [
            "), ".to_owned(),
            covers(&days, filter.overall, of_few),
            united(&days, wanted.count, of_few),
            schedules(&days, demand, of_few),
            compared(&days, wanted.all, filter.overall),
            ranks(wanted.all, filter, page),
        ];
        let wanted = format!("{}, chosen AS {materialized} (", wanted.sql());
        Self { wanted, technicians, ranks: ranks.concat(), found }
    }
}

/// The statement that selects the technicians with the fewest mandatory requirements that are not
/// met on the first or on the last day, and the number of these; on the days between they may fail more, and
/// no fewer. `wanted` is the range of the true numbers: a technician that may fail more than is seen has at
/// least its start. Those without a typed certification are left out.
pub(super) fn least_failing(demand: &JobDemand, wanted: RangeInclusive<i32>, limit: usize) -> String {
    let Days { first, last } = Days::of(demand);
    let mandatory: Vec<_> = demand.requirements.mandatory().map(|one| (set_of(one.min_trust()), one)).collect();
    let sets: BTreeSet<_> = mandatory.iter().map(|(set, _)| *set).collect();
    let columns = |prefix: &str, place: &str| -> String {
        sets.iter().map(|set| format!(", {set}[{place} + 1] AS {prefix}_{set}")).collect::<Vec<_>>().concat()
    };
    let fails = fails(&mandatory);
    // Each column is computed once, where OFFSET keeps the queries apart.
    format!(
        "SELECT technician_id, greatest(failing, {least}) AS failing FROM (\
         SELECT technician_id, ({fails})::integer AS failing, last_place - first_place > 1 AS changes_between FROM (\
         SELECT technician_id, first_place, last_place{at_first}{at_last} FROM (\
         SELECT *, width_bucket(date '{first}', since) AS first_place, width_bucket(date '{last}', since) AS last_place \
         FROM types_in_force OFFSET 0) AS placed OFFSET 0) AS held OFFSET 0) AS known \
         WHERE failing <= {most} AND (failing >= {least} OR changes_between) ORDER BY 2 LIMIT {limit}",
        at_first = columns("first", "first_place"),
        at_last = columns("last", "last_place"),
        least = wanted.start(),
        most = wanted.end(),
    )
}

/// The sets of types with at least this trust.
const fn set_of(least: Option<TrustLevel>) -> &'static str {
    match least {
        None | Some(TrustLevel::SelfDeclared) => "self_declared",
        Some(TrustLevel::EvidenceAttached) => "evidence_attached",
        Some(TrustLevel::Verified) => "verified",
    }
}

/// The number of these requirements that are not met on the first or on the last day.
fn fails(mandatory: &[(&'static str, &Requirement)]) -> String {
    let mut single = BTreeMap::<_, BTreeSet<_>>::new();
    let mut terms = Vec::new();
    for (set, requirement) in mandatory {
        let types: Vec<_> = requirement.accepted_types().collect();
        // Most are met by one type, and those of a set are counted at once.
        let is_counted = matches!(types[..], [one] if single.entry(set).or_default().insert(one));
        if !is_counted {
            let bits = bits(types);
            terms.push(format!("(first_{set} & ({bits}) = 0 OR last_{set} & ({bits}) = 0)::integer"));
        }
    }
    let single = single.into_iter().map(|(set, types)| {
        let bits = bits(types);
        format!("bit_count((({bits}) & ~(first_{set} & last_{set}))::bit(64))")
    });
    terms.extend(single);
    terms.join(" + ")
}

/// A set of types.
fn bits(types: impl IntoIterator<Item = TypeCode>) -> String {
    types.into_iter().map(|one| format!("type_bit('{one}')")).collect::<Vec<_>>().join(" | ")
}

/// The first and the last day of a job.
struct Days {
    first: String,
    last: String,
}

impl Days {
    fn of(JobDemand { days, .. }: &JobDemand) -> Self {
        Self { first: days.start().to_string(), last: days.last().to_string() }
    }
}

/// The bits of a certification by its trust.
const GROUPS: &str = "CASE trust_level WHEN 1 THEN self_declared WHEN 2 THEN evidence_attached ELSE verified END";

/// That a certification counts on some day.
const COUNTS: &str = "certifications.type_code IS NOT NULL AND trust_level IS NOT NULL AND valid_from <= covered_until";

/// The mandatory requirements that a certification of each type meets, as bits, by its trust.
struct Wanted {
    rows: Vec<(&'static str, [i32; 3])>,
    /// The number of mandatory requirements, and the bits of all.
    count: usize,
    all: i32,
}

impl Wanted {
    fn by(requirements: &Requirements) -> Self {
        let mandatory: Vec<_> = requirements.mandatory().collect();
        let bits = |meets: &dyn Fn(&Requirement) -> bool| {
            let met = mandatory.iter().enumerate().filter(|(_, requirement)| meets(requirement));
            met.fold(0, |bits, (bit, _)| bits | 1 << bit)
        };
        let by_trust = |one: TypeCode| {
            [TrustLevel::SelfDeclared, TrustLevel::EvidenceAttached, TrustLevel::Verified].map(|level| {
                bits(&|requirement: &Requirement| {
                    requirement.accepts(one) && requirement.min_trust().is_none_or(|least| least <= level)
                })
            })
        };
        let rows = TypeCode::all().map(|one| (one.as_str(), by_trust(one)));
        Self {
            rows: rows.filter(|(_, groups)| groups.iter().any(|bits| *bits != 0)).collect(),
            count: mandatory.len(),
            all: bits(&|_| true),
        }
    }

    fn sql(&self) -> String {
        let row = |(code, [self_declared, evidence_attached, verified]): &(&str, [i32; 3])| {
            format!("('{code}', {self_declared}, {evidence_attached}, {verified})")
        };
        // There is a row also where no type is wanted.
        let rows = ["(NULL, 0, 0, 0)".to_owned()].into_iter().chain(self.rows.iter().map(row));
        let rows = rows.collect::<Vec<_>>().join(", ");
        format!("WITH wanted (type_code, self_declared, evidence_attached, verified) AS (VALUES {rows})")
    }
}

/// The certifications that count on a condition, with the bits of the requirements that they meet.
fn held(condition: &str) -> String {
    format!(
        "SELECT technician_id, valid_from, covered_until, {GROUPS} AS groups \
         FROM wanted JOIN certifications USING (type_code) WHERE {COUNTS}{condition}"
    )
}

/// The requirements that one certification of each technician meets on all days of the job, and
/// others where the status is compared: those met on the first day, earlier, or on any day.
fn covers(Days { first, last }: &Days, overall: Option<ComplianceStatus>, of_few: &str) -> String {
    let bits =
        |condition: &str, name: &str| format!(", bit_or(CASE WHEN {condition} THEN groups ELSE 0 END) AS {name}");
    let met = format!("valid_from <= '{first}' AND covered_until >= '{last}'");
    let begun = format!("valid_from <= '{first}' AND covered_until >= '{first}'");
    let (columns, condition) = match overall {
        None | Some(ComplianceStatus::Compliant) => (", bit_or(groups) AS met".to_owned(), format!(" AND {met}")),
        Some(ComplianceStatus::ExpiresDuring) => {
            (bits(&met, "met") + ", bit_or(groups) AS begun", format!(" AND {begun}"))
        }
        Some(ComplianceStatus::Missing | ComplianceStatus::Expired | ComplianceStatus::NotYetValid) => {
            let earlier = format!("valid_from < '{first}'");
            let columns = bits(&met, "met") + &bits(&begun, "begun") + &bits(&earlier, "earlier");
            (columns + ", bit_or(groups) AS any_day", String::new())
        }
    };
    let held = held(&format!("{condition}{of_few}"));
    format!("covers AS (SELECT technician_id{columns} FROM ({held}) AS held GROUP BY technician_id)")
}

/// The requirements that several certifications of a technician meet together on all days: one
/// of them is in force on the first day and ends, and another one begins and is in force on the last.
fn united(Days { first, last }: &Days, count: usize, of_few: &str) -> String {
    let opening = held(&format!(
        " AND covered_until >= '{first}' AND covered_until < '{last}' AND valid_from <= '{first}'{of_few}"
    ));
    let closing =
        held(&format!(" AND valid_from > '{first}' AND valid_from <= '{last}' AND covered_until >= '{last}'{of_few}"));
    // They are few, but not as the planner estimates them: it would join all certifications first.
    format!(
        ", halves AS MATERIALIZED (SELECT technician_id, opening & closing AS halves \
         FROM (SELECT technician_id, bit_or(groups) AS opening FROM ({opening}) AS held GROUP BY technician_id) AS opened \
         JOIN (SELECT technician_id, bit_or(groups) AS closing FROM ({closing}) AS held GROUP BY technician_id) AS closed \
         USING (technician_id) WHERE opening & closing <> 0), \
         united AS (SELECT technician_id, united FROM halves CROSS JOIN LATERAL (SELECT bit_or(bit) AS united FROM (\
         SELECT bit FROM (SELECT valid_from, covered_until, {GROUPS} & halves AS groups \
         FROM certifications JOIN wanted USING (type_code) WHERE technician_id = halves.technician_id AND {COUNTS} \
         AND covered_until >= '{first}' AND valid_from <= '{last}') AS held \
         JOIN (SELECT 1 << place FROM generate_series(0, {count} - 1) AS place) AS one (bit) ON groups & bit <> 0 \
         GROUP BY bit HAVING range_agg(daterange(valid_from, covered_until, '[]')) @> daterange('{first}', '{last}', '[]')\
         ) AS together) AS own)"
    )
}

/// The periods and the bookings on the days of the job. Where technicians had accepted jobs that share
/// a day before bookings were kept apart, one of these has booked nothing.
fn schedules(Days { first, last }: &Days, demand: &JobDemand, of_few: &str) -> String {
    let (days, job) = (format!("daterange('{first}', '{last}', '[]')"), demand.job.uuid());
    format!(
        ", periods AS (SELECT technician_id, bool_or(kind = 'BUSY') AS is_busy, \
         sum(least(last_day, '{last}') - greatest(first_day, '{first}') + 1) AS days FROM availability_periods \
         WHERE daterange(first_day, last_day, '[]') && {days}{of_few} GROUP BY technician_id), \
         bookings AS (SELECT technician_id FROM applications WHERE booked && {days} AND job_id <> '{job}'{of_few} \
         UNION SELECT technician_id FROM applications CROSS JOIN LATERAL (SELECT FROM jobs WHERE id = job_id \
         AND daterange(start_date, coalesce(end_date, start_date), '[]') && {days} OFFSET 0) AS same_days \
         WHERE applications.status = 'ACCEPTED' AND booked IS NULL AND job_id <> '{job}'{of_few})"
    )
}

/// The number of requirements that each technician fails, and the availability as a number, from
/// the best to the worst.
fn compared(Days { first, last }: &Days, all: i32, overall: Option<ComplianceStatus>) -> String {
    // The first day without a period decides.
    let gap = format!(
        "SELECT lower(datemultirange(daterange('{first}', '{last}', '[]')) - range_agg(daterange(first_day, last_day, '[]'))) \
         FROM availability_periods WHERE technician_id = technicians.id \
         AND daterange(first_day, last_day, '[]') && daterange('{first}', '{last}', '[]')"
    );
    let columns = match overall {
        None | Some(ComplianceStatus::Compliant) => "",
        Some(ComplianceStatus::ExpiresDuring) => ", begun",
        Some(ComplianceStatus::Missing | ComplianceStatus::Expired | ComplianceStatus::NotYetValid) => {
            ", begun, earlier, any_day"
        }
    };
    // Each column is computed once, where OFFSET keeps the two queries apart.
    format!(
        " SELECT ranked.rank, found.* FROM (SELECT id, rank FROM (SELECT id, failing, availability{columns}, \
         (({most} - failing) * {availabilities} + {booked} - availability) * {ratings} + rating AS rank FROM (\
         SELECT id{columns}, coalesce(rating_average + 1, 0) AS rating, \
         bit_count(({all} & ~(coalesce(met, 0) | coalesce(united, 0)))::bit(32))::integer AS failing, \
         CASE WHEN bookings.technician_id IS NOT NULL THEN 3 WHEN is_busy THEN 2 \
         WHEN days = date '{last}' - date '{first}' + 1 THEN 0 WHEN availability_from IS NULL THEN 1 \
         WHEN availability_from <= '{first}' THEN 0 WHEN days IS NULL THEN 2 \
         WHEN ({gap}) < availability_from THEN 2 ELSE 0 END AS availability FROM chosen AS technicians \
         LEFT JOIN covers ON covers.technician_id = technicians.id \
         LEFT JOIN united ON united.technician_id = technicians.id \
         LEFT JOIN periods ON periods.technician_id = technicians.id \
         LEFT JOIN bookings ON bookings.technician_id = technicians.id OFFSET 0) AS known",
        most = Requirements::MAX,
        availabilities = AvailabilityStatus::ALL.len(),
        booked = AvailabilityStatus::Booked as i32,
        ratings = CandidateRank::RATINGS,
    )
}

/// The condition that the worst status of a mandatory requirement is this one.
fn is_overall(status: ComplianceStatus, all: i32) -> String {
    let no = |bits: &str| format!("{all} & ~({bits}) = 0");
    let (any, begun, earlier) = ("coalesce(any_day, 0)", "coalesce(begun, 0)", "begun | ~earlier");
    match status {
        ComplianceStatus::Compliant => "failing = 0".to_owned(),
        ComplianceStatus::ExpiresDuring => format!("failing > 0 AND {}", no(begun)),
        ComplianceStatus::NotYetValid => {
            format!("{} AND {} AND NOT ({})", no(any), no(earlier), no(begun))
        }
        ComplianceStatus::Expired => format!("{} AND NOT ({})", no(any), no(earlier)),
        ComplianceStatus::Missing => format!("NOT ({})", no(any)),
    }
}

/// The page of them, by their ranks. The details follow.
fn ranks(all: i32, filter: &CandidateFilter, page: PageRequest) -> String {
    let failing = filter.max_failing.map(|most| format!(" AND failing <= {}", most.get()));
    let availability = filter.availability.map(|status| format!(" AND availability = {}", status as i32));
    let overall = filter.overall.map(|status| format!(" AND {}", is_overall(status, all)));
    let conditions: String = [failing, availability, overall].into_iter().flatten().collect();
    let (rank, id) = lists::greatest_first(page);
    format!(
        ") AS compared WHERE (rank, id) < ({rank}, '{id}'){conditions} \
         ORDER BY rank DESC, id DESC LIMIT {limit}) AS ranked CROSS JOIN LATERAL (",
        limit = lists::row_limit(page)
    )
}

impl<T, F> QueryId for Ranking<T, F> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T, F: Query> Query for Ranking<T, F> {
    type SqlType = (Integer, F::SqlType);
}

impl<T, F> RunQueryDsl<PgConnection> for Ranking<T, F> {}

impl<T: QueryFragment<Pg>, F: QueryFragment<Pg>> QueryFragment<Pg> for Ranking<T, F> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(&self.wanted);
        self.technicians.walk_ast(out.reborrow())?;
        out.push_sql(&self.ranks);
        self.found.walk_ast(out.reborrow())?;
        out.push_sql(") AS found ORDER BY ranked.rank DESC, ranked.id DESC");
        Ok(())
    }
}
