//! The ranking of candidates for a job.

use std::cmp::Reverse;

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use repower_domain::{
    availability::{Availability, AvailabilityKind, AvailabilityStatus, Period, Schedule},
    certification_types::{Classification, Course},
    compliance::{CandidateRank, Compliance, ComplianceStatus, Requirements},
    ids::{JobId, TechnicianId},
    technicians::{Certification, Trust},
    values::{CalendarDate, DateRange, RatingSummary, RequirementCount, Validity},
};
use repower_ports::{
    availability::AvailabilityRepository,
    compliance::{CandidateFilter, ComplianceRepository, JobDemand, RankedCandidate},
    technicians::{TechnicianFilter, TechnicianRepository},
};

use crate::{
    random::{any_certification, any_demand, nth, requirement},
    support::{World, a_certification, all_pages, an_open_job, new_id, value, with},
};

fn candidates(world: &World, demand: &JobDemand, filter: &CandidateFilter) -> Vec<RankedCandidate> {
    all_pages(7, |page| world.compliance.candidates(demand, filter, nth(0), page))
}

/// A technician of a random world.
struct Known {
    id: TechnicianId,
    certifications: Vec<Certification>,
    schedule: Schedule,
    /// The jobs that have booked the technician.
    booked_by: Vec<JobId>,
    ratings: RatingSummary,
}

/// A technician for a job, by the rules.
struct Expected {
    id: TechnicianId,
    rank: CandidateRank,
    overall: ComplianceStatus,
    failing: usize,
    availability: AvailabilityStatus,
    ratings: RatingSummary,
}

impl Known {
    fn compared(&self, demand: &JobDemand) -> Expected {
        let compliance = Compliance::of(&self.certifications, &demand.requirements, demand.days, nth(0));
        let failing = compliance.failing(&demand.requirements).len();
        let mut schedule = self.schedule.clone();
        let bookings = schedule.bookings.into_iter().zip(&self.booked_by);
        schedule.bookings = bookings.filter(|(_, job)| **job != demand.job).map(|(days, _)| days).collect();
        let availability = schedule.status_on(demand.days);
        let rank = CandidateRank::of(failing, availability, self.ratings);
        Expected { id: self.id, rank, overall: compliance.overall, failing, availability, ratings: self.ratings }
    }
}

prop_compose! {
    fn any_days()(first in 5_u64..30, length in 0_u64..12) -> (u64, u64) {
        (first, first + length)
    }
}

/// Periods that share no day, a first available day, the days of bookings, and an average.
type AnySchedule = (Availability, Option<CalendarDate>, Vec<(u64, u64)>, Option<u16>);

fn any_schedule() -> impl Strategy<Value = AnySchedule> {
    let kind = prop::sample::select(AvailabilityKind::ALL);
    let periods = prop::collection::vec((1_u64..8, 1_u64..12, kind), 0..4).prop_map(|steps| {
        let mut next = 5;
        let period = |(gap, length, kind): (u64, u64, AvailabilityKind)| {
            let first = next + gap - 1;
            next = first + length;
            Period::new(nth(first), nth(next - 1), kind).unwrap()
        };
        Availability::new(steps.into_iter().map(period).collect()).unwrap()
    });
    let available_from = prop::option::of((0_u64..40).prop_map(nth));
    let bookings = (prop::option::weighted(0.3, any_days()), prop::option::of((1_u64..5, 0_u64..8)));
    let bookings = bookings.prop_map(|(first, next)| {
        let after = |last: u64| next.map(|(gap, length)| (last + gap, last + gap + length));
        first.into_iter().chain(first.and_then(|(_, last)| after(last))).collect()
    });
    let average = prop::option::of(prop::sample::select(vec![100_u16, 467, 468, 500]));
    (periods, available_from, bookings, average)
}

