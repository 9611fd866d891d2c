#[macro_use]
#[expect(clippy::ref_option_ref, reason = "the derived change set has such references")]
mod certification_rows;
mod first_rows;
#[expect(clippy::ref_option_ref, reason = "the derived change set has such references")]
mod rows;
mod search;

use diesel::{
    dsl::{count_star, exists, sum},
    prelude::*,
    sql_types::Text,
};
use repower_domain::{
    ids::{CertificationId, CompanyId, EvaluationId, TechnicianId},
    technicians::{Certification, Contact, Evaluation, SkillSet, Technician, Visibility},
    values::{Answer, CalendarDate, RatingSummary, RatingTotals},
};
use repower_ports::{
    Page, PageRequest, RepositoryError,
    technicians::{
        EvaluateError, EvaluationRecord, PassportRecord, RatedTechnician, TechnicianFilter, TechnicianRepository,
    },
};
use uuid::Uuid;

use self::rows::{EvaluationRow, contact, evaluation, stored_ratings};
pub(crate) use self::{
    certification_rows::{
        CertificationColumns, CertificationRecord, CertificationRow, certification, certification_columns, replace,
        replace_appeal, text_bytes,
    },
    passports::prefetch,
    rows::{NewEvaluationRow, NewSkillRow, RatedTechnicianRow, TechnicianColumns, TechnicianRow},
    search::matching,
};
use crate::{
    Database,
    lists::{self, Slice},
    schema::{applications, certifications, companies, evaluations, jobs, skills, technicians, threads},
    searchable::{self, PART, split_part},
    stored::text,
};

/// Evaluations with the name of the company and the title of the job.
macro_rules! named_evaluations {
    ($evaluations:expr) => {
        $evaluations.inner_join(companies::table).inner_join(jobs::table.on(jobs::id.eq(evaluations::job_id))).select((
            EvaluationRow::as_select(),
            companies::name,
            jobs::title,
        ))
    };
}

/// Whether the technician of the row has applied to a company, or acted in a thread with
/// it. Of no company: no.
macro_rules! has_acted {
    ($company:expr) => {
        exists(
            applications::table
                .filter(applications::technician_id.eq(technicians::id))
                .filter(applications::company_id.nullable().eq($company)),
        )
        .or(exists(
            threads::table
                .filter(threads::technician_id.eq(technicians::id))
                .filter(threads::company_id.nullable().eq($company))
                .filter(threads::technician_acted),
        ))
    };
}

/// Whether the technician of the row has a thread with a company.
macro_rules! has_thread {
    ($company:expr) => {
        exists(
            threads::table
                .filter(threads::technician_id.eq(technicians::id))
                .filter(threads::company_id.nullable().eq($company)),
        )
    };
}

mod passports;

/// [`TechnicianRepository`] on PostgreSQL.
pub struct PgTechnicianRepository {
    database: Database,
}

impl PgTechnicianRepository {
    /// Creates the repository of this database's technicians.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }

    fn search_all(
        &self,
        filter: &TechnicianFilter,
        today: CalendarDate,
        page: PageRequest,
    ) -> Result<Slice<RatedTechnicianRow>, RepositoryError> {
        if search::needs_slices(filter) {
            let slices = self.database.search(|connection| {
                lists::load_slices(connection, page, |connection, page| {
                    search::search_slice(connection, filter, today, page)
                })
            })?;
            return Ok(slices);
        }
        let query = |connection: &mut PgConnection| search::search(connection, filter, today, page);
        let needs_plan = search::criteria(filter).need_custom_plan();
        Ok((if needs_plan { self.database.search(query)? } else { self.database.read(query)? }, None))
    }
}

