use chrono::{DateTime, Utc};

use crate::{
    ids::{CompanyId, EvaluationId, JobId, TechnicianId},
    values::{Comment, Rating},
};

/// What a company says of a technician after a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// Its identity.
    pub id: EvaluationId,
    /// Who is evaluated.
    pub technician_id: TechnicianId,
    /// Who evaluates.
    pub company_id: CompanyId,
    /// For which job.
    pub job_id: JobId,
    /// How good the work was.
    pub rating: Rating,
    /// What there is to say.
    pub comment: Option<Comment>,
    /// When it was left.
    pub created_at: DateTime<Utc>,
}
