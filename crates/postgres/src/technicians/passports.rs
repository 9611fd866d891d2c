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
use repower_ports::{RepositoryError, technicians::PassportRecord};

use super::{
    certification_rows::{CertificationRecord, CertificationRow, certification},
    rows::{
        ActsRow, EvaluationRecordRow, RatingsRow, SkillRow, TechnicianRow, contact, ratings, shown_evaluation, skill,
    },
};
use crate::{
    condition::ConstCondition,
    schema::{applications, certifications, companies, evaluations, jobs, skills, technicians, threads},
};

/// A technician with skills, certifications, the newest shown evaluations, ratings and what
/// there has been with a company.
pub(super) type PassportRow =
    (TechnicianRow, Vec<SkillRow>, Vec<CertificationRow>, Vec<EvaluationRecordRow>, RatingsRow, ActsRow);

/// The passports of technicians, with what there has been with a company.
macro_rules! passports {
    ($is_asked:expr, $acts:expr) => {{
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
            .select(certification_columns!().into_sql::<CertificationRecord>());
        let of_evaluations = evaluations::table
            .inner_join(companies::table)
            .inner_join(jobs::table.on(jobs::id.eq(evaluations::job_id)))
            .filter(evaluations::technician_id.eq(technicians::id))
            .filter(evaluations::hidden.eq(false))
            .order((evaluations::created_at.desc(), evaluations::id.desc()))
            .limit(PassportRecord::EVALUATIONS.into())
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
        return passports!(is_asked, acts).first(connection).optional();
    }
    // PostgreSQL starts a subquery also where it can find nothing.
    let none = ConstCondition("false");
    passports!(is_asked, (none, none)).first(connection).optional()
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
