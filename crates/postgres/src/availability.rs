//! The availability of technicians, a row for each period.

use chrono::NaiveDate;
use diesel::prelude::*;
use repower_domain::{
    availability::{Availability, Period},
    ids::TechnicianId,
};
use repower_ports::{RepositoryError, availability::AvailabilityRepository};
use uuid::Uuid;

use crate::{
    Database,
    schema::{availability_periods, technicians},
    stored::{corrupt, date, text},
};

const COLUMN: &str = "availability_periods.last_day";

/// [`AvailabilityRepository`] on PostgreSQL.
pub struct PgAvailabilityRepository {
    database: Database,
}

impl PgAvailabilityRepository {
    /// Creates the repository of this database's periods.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Insertable)]
#[diesel(table_name = availability_periods, treat_none_as_default_value = false)]
pub(crate) struct NewPeriodRow {
    technician_id: Uuid,
    first_day: NaiveDate,
    last_day: NaiveDate,
    kind: &'static str,
}

impl NewPeriodRow {
    pub(crate) const fn new(technician: TechnicianId, period: Period) -> Self {
        Self {
            technician_id: technician.uuid(),
            first_day: period.first().day(),
            last_day: period.last().day(),
            kind: period.kind().as_str(),
        }
    }
}

/// A first day, a last day and a kind.
pub(crate) type PeriodRow = (NaiveDate, NaiveDate, String);

fn period((first, last, kind): PeriodRow) -> Result<Period, RepositoryError> {
    let days = (date("availability_periods.first_day", first)?, date(COLUMN, last)?);
    Period::new(days.0, days.1, text("availability_periods.kind", &kind)?).map_err(|why| corrupt(COLUMN, why))
}

/// Converts the periods of a technician.
pub(crate) fn availability(rows: Vec<PeriodRow>) -> Result<Availability, RepositoryError> {
    let periods = rows.into_iter().map(period).collect::<Result<_, _>>()?;
    Availability::new(periods).map_err(|why| corrupt(COLUMN, why))
}

impl AvailabilityRepository for PgAvailabilityRepository {
    fn find(&self, technician: TechnicianId) -> Result<Availability, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            availability_periods::table
                .filter(availability_periods::technician_id.eq(technician.uuid()))
                .order(availability_periods::first_day)
                .select((availability_periods::first_day, availability_periods::last_day, availability_periods::kind))
                .load(connection)
        };
        availability(self.database.read(query)?)
    }

    fn replace(&self, technician: TechnicianId, periods: &Availability) -> Result<(), RepositoryError> {
        let rows: Vec<_> = periods.as_slice().iter().map(|period| NewPeriodRow::new(technician, *period)).collect();
        let replace = |connection: &mut PgConnection| {
            // A concurrent replacement waits here, and then deletes the rows of this one.
            let technician = technicians::table.find(technician.uuid()).select(technicians::id);
            let technician: Uuid = technician.for_no_key_update().first(connection)?;
            let replaced = availability_periods::table.filter(availability_periods::technician_id.eq(technician));
            diesel::delete(replaced).execute(connection)?;
            diesel::insert_into(availability_periods::table).values(&rows).execute(connection)
        };
        self.database.write(replace)?;
        Ok(())
    }
}
