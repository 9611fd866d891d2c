//! Passports, each in one row.

use diesel::{
    PgConnection, QueryResult,
    dsl::{array, exists},
    pg::sql_types::Record,
    prelude::*,
    sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use repower_domain::{
    ids::{CompanyId, TechnicianId},
    technicians::Contact,
};
use repower_ports::{RepositoryError, prefetch::Rows, technicians::PassportRecord};

use super::{
    certification_rows::{CertificationRecord, CertificationRow, certification},
    rows::{
        ActsRow, EvaluationRecordRow, RatingsRow, SkillRow, TechnicianRow, contact, ratings, shown_evaluation, skill,
    },
};
use crate::{
    condition::ConstCondition,
    error::Failure,
    lookups::{self, Asked},
    schema::{applications, certifications, companies, evaluations, jobs, skills, technicians, threads},
};

/// A technician with skills, certifications, the newest shown evaluations, ratings and what
/// there has been with a company.
pub(super) type PassportRow =
    (TechnicianRow, Vec<SkillRow>, Vec<CertificationRow>, Vec<EvaluationRecordRow>, RatingsRow, ActsRow);

/// The evaluations of a passport that is read alone.
const MAX_EVALUATIONS: i64 = PassportRecord::EVALUATIONS as i64;

/// The most certifications of a passport that is read with others. A longer one is read alone:
/// 16 with the longest texts, of up to 15 kB in a certification and 17 kB in an evaluation, have
/// 6 MB at this limit.
const MAX_PREFETCHED_CERTIFICATIONS: u8 = 12;

/// As [`MAX_PREFETCHED_CERTIFICATIONS`], for evaluations.
const MAX_PREFETCHED_EVALUATIONS: u8 = 8;

/// The passports of technicians, with what there has been with a company.
macro_rules! passports {
    ($is_asked:expr, $acts:expr, $evaluations:expr $(, $certifications:expr)?) => {{
        type SkillRecord = Record<(Text, Text)>;
        type EvaluationRecord = Record<(
            SqlUuid,
            SqlUuid,
            SqlUuid,
            SqlUuid,
            Integer,
            Nullable<Text>,
            Nullable<Text>,
            Timestamptz,
            Text,
            Text,
        )>;
        let of_skills = skills::table
            .filter(skills::technician_id.eq(technicians::id))
            .order(skills::folded_name)
            .select((skills::name, skills::level).into_sql::<SkillRecord>());
        let of_certifications = certifications::table
            .filter(certifications::technician_id.eq(technicians::id))
            .order((certifications::valid_until.desc(), certifications::id.desc()))
            $(.limit($certifications))?
            .select(certification_columns!().into_sql::<CertificationRecord>());
        let of_evaluations = evaluations::table
            .inner_join(companies::table)
            .inner_join(jobs::table.on(jobs::id.eq(evaluations::job_id)))
            .filter(evaluations::technician_id.eq(technicians::id))
            .filter(evaluations::hidden.eq(false))
            .order((evaluations::created_at.desc(), evaluations::id.desc()))
            .limit($evaluations)
            .select(
                (
                    evaluations::id,
                    evaluations::technician_id,
                    evaluations::company_id,
                    evaluations::job_id,
                    evaluations::rating,
                    evaluations::comment,
                    evaluations::answer,
                    evaluations::created_at,
                    companies::name,
                    jobs::title,
                )
                    .into_sql::<EvaluationRecord>(),
            );
        technicians::table.filter($is_asked).select((
            TechnicianRow::as_select(),
            array::<SkillRecord, _>(of_skills),
            array::<CertificationRecord, _>(of_certifications),
            array::<EvaluationRecord, _>(of_evaluations),
            (technicians::rating_count, technicians::rating_average),
            $acts,
        ))
    }};
}

/// Loads the passport of a technician, for a company.
pub(super) fn load(
    connection: &mut PgConnection,
    id: TechnicianId,
    company: Option<CompanyId>,
) -> QueryResult<Option<PassportRow>> {
    let is_asked = technicians::id.eq(id.uuid());
    if let Some(company) = company.map(CompanyId::uuid) {
        let acts = (has_acted!(Some(company)), has_thread!(Some(company)));
        return passports!(is_asked, acts, MAX_EVALUATIONS).first(connection).optional();
    }
    // PostgreSQL starts a subquery also where it can find nothing.
    let none = ConstCondition("false");
    passports!(is_asked, (none, none), MAX_EVALUATIONS).first(connection).optional()
}

/// The own passport of the user of each of several look-ups, if it is short.
pub(crate) fn prefetch(connection: &mut PgConnection, asked: Asked<'_>) -> QueryResult<Vec<Option<Rows>>> {
    let is_asked = technicians::user_id.eq(lookups::ID);
    let none = ConstCondition("false");
    let [certifications, evaluations] =
        [MAX_PREFETCHED_CERTIFICATIONS, MAX_PREFETCHED_EVALUATIONS].map(|most| i64::from(most) + 1);
    let query = passports!(is_asked, (none, none), evaluations, certifications);
    asked.load(connection, query, |_, rows: &[PassportRow]| {
        // Of a user without a passport there is nothing to read.
        rows.first().is_none_or(|(_, _, certifications, evaluations, ..)| {
            certifications.len() <= usize::from(MAX_PREFETCHED_CERTIFICATIONS)
                && evaluations.len() <= usize::from(MAX_PREFETCHED_EVALUATIONS)
        })
    })
}

/// The own passport of this technician, if it was read for the calling thread's work.
pub(super) fn take(id: TechnicianId) -> Option<Result<PassportRow, Failure>> {
    let is_own = |rows: &[PassportRow]| rows.first().is_some_and(|(technician, ..)| technician.id == id.uuid());
    lookups::take_if(is_own)?.map(|mut rows| rows.pop()).transpose()
}

/// Converts a passport, with what there has been with the company.
pub(super) fn record(row: PassportRow) -> Result<(PassportRecord, Contact), RepositoryError> {
    let (technician, skills, certifications, evaluations, totals, acts) = row;
    let id = technician.id.into();
    let record = PassportRecord {
        technician: technician.try_into()?,
        skills: skills.into_iter().map(skill).collect::<Result<_, _>>()?,
        certifications: certifications.into_iter().map(|row| certification(id, row)).collect::<Result<_, _>>()?,
        evaluations: evaluations.into_iter().map(shown_evaluation).collect::<Result<_, _>>()?,
        ratings: ratings(totals)?,
    };
    Ok((record, contact(acts)))
}
