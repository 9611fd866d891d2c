use chrono::{DateTime, NaiveDate, Utc};
use diesel::{pg::Pg, prelude::*};
use repower_domain::{
    Revision,
    ids::{CompanyId, EvaluationId, JobId, TechnicianId, UserId},
    technicians::{Contact, Evaluation, Skill, Technician, TechnicianProfile},
    values::{CalendarDate, RatingSummary},
};
use repower_ports::{
    RepositoryError,
    bulk::BulkTechnician,
    technicians::{EvaluationRecord, RatedTechnician},
};
use uuid::Uuid;

use crate::{
    schema::{evaluations, skills, technicians},
    searchable,
    stored::{corrupt, count, day_rate, number, optional_date, optional_text, text},
};

/// The columns of a technician. An update does not set those that never change or
/// have statements of their own.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = technicians, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct TechnicianColumns<'a> {
    id: Uuid,
    #[diesel(skip_update)]
    user_id: Uuid,
    full_name: &'a str,
    country: &'a str,
    primary_discipline: &'a str,
    years_experience: i32,
    bio: Option<&'a str>,
    mobility: &'a str,
    visibility: &'a str,
    day_rate_min: Option<i32>,
    day_rate_max: Option<i32>,
    currency: &'a str,
    availability_from: Option<NaiveDate>,
    winda_id: Option<&'a str>,
    irata_number: Option<&'a str>,
    #[diesel(skip_update)]
    revision: i32,
    #[diesel(skip_update)]
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[diesel(skip_update)]
    rating_count: i32,
    #[diesel(skip_update)]
    rating_average: Option<i32>,
    #[diesel(skip_update)]
    search_text: String,
}

impl<'a> TechnicianColumns<'a> {
    /// Converts a technician without ratings and skills.
    pub(crate) fn new(technician: &'a Technician) -> Self {
        let profile = &technician.profile;
        Self {
            id: technician.id.uuid(),
            user_id: technician.user_id.uuid(),
            full_name: profile.full_name.as_str(),
            country: profile.country.alpha2(),
            primary_discipline: profile.primary_discipline.as_str(),
            years_experience: profile.years_experience.get(),
            bio: profile.bio.as_ref().map(repower_domain::values::Bio::as_str),
            mobility: profile.mobility.as_str(),
            visibility: profile.visibility.as_str(),
            day_rate_min: profile.day_rate.lower().map(repower_domain::values::Amount::get),
            day_rate_max: profile.day_rate.upper().map(repower_domain::values::Amount::get),
            currency: profile.day_rate.currency().code(),
            availability_from: profile.availability_from.map(CalendarDate::day),
            winda_id: profile.winda_id.as_ref().map(repower_domain::values::WindaId::as_str),
            irata_number: profile.irata_number.as_ref().map(repower_domain::values::IrataNumber::as_str),
            revision: technician.revision.number(),
            created_at: technician.created_at,
            updated_at: technician.updated_at,
            rating_count: 0,
            rating_average: None,
            search_text: searchable::parts(&searchable::technician(profile), ""),
        }
    }

    /// Converts a technician with ratings and skills.
    pub(crate) fn with_totals(BulkTechnician { technician, skills, ratings }: &'a BulkTechnician) -> Self {
        let (rating_count, rating_average) = stored_ratings(*ratings);
        let search_text = searchable::parts(&searchable::technician(&technician.profile), &searchable::skills(skills));
        Self { rating_count, rating_average, search_text, ..Self::new(technician) }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = technicians, check_for_backend(Pg))]
pub(crate) struct TechnicianRow {
    pub(super) id: Uuid,
    user_id: Uuid,
    full_name: String,
    country: String,
    primary_discipline: String,
    years_experience: i32,
    bio: Option<String>,
    mobility: String,
    visibility: String,
    day_rate_min: Option<i32>,
    day_rate_max: Option<i32>,
    currency: String,
    availability_from: Option<NaiveDate>,
    winda_id: Option<String>,
    irata_number: Option<String>,
    revision: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<TechnicianRow> for Technician {
    type Error = RepositoryError;

    fn try_from(row: TechnicianRow) -> Result<Self, RepositoryError> {
        let profile = TechnicianProfile::builder()
            .full_name(text("technicians.full_name", &row.full_name)?)
            .country(text("technicians.country", &row.country)?)
            .primary_discipline(text("technicians.primary_discipline", &row.primary_discipline)?)
            .years_experience(number("technicians.years_experience", row.years_experience)?)
            .bio(optional_text("technicians.bio", row.bio.as_deref())?)
            .mobility(text("technicians.mobility", &row.mobility)?)
            .visibility(text("technicians.visibility", &row.visibility)?)
            .day_rate(day_rate("technicians", row.day_rate_min, row.day_rate_max, &row.currency)?)
            .availability_from(optional_date("technicians.availability_from", row.availability_from)?)
            .winda_id(optional_text("technicians.winda_id", row.winda_id.as_deref())?)
            .irata_number(optional_text("technicians.irata_number", row.irata_number.as_deref())?)
            .build();
        Ok(Self::builder()
            .id(TechnicianId::from(row.id))
            .user_id(UserId::from(row.user_id))
            .profile(profile)
            .revision(Revision::stored(row.revision))
            .created_at(row.created_at)
            .updated_at(row.updated_at)
            .build())
    }
}

/// The number of a technician's evaluations, and their average in hundredths.
pub(super) type RatingsRow = (i32, Option<i32>);

/// Converts a summary of ratings to its columns.
pub(super) fn stored_ratings(ratings: RatingSummary) -> RatingsRow {
    let average = ratings.average().map(|average| average.hundredths().into());
    (i32::try_from(ratings.count()).unwrap_or(i32::MAX), average)
}

/// Converts the columns of a summary of ratings.
pub(super) fn ratings((number, average): RatingsRow) -> Result<RatingSummary, RepositoryError> {
    let hundredths =
        average.map(u16::try_from).transpose().map_err(|why| corrupt("technicians.rating_average", why))?;
    Ok(RatingSummary::stored(count("technicians.rating_count", number.into())?, hundredths))
}

/// A technician with their ratings.
#[derive(Queryable, Selectable)]
#[diesel(table_name = technicians, check_for_backend(Pg))]
pub(crate) struct RatedTechnicianRow {
    #[diesel(embed)]
    technician: TechnicianRow,
    rating_count: i32,
    rating_average: Option<i32>,
}

impl RatedTechnicianRow {
    pub(crate) const fn id(&self) -> Uuid {
        self.technician.id
    }
}

impl TryFrom<RatedTechnicianRow> for RatedTechnician {
    type Error = RepositoryError;

