use chrono::{DateTime, Utc};
use typed_builder::TypedBuilder;

use crate::{
    ids::{CompanyId, EvaluationId, JobId, TechnicianId},
    values::{Answer, Comment, Rating},
};

/// The evaluation of a technician by a company after a job.
///
/// ```
/// use repower_domain::{chrono::DateTime, technicians::Evaluation, uuid::Uuid, values::Rating};
///
/// let evaluation = Evaluation::builder()
///     .id(Uuid::from_u128(1).into())
///     .technician_id(Uuid::from_u128(2).into())
///     .company_id(Uuid::from_u128(3).into())
///     .job_id(Uuid::from_u128(4).into())
///     .rating(Rating::try_from(5)?)
///     .comment(Some("Careful work".parse()?))
///     .answer(None)
///     .created_at(DateTime::UNIX_EPOCH)
///     .build();
/// assert_eq!(evaluation.rating.get(), 5);
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Evaluation {
    /// The id.
    pub id: EvaluationId,
    /// The technician.
    pub technician_id: TechnicianId,
    /// The company.
    pub company_id: CompanyId,
    /// The job.
    pub job_id: JobId,
    /// The rating.
    pub rating: Rating,
    /// The comment.
    pub comment: Option<Comment>,
    /// The answer of the technician.
    pub answer: Option<Answer>,
    /// The time of the evaluation.
    pub created_at: DateTime<Utc>,
}
