//! The rows of technicians for a job.

use chrono::NaiveDate;
use diesel::{
    dsl::array,
    pg::sql_types::Record,
    prelude::*,
    sql_types::{Date, Nullable, Text},
};
use repower_domain::{
    applications::ApplicationStatus,
    availability::Schedule,
    certification_types::TypeCode,
    ids::{JobId, TechnicianId},
    values::{CalendarDate, DateRange},
};
use repower_ports::{
    PageRequest, RepositoryError,
    compliance::{Candidate, CandidateFilter, JobDemand},
};
use uuid::Uuid;

use super::ranking::{self, Ranking};
use crate::{
    availability::{PeriodRow, availability},
    lists,
    schema::{applications, availability_periods, certifications, jobs, technicians},
    stored::{corrupt, date, optional_date},
    technicians::{
        CertificationRecord, CertificationRow, RatedTechnicianRow, certification, certification_columns, matching,
        text_bytes,
    },
};

/// The certifications, the periods, the first and last days of the booked jobs, and the day from
/// which the technician is available.
pub(super) type CandidateRow =
    (Vec<CertificationRow>, Vec<PeriodRow>, Vec<(NaiveDate, Option<NaiveDate>)>, Option<NaiveDate>);

/// The number of a rank, and the technician.
pub(super) type RankedRow = (i32, (RatedTechnicianRow, CandidateRow));

#[diesel::declare_sql_function]
extern "SQL" {
    fn coalesce(first: Nullable<Date>, second: Date) -> Date;
}

/// The certifications, the time and the bookings of technicians for a job on its days.
macro_rules! candidates {
    ($job:expr, $days:expr $(, $is_compared:expr)?) => {{
        type PeriodRecord = Record<(Date, Date, Text)>;
        type BookingRecord = Record<(Date, Nullable<Date>)>;
        let (first, last) = ($days.start().day(), $days.last().day());
        let of_certifications = certifications::table
            .filter(certifications::technician_id.eq(technicians::id))
            $(.filter($is_compared))?
            .order(certifications::id)
            .select(certification_columns!().into_sql::<CertificationRecord>());
        let of_periods = availability_periods::table
            .filter(availability_periods::technician_id.eq(technicians::id))
            .filter(availability_periods::first_day.le(last))
            .filter(availability_periods::last_day.ge(first))
            .order(availability_periods::first_day)
            .select(
                (availability_periods::first_day, availability_periods::last_day, availability_periods::kind)
                    .into_sql::<PeriodRecord>(),
            );
        let of_bookings = applications::table
            .inner_join(jobs::table.on(jobs::id.eq(applications::job_id)))
            .filter(applications::technician_id.eq(technicians::id))
            .filter(applications::status.eq(ApplicationStatus::Accepted.as_str()))
            .filter(jobs::id.ne($job.uuid()))
            .filter(jobs::start_date.le(last))
            .filter(coalesce(jobs::end_date, jobs::start_date).ge(first))
            .order(jobs::start_date)
            .select((jobs::start_date, jobs::end_date).into_sql::<BookingRecord>());
        (
            array::<CertificationRecord, _>(of_certifications),
            array::<PeriodRecord, _>(of_periods),
            array::<BookingRecord, _>(of_bookings),
            technicians::availability_from,
        )
    }};
}

pub(super) fn load(
    connection: &mut PgConnection,
    technician: TechnicianId,
    job: JobId,
    days: DateRange,
) -> QueryResult<Option<CandidateRow>> {
    technicians::table.find(technician.uuid()).select(candidates!(job, days)).first(connection).optional()
}

pub(super) fn candidate(technician: TechnicianId, row: CandidateRow) -> Result<Candidate, RepositoryError> {
    let (certifications, periods, bookings, available_from) = row;
    let booking = |(first, last)| {
        let (first, last) = (date("jobs.start_date", first)?, optional_date("jobs.end_date", last)?);
        DateRange::new(first, last).map_err(|why| corrupt("jobs.end_date", why))
    };
    Ok(Candidate {
        certifications: certifications
            .into_iter()
            .map(|row| certification(technician, row))
            .collect::<Result<_, _>>()?,
        schedule: Schedule::builder()
            .periods(availability(periods)?)
            .available_from(optional_date("technicians.availability_from", available_from)?)
            .bookings(bookings.into_iter().map(booking).collect::<Result<_, _>>()?)
            .build(),
    })
}

/// Ranks the technicians that match, of all or of these; the rows of a page and of the one after
/// it, and the number of those on the page.
pub(super) fn rank(
    connection: &mut PgConnection,
    demand: &JobDemand,
    filter: &CandidateFilter,
    today: CalendarDate,
    page: PageRequest,
    few: Option<&[Uuid]>,
) -> QueryResult<(Vec<RankedRow>, u16)> {
    let accepted: Vec<_> = demand.requirements.accepted_types().into_iter().map(TypeCode::as_str).collect();
    let counts = certifications::trust_level.is_not_null();
    let is_compared = certifications::type_code.eq_any(&accepted).and(counts);
    let found = technicians::table
        .filter(technicians::id.eq(ranking::ID))
        .select((RatedTechnicianRow::as_select(), candidates!(demand.job, demand.days, is_compared)));
    let mut matching = matching(&filter.technicians, today);
    if let Some(few) = few {
        matching = matching.filter(technicians::id.eq_any(few));
    }
    let ranked = matching.select((technicians::id, technicians::rating_average, technicians::availability_from));
    let ranking = Ranking::new(demand, filter, page, ranked, few.is_some(), found);
    let bytes = |(_, (_, (certifications, ..))): &RankedRow| certifications.iter().map(text_bytes).sum();
    lists::load_bounded(connection, ranking, page.limit, bytes)
}