    fn try_from(row: RatedTechnicianRow) -> Result<Self, RepositoryError> {
        Ok(Self { technician: row.technician.try_into()?, ratings: ratings((row.rating_count, row.rating_average))? })
    }
}

#[derive(Insertable)]
#[diesel(table_name = skills, treat_none_as_default_value = false)]
pub(crate) struct NewSkillRow<'a> {
    technician_id: Uuid,
    folded_name: String,
    name: &'a str,
    level: &'a str,
}

impl<'a> NewSkillRow<'a> {
    pub(crate) fn new(technician: TechnicianId, skill: &'a Skill) -> Self {
        Self {
            technician_id: technician.uuid(),
            folded_name: skill.folded_name(),
            name: skill.name.as_str(),
            level: skill.level.as_str(),
        }
    }
}

/// A skill's name and level.
pub(super) type SkillRow = (String, String);

pub(super) fn skill((name, level): SkillRow) -> Result<Skill, RepositoryError> {
    Ok(Skill::builder().name(text("skills.name", &name)?).level(text("skills.level", &level)?).build())
}

#[derive(Insertable)]
#[diesel(table_name = evaluations, treat_none_as_default_value = false)]
pub(crate) struct NewEvaluationRow<'a> {
    id: Uuid,
    technician_id: Uuid,
    company_id: Uuid,
    job_id: Uuid,
    rating: i32,
    comment: Option<&'a str>,
    answer: Option<&'a str>,
    created_at: DateTime<Utc>,
}

impl<'a> NewEvaluationRow<'a> {
    pub(crate) fn new(evaluation: &'a Evaluation) -> Self {
        Self {
            id: evaluation.id.uuid(),
            technician_id: evaluation.technician_id.uuid(),
            company_id: evaluation.company_id.uuid(),
            job_id: evaluation.job_id.uuid(),
            rating: evaluation.rating.get(),
            comment: evaluation.comment.as_ref().map(repower_domain::values::Comment::as_str),
            answer: evaluation.answer.as_ref().map(repower_domain::values::Answer::as_str),
            created_at: evaluation.created_at,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = evaluations, check_for_backend(Pg))]
pub(super) struct EvaluationRow {
    id: Uuid,
    technician_id: Uuid,
    company_id: Uuid,
    job_id: Uuid,
    rating: i32,
    comment: Option<String>,
    answer: Option<String>,
    hidden: bool,
    created_at: DateTime<Utc>,
}

/// An evaluation with the name of its company and the title of its job.
pub(super) type NamedEvaluationRow = (EvaluationRow, String, String);

/// The same in a record, as a passport has it.
pub(super) type EvaluationRecordRow =
    (Uuid, Uuid, Uuid, Uuid, i32, Option<String>, Option<String>, DateTime<Utc>, String, String);

/// Converts an evaluation of a passport, which is not hidden.
pub(super) fn shown_evaluation(
    (id, technician_id, company_id, job_id, rating, comment, answer, created_at, company, job): EvaluationRecordRow,
) -> Result<EvaluationRecord, RepositoryError> {
    let hidden = false;
    let row = EvaluationRow { id, technician_id, company_id, job_id, rating, comment, answer, hidden, created_at };
    evaluation((row, company, job))
}

/// Converts an evaluation with its names.
pub(super) fn evaluation((row, company, job): NamedEvaluationRow) -> Result<EvaluationRecord, RepositoryError> {
    let evaluation = Evaluation::builder()
        .id(EvaluationId::from(row.id))
        .technician_id(TechnicianId::from(row.technician_id))
        .company_id(CompanyId::from(row.company_id))
        .job_id(JobId::from(row.job_id))
        .rating(number("evaluations.rating", row.rating)?)
        .comment(optional_text("evaluations.comment", row.comment.as_deref())?)
        .answer(optional_text("evaluations.answer", row.answer.as_deref())?)
        .created_at(row.created_at)
        .build();
    Ok(EvaluationRecord {
        evaluation,
        company_name: text("companies.name", &company)?,
        job_title: text("jobs.title", &job)?,
        hidden: row.hidden,
    })
}

/// Whether a technician has acted towards a company, and whether the two have a thread.
pub(super) type ActsRow = (bool, bool);

pub(super) const fn contact(acts: ActsRow) -> Contact {
    match acts {
        (true, _) => Contact::ByTechnician,
        (false, true) => Contact::ByCompany,
        (false, false) => Contact::Nothing,
    }
}