impl TechnicianRepository for PgTechnicianRepository {
    fn find(&self, id: TechnicianId) -> Result<Option<Technician>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            technicians::table.find(id.uuid()).select(TechnicianRow::as_select()).first(connection).optional()
        };
        self.database.read(query)?.map(Technician::try_from).transpose()
    }

    fn update(&self, technician: &Technician) -> Result<(), RepositoryError> {
        let guarded = technicians::table
            .find(technician.id.uuid())
            .filter(technicians::revision.eq(technician.revision.number()));
        let texts = searchable::technician(&technician.profile) + PART;
        let change = |connection: &mut PgConnection| {
            diesel::update(guarded)
                .set((
                    TechnicianColumns::new(technician),
                    technicians::search_text.eq((&texts).into_sql::<Text>().concat(split_part(
                        technicians::search_text,
                        PART,
                        2,
                    ))),
                    technicians::revision.eq(technicians::revision + 1),
                ))
                .execute(connection)
        };
        lists::require_updated(self.database.write(change)?)
    }

    fn passport(&self, id: TechnicianId) -> Result<Option<PassportRecord>, RepositoryError> {
        let loaded = match passports::take(id) {
            Some(row) => Some(row?),
            None => self.database.read(|connection| passports::load(connection, id, None))?,
        };
        Ok(loaded.map(passports::record).transpose()?.map(|(record, _)| record))
    }

    fn passport_for(
        &self,
        id: TechnicianId,
        company: CompanyId,
    ) -> Result<Option<(PassportRecord, Contact)>, RepositoryError> {
        self.database
            .read(|connection| passports::load(connection, id, Some(company)))?
            .map(passports::record)
            .transpose()
    }

    fn contact(&self, id: TechnicianId, company: CompanyId) -> Result<Option<(Visibility, Contact)>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            technicians::table
                .find(id.uuid())
                .select((technicians::visibility, has_acted!(Some(company.uuid())), has_thread!(Some(company.uuid()))))
                .first::<(String, bool, bool)>(connection)
                .optional()
        };
        let Some((visibility, acted, thread)) = self.database.read(query)? else { return Ok(None) };
        Ok(Some((text("technicians.visibility", &visibility)?, contact((acted, thread)))))
    }

    fn add_certification(&self, certification: &Certification, limit: u32) -> Result<(), RepositoryError> {
        let row = CertificationColumns::new(certification);
        let added = self.database.write_statement(|connection| row.insert_within(limit, connection))?;
        lists::require_room(added > 0, limit)
    }

    fn certifications(&self, technician: TechnicianId) -> Result<Vec<Certification>, RepositoryError> {
        let rows = self.database.read(|connection| certification_rows::load(connection, technician))?;
        rows.into_iter().map(|row| certification_rows::certification(technician, row)).collect()
    }

    fn update_certification(&self, certification: &Certification) -> Result<(), RepositoryError> {
        lists::require_updated(
            self.database.write(|connection| certification_rows::replace(connection, certification))?,
        )
    }

    fn remove_certification(
        &self,
        technician: TechnicianId,
        certification: CertificationId,
    ) -> Result<bool, RepositoryError> {
        let target = certifications::table
            .find(certification.uuid())
            .filter(certifications::technician_id.eq(technician.uuid()));
        Ok(self.database.write_statement(|connection| diesel::delete(target).execute(connection))? > 0)
    }

    fn replace_skills(&self, technician: TechnicianId, set: &SkillSet) -> Result<(), RepositoryError> {
        let rows: Vec<_> = set.as_slice().iter().map(|skill| NewSkillRow::new(technician, skill)).collect();
        let names = searchable::parts("", &searchable::skills(set));
        let replace = |connection: &mut PgConnection| {
            // A concurrent replacement waits here, and then deletes the rows of this one.
            diesel::update(technicians::table.find(technician.uuid()))
                .set(technicians::search_text.eq(split_part(technicians::search_text, PART, 1).concat(&names)))
                .returning(technicians::id)
                .get_result::<Uuid>(connection)?;
            diesel::delete(skills::table.filter(skills::technician_id.eq(technician.uuid()))).execute(connection)?;
            diesel::insert_into(skills::table).values(&rows).execute(connection)
        };
        self.database.write(replace)?;
        Ok(())
    }

    fn search(
        &self,
        filter: &TechnicianFilter,
        today: CalendarDate,
        page: PageRequest,
    ) -> Result<Page<RatedTechnician>, RepositoryError> {
        let slice = match self.database.read(|connection| first_rows::search(connection, filter, page))? {
            Some(rows) => (rows, None),
            None => self.search_all(filter, today, page)?,
        };
        lists::slice_page(slice, page, |technician: &RatedTechnician| search::position(filter.sort, technician))
    }

    fn evaluate(&self, evaluation: &Evaluation) -> Result<(), EvaluateError> {
        let insert = |connection: &mut PgConnection| insert_evaluation(connection, evaluation);
        let inserted = self.database.write(insert).map_err(|failure| match failure.violated_constraint() {
            Some("evaluations_once_per_job") => EvaluateError::AlreadyEvaluated,
            None if failure.is_not_found() => EvaluateError::NotEngaged,
            Some(_) | None => EvaluateError::Repository(failure.into()),
        })?;
        Ok(lists::require_active(inserted)?)
    }

    fn find_evaluation(&self, id: EvaluationId) -> Result<Option<EvaluationRecord>, RepositoryError> {
        let target = evaluations::table.find(id.uuid());
        let query = |connection: &mut PgConnection| named_evaluations!(target).first(connection).optional();
        self.database.read(query)?.map(evaluation).transpose()
    }

    fn answer_evaluation(&self, id: EvaluationId, answer: &Answer) -> Result<(), RepositoryError> {
        let unanswered = evaluations::table
            .find(id.uuid())
            .filter(evaluations::answer.is_null())
            .filter(evaluations::hidden.eq(false));
        let change = |connection: &mut PgConnection| {
            diesel::update(unanswered).set(evaluations::answer.eq(answer.as_str())).execute(connection)
        };
        lists::require_updated(self.database.write_statement(change)?)
    }
}

