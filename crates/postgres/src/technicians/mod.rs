#[expect(clippy::ref_option_ref, reason = "the derived change set has such references")]
mod rows;

use diesel::{
    dsl::{array, count_star, sum},
    pg::sql_types::Record,
    prelude::*,
    sql_types::{Date, Nullable, Text, Uuid as SqlUuid},
};
use repower_domain::{
    ids::{CertificationId, TechnicianId},
    technicians::{Certification, SkillSet, Technician},
};
use repower_ports::{
    RepositoryError,
    technicians::{PassportRecord, TechnicianRepository},
};

use self::rows::{
    CertificationRow, EvaluationRow, NewCertificationRow, NewSkillRow, ProfileColumns, SkillRow, certification,
    evaluation, skill,
};
pub(crate) use self::rows::{RatedTechnicianRow, RatingsRow, TechnicianColumns, TechnicianRow, ratings};
use crate::{
    Database, lists,
    schema::{certifications, companies, evaluations, skills, technicians},
};

/// [`TechnicianRepository`] on PostgreSQL.
pub struct PgTechnicianRepository {
    database: Database,
}

impl PgTechnicianRepository {
    /// The technicians of this database.
    pub const fn new(database: Database) -> Self {
        Self { database }
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
        let known = technicians::table
            .find(technician.id.uuid())
            .filter(technicians::revision.eq(technician.revision.number()));
        let change = |connection: &mut PgConnection| {
            diesel::update(known)
                .set((ProfileColumns::new(technician), technicians::revision.eq(technicians::revision + 1)))
                .execute(connection)
        };
        lists::unless_stale(self.database.write(change)?)
    }

    fn passport(&self, id: TechnicianId) -> Result<Option<PassportRecord>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            let Some(profile) = load_profile(connection, id)? else { return Ok(None) };
            Ok(Some((profile, load_evaluations(connection, id)?)))
        };
        let Some(((technician, held_skills, held_certifications, totals), left)) = self.database.read(query)? else {
            return Ok(None);
        };
        Ok(Some(PassportRecord {
            technician: technician.try_into()?,
            skills: held_skills.into_iter().map(skill).collect::<Result<_, _>>()?,
            certifications: held_certifications
                .into_iter()
                .map(|row| certification(id, row))
                .collect::<Result<_, _>>()?,
            evaluations: left.into_iter().map(evaluation).collect::<Result<_, _>>()?,
            ratings: ratings(totals)?,
        }))
    }

    fn add_certification(&self, certification: &Certification) -> Result<(), RepositoryError> {
        let row = NewCertificationRow::new(certification);
        self.database
            .write(|connection| diesel::insert_into(certifications::table).values(&row).execute(connection))?;
        Ok(())
    }

    fn remove_certification(
        &self,
        technician: TechnicianId,
        certification: CertificationId,
    ) -> Result<bool, RepositoryError> {
        let theirs = certifications::table
            .find(certification.uuid())
            .filter(certifications::technician_id.eq(technician.uuid()));
        Ok(self.database.write(|connection| diesel::delete(theirs).execute(connection))? > 0)
    }

    fn replace_skills(&self, technician: TechnicianId, set: &SkillSet) -> Result<(), RepositoryError> {
        let rows: Vec<_> = set.as_slice().iter().map(|skill| NewSkillRow::new(technician, skill)).collect();
        let replace = |connection: &mut PgConnection| {
            // Of two at once, the second waits here and then sees the first one's rows.
            technicians::table
                .find(technician.uuid())
                .select(technicians::id)
                .for_no_key_update()
                .first::<uuid::Uuid>(connection)?;
            diesel::delete(skills::table.filter(skills::technician_id.eq(technician.uuid()))).execute(connection)?;
            diesel::insert_into(skills::table).values(&rows).execute(connection)
        };
        self.database.write(replace)?;
        Ok(())
    }
}

type ProfileRow = (TechnicianRow, Vec<SkillRow>, Vec<CertificationRow>, RatingsRow);

/// The technician with skills, certifications and ratings, in one row.
fn load_profile(connection: &mut PgConnection, id: TechnicianId) -> QueryResult<Option<ProfileRow>> {
    type SkillRecord = Record<(Text, Text)>;
    type CertificationRecord = Record<(SqlUuid, Text, Text, Date, Date, Nullable<Text>)>;
    let of_skills = skills::table
        .filter(skills::technician_id.eq(technicians::id))
        .order(skills::folded_name)
        .select((skills::name, skills::level).into_sql::<SkillRecord>());
    let of_certifications = certifications::table
        .filter(certifications::technician_id.eq(technicians::id))
        .order((certifications::valid_until.desc(), certifications::id.desc()))
        .select(
            (
                certifications::id,
                certifications::name,
                certifications::provider,
                certifications::valid_from,
                certifications::valid_until,
                certifications::document_url,
            )
                .into_sql::<CertificationRecord>(),
        );
    let of_evaluations = evaluations::table.filter(evaluations::technician_id.eq(technicians::id));
    technicians::table
        .find(id.uuid())
        .select((
            TechnicianRow::as_select(),
            array::<SkillRecord, _>(of_skills),
            array::<CertificationRecord, _>(of_certifications),
            (
                of_evaluations.select(count_star()).single_value(),
                of_evaluations.select(sum(evaluations::rating)).single_value(),
            ),
        ))
        .first(connection)
        .optional()
}

fn load_evaluations(connection: &mut PgConnection, id: TechnicianId) -> QueryResult<Vec<(EvaluationRow, String)>> {
    evaluations::table
        .inner_join(companies::table)
        .filter(evaluations::technician_id.eq(id.uuid()))
        .order((evaluations::created_at.desc(), evaluations::id.desc()))
        .limit(PassportRecord::EVALUATIONS.into())
        .select((EvaluationRow::as_select(), companies::name))
        .load(connection)
}
