use chrono::{DateTime, Utc};

use crate::{
    ids::{CompanyId, EvaluationId, JobId, TechnicianId},
    values::{Answer, Comment, Rating},
};

/// The evaluation of a technician by a company after a job.
#[derive(Debug, Clone, PartialEq, Eq)]
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