/// Adds a technician with these certifications and this time.
fn add(world: &World, held: Vec<Certification>, time: AnySchedule) -> Known {
    let (periods, available_from, bookings, average) = time;
    let id = world.technician().id;
    let certifications: Vec<_> = held
        .into_iter()
        .map(|one| {
            let url = (one.trust == Trust::EvidenceAttached).then(|| value("https://falck.example/1"));
            let note = one.trust.level().is_none().then(|| value("Reported by the provider"));
            with(one, |one| (one.technician_id, one.document_url, one.note) = (id, url, note))
        })
        .collect();
    for certification in &certifications {
        world.technicians.add_certification(certification, 100).unwrap();
    }
    world.availability.replace(id, &periods).unwrap();
    let days = |(first, last)| DateRange::new(nth(first), Some(nth(last))).unwrap();
    let book = |booking: &(u64, u64)| {
        let job = world.add_job(with(an_open_job(&world.company(), 0), |job| job.details.days = days(*booking)));
        world.engage(job.id, id);
        job.id
    };
    let booked_by: Vec<JobId> = bookings.iter().map(book).collect();
    if let Some(job) = booked_by.first() {
        // As an acceptance of before bookings were made: the days are those of the job.
        world.execute(&format!("UPDATE applications SET booked = NULL WHERE job_id = '{job}'"));
    }
    let from = available_from.map_or_else(|| "NULL".to_owned(), |day| format!("'{day}'"));
    let (count, stored) = average.map_or((0, "NULL".to_owned()), |average| (1, average.to_string()));
    world.execute(&format!(
        "UPDATE technicians SET availability_from = {from}, rating_count = {count}, rating_average = {stored} \
         WHERE id = '{id}'"
    ));
    let bookings = bookings.into_iter().map(days).collect();
    let schedule = Schedule::builder().periods(periods).available_from(available_from).bookings(bookings).build();
    Known { id, certifications, schedule, booked_by, ratings: RatingSummary::stored(count, average) }
}

/// 1,000 jobs, each compared with the 16 technicians of one of 10 worlds.
#[test]
fn candidates_are_ranked_by_the_rules() {
    let mut runner = TestRunner::deterministic();
    let mut seen = [0; 5];
    for _ in 0..10 {
        let world = World::isolated();
        let people = prop::collection::vec((prop::collection::vec(any_certification(), 0..9), any_schedule()), 16);
        let people = people.new_tree(&mut runner).unwrap().current();
        let known: Vec<_> = people.into_iter().map(|(held, time)| add(&world, held, time)).collect();
        let demands = prop::collection::vec((any_demand(), 0_usize..32, 0_i64..4), 100);
        for ((days, requirements), booked, max_failing) in demands.new_tree(&mut runner).unwrap().current() {
            let own = known.get(booked).and_then(|technician| technician.booked_by.last().copied());
            let demand = JobDemand { job: own.unwrap_or_else(new_id), requirements, days };
            let mut expected: Vec<_> = known.iter().map(|technician| technician.compared(&demand)).collect();
            expected.sort_by_key(|one| Reverse((one.rank, one.id)));
            let ranked = |one: &Expected| (one.id, one.rank.number());
            let found = |filter| -> Vec<_> {
                let found = candidates(&world, &demand, &filter);
                found.into_iter().map(|one| (one.technician.technician.id, one.rank)).collect()
            };
            let all: Vec<_> = expected.iter().map(ranked).collect();
            assert_eq!(found(CandidateFilter::default()), all, "{demand:#?}");
            let overall = ComplianceStatus::ALL[booked % 5];
            let availability = AvailabilityStatus::ALL[booked % 4];
            let filter = CandidateFilter {
                overall: Some(overall),
                availability: (booked < 8).then_some(availability),
                max_failing: (max_failing < 3).then(|| RequirementCount::try_from(max_failing).unwrap()),
                technicians: TechnicianFilter {
                    min_rating: (booked % 3 == 0).then(|| value("4.68")),
                    ..TechnicianFilter::default()
                },
            };
            let matches = |one: &&Expected| {
                one.overall == overall
                    && filter.availability.is_none_or(|status| one.availability == status)
                    && filter.technicians.min_rating.is_none_or(|least| {
                        one.ratings.average().is_some_and(|average| average.hundredths() >= least.hundredths())
                    })
                    && filter.max_failing.is_none_or(|most| i64::try_from(one.failing).unwrap() <= most.get().into())
            };
            let matching: Vec<_> = expected.iter().filter(matches).map(ranked).collect();
            seen[overall as usize] += matching.len();
            assert_eq!(found(filter), matching, "{demand:#?}");
        }
    }
    // All statuses were found.
    assert!(seen.iter().all(|times| *times > 10), "{seen:?}");
}

/// More technicians than are compared by their ids: 2,500 have a certification that covers all days,
/// and some of these are hidden or deactivated.
const MANY: &str = "
    UPDATE certifications SET type_code = 'GWO_CH', course = 'INITIAL', valid_from = '2020-01-01', valid_until = NULL
    WHERE id IN (SELECT DISTINCT ON (technician_id) id FROM certifications ORDER BY technician_id LIMIT 2500);
    UPDATE technicians SET visibility = 'APPLIED'
    WHERE id IN (SELECT technician_id FROM certifications WHERE type_code = 'GWO_CH' ORDER BY technician_id LIMIT 150);
    UPDATE technicians SET active = false
    WHERE id IN (SELECT technician_id FROM certifications WHERE type_code = 'GWO_WAH' ORDER BY technician_id LIMIT 150)";

