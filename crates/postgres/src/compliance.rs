//! What the rules of compliance compare, a technician in each row.

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
    ids::{JobId, TechnicianId},
    values::DateRange,
};
use repower_ports::{
    RepositoryError,
    compliance::{Candidate, ComplianceRepository},
};

use crate::{
    Database,
    availability::{PeriodRow, availability},
    schema::{applications, availability_periods, certifications, jobs, technicians},
    stored::{corrupt, date, optional_date},
    technicians::{CertificationRecord, CertificationRow, certification, certification_columns},
};

/// [`ComplianceRepository`] on PostgreSQL.
pub struct PgComplianceRepository {
    database: Database,
}

impl PgComplianceRepository {
    /// Creates the repository of this database's candidates.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

/// The certifications, the periods, the first and last days of the booked jobs, and the day from
/// which the technician is available.
type CandidateRow = (Vec<CertificationRow>, Vec<PeriodRow>, Vec<(NaiveDate, Option<NaiveDate>)>, Option<NaiveDate>);

#[diesel::declare_sql_function]
extern "SQL" {
    fn coalesce(first: Nullable<Date>, second: Date) -> Date;
}

fn load(
    connection: &mut PgConnection,
    technician: TechnicianId,
    job: JobId,
    days: DateRange,
) -> QueryResult<Option<CandidateRow>> {
    let (first, last) = (days.start().day(), days.last().day());
    let of_certifications = certifications::table
        .filter(certifications::technician_id.eq(technicians::id))
        .order(certifications::id)
        .select(certification_columns!().into_sql::<CertificationRecord>());
    let of_periods = availability_periods::table
        .filter(availability_periods::technician_id.eq(technicians::id))
        .filter(availability_periods::first_day.le(last))
        .filter(availability_periods::last_day.ge(first))
        .order(availability_periods::first_day)
        .select(
            (availability_periods::first_day, availability_periods::last_day, availability_periods::kind)
                .into_sql::<Record<(Date, Date, Text)>>(),
        );
    let of_bookings = applications::table
        .inner_join(jobs::table.on(jobs::id.eq(applications::job_id)))
        .filter(applications::technician_id.eq(technicians::id))
        .filter(applications::status.eq(ApplicationStatus::Accepted.as_str()))
        .filter(jobs::id.ne(job.uuid()))
        .filter(jobs::start_date.le(last))
        .filter(coalesce(jobs::end_date, jobs::start_date).ge(first))
        .order(jobs::start_date)
        .select((jobs::start_date, jobs::end_date).into_sql::<Record<(Date, Nullable<Date>)>>());
    technicians::table
        .find(technician.uuid())
        .select((
            array::<CertificationRecord, _>(of_certifications),
            array::<Record<(Date, Date, Text)>, _>(of_periods),
            array::<Record<(Date, Nullable<Date>)>, _>(of_bookings),
            technicians::availability_from,
        ))
        .first(connection)
        .optional()
}

fn candidate(technician: TechnicianId, row: CandidateRow) -> Result<Candidate, RepositoryError> {
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

impl ComplianceRepository for PgComplianceRepository {
    fn candidate(
        &self,
        technician: TechnicianId,
        job: JobId,
        days: DateRange,
    ) -> Result<Option<Candidate>, RepositoryError> {
        let row = self.database.read(|connection| load(connection, technician, job, days))?;
        row.map(|row| candidate(technician, row)).transpose()
    }
}