/// Inserts an evaluation of an engaged technician, and renews the ratings. Returns
/// whether the technician is active; for another one nothing is done.
fn insert_evaluation(connection: &mut PgConnection, evaluation: &Evaluation) -> QueryResult<bool> {
    let is_active = lock_ratings(connection, evaluation.technician_id)?;
    // A confirmed acceptance is final, so that no lock is needed.
    applications::table
        .filter(applications::job_id.eq(evaluation.job_id.uuid()))
        .filter(applications::technician_id.eq(evaluation.technician_id.uuid()))
        .filter(applications::confirmed_at.is_not_null())
        .select(applications::id)
        .first::<Uuid>(connection)?;
    // Who was not engaged does not learn of a deactivation.
    if !is_active {
        return Ok(false);
    }
    diesel::insert_into(evaluations::table).values(NewEvaluationRow::new(evaluation)).execute(connection)?;
    renew_ratings(connection, evaluation.technician_id)?;
    Ok(true)
}

/// Whether a technician is active, until the end of the transaction; `None` if there is
/// none. A deactivation waits for it.
pub(crate) fn share_active(connection: &mut PgConnection, technician: TechnicianId) -> QueryResult<Option<bool>> {
    technicians::table.find(technician.uuid()).select(technicians::active).for_share().first(connection).optional()
}

/// As [`share_active`], but a second one waits for the end of the transaction too.
pub(crate) fn lock_active(connection: &mut PgConnection, technician: TechnicianId) -> QueryResult<Option<bool>> {
    let technician = technicians::table.find(technician.uuid()).select(technicians::active);
    technician.for_no_key_update().first(connection).optional()
}

/// Locks the ratings of a technician until the end of the transaction: a concurrent
/// change of them waits, and then counts what this one has changed. Returns whether the
/// technician is active.
pub(crate) fn lock_ratings(connection: &mut PgConnection, technician: TechnicianId) -> QueryResult<bool> {
    technicians::table.find(technician.uuid()).select(technicians::active).for_no_key_update().first(connection)
}

/// Computes the ratings of a technician, which are locked, from the evaluations.
pub(crate) fn renew_ratings(connection: &mut PgConnection, technician: TechnicianId) -> QueryResult<()> {
    let companies: Vec<(i64, Option<i64>)> = evaluations::table
        .filter(evaluations::technician_id.eq(technician.uuid()))
        .filter(evaluations::hidden.eq(false))
        .group_by(evaluations::company_id)
        .select((count_star(), sum(evaluations::rating)))
        .load(connection)?;
    let totals = companies.into_iter().map(|(count, sum)| RatingTotals {
        count: u32::try_from(count).unwrap_or(u32::MAX),
        sum: sum.and_then(|sum| u32::try_from(sum).ok()).unwrap_or(u32::MAX),
    });
    let (count, average) = stored_ratings(RatingSummary::of(totals));
    diesel::update(technicians::table.find(technician.uuid()))
        .set((technicians::rating_count.eq(count), technicians::rating_average.eq(average)))
        .execute(connection)
        .map(drop)
}