#[test]
fn all_pages_of_many_candidates_are_in_the_order_of_their_ranks() {
    let world = World::loaded();
    world.execute(MANY);
    let requirement = |code: &str| requirement(&[code], true, None);
    let visible = world.texts("SELECT id::text FROM technicians WHERE active AND visibility = 'COMPANIES'").len();
    let three_weeks = ("2026-12-01", "2026-12-20");
    for (codes, (first, last)) in [
        (&["GWO_WAH", "GWO_FA", "IRATA_L1", "GWO_SS", "GWO_MH"][..], three_weeks),
        (&["GWO_WAH"], three_weeks),
        (&["GWO_CH", "GWO_WAH"], three_weeks),
        (&[], three_weeks),
        // Most hold other types in the middle.
        (&["GWO_WAH", "GWO_FA", "GWO_CH"], ("2024-06-01", "2027-05-31")),
    ] {
        let demand = JobDemand {
            job: new_id(),
            requirements: Requirements::new(codes.iter().copied().map(requirement).collect()).unwrap(),
            days: DateRange::new(value(first), Some(value(last))).unwrap(),
        };
        let today = value("2026-11-22");
        let found =
            |filter: &CandidateFilter| all_pages(100, |page| world.compliance.candidates(&demand, filter, today, page));
        let failing = |one: &RankedCandidate| {
            let compliance = Compliance::of(&one.candidate.certifications, &demand.requirements, demand.days, today);
            compliance.failing(&demand.requirements).len()
        };
        let place = |one: &RankedCandidate| (one.rank, one.technician.technician.id);
        let places = |all: &[RankedCandidate]| all.iter().map(place).collect::<Vec<_>>();
        let all = found(&CandidateFilter::default());
        assert!(places(&all).is_sorted_by(|before, after| before > after), "{codes:?}");
        assert_eq!(all.len(), visible, "{codes:?}");
        for one in &all {
            let availability = one.candidate.schedule.status_on(demand.days);
            assert_eq!(CandidateRank::of(failing(one), availability, one.technician.ratings).number(), one.rank);
        }
        let experienced = TechnicianFilter { min_years_experience: 3.try_into().ok(), ..TechnicianFilter::default() };
        let mut expected = all.clone();
        expected.retain(|one| one.technician.technician.profile.years_experience.get() >= 3);
        let filter = CandidateFilter { technicians: experienced, ..CandidateFilter::default() };
        assert_eq!(places(&found(&filter)), places(&expected), "{codes:?}");
        for most in 0..2 {
            let mut expected = all.clone();
            expected.retain(|one| failing(one) <= most);
            let max_failing = i64::try_from(most).unwrap().try_into().ok();
            let filter = CandidateFilter { max_failing, ..CandidateFilter::default() };
            assert_eq!(places(&found(&filter)), places(&expected), "{codes:?}");
        }
    }
}

/// The one in the middle is in force neither on the first day of a job nor on the last.
#[test]
fn certifications_of_several_types_cover_a_job_together() {
    let world = World::isolated();
    let held = |code, days: (u64, u64)| {
        let classification = Some(Classification { type_code: value(code), course: Course::Initial });
        let validity = Validity::new(nth(days.0), Some(nth(days.1))).unwrap();
        with(a_certification(new_id(), "2027-12-31"), |one| {
            (one.classification, one.validity) = (classification, validity);
        })
    };
    let chain = || [held("IRATA_L1", (0, 12)), held("IRATA_L2", (13, 15)), held("IRATA_L3", (16, 40))];
    let [first, _, last] = chain();
    let whole = add(&world, chain().into(), AnySchedule::default());
    let broken = add(&world, vec![first, last], AnySchedule::default());
    let demand = |days: (u64, u64)| JobDemand {
        job: new_id(),
        requirements: Requirements::new(vec![requirement(&["IRATA_L1"], true, None)]).unwrap(),
        days: DateRange::new(nth(days.0), Some(nth(days.1))).unwrap(),
    };
    let compliant = CandidateFilter { overall: Some(ComplianceStatus::Compliant), ..CandidateFilter::default() };
    let ids = |days| {
        let found = candidates(&world, &demand(days), &compliant);
        found.iter().map(|one| one.technician.technician.id).collect::<Vec<_>>()
    };
    assert_eq!(ids((10, 20)), [whole.id]);
    assert_eq!(ids((13, 15)), [whole.id]);
    assert_eq!(ids((12, 12)).len(), 2);
    assert_eq!(ids((0, 41)), []);
    assert!(ids((16, 40)).contains(&broken.id));
}
