use diesel::{ExecuteCopyFromDsl, PgConnection};
use repower_domain::{
    accounts::User,
    applications::Application,
    availability::Period,
    chat::Message,
    companies::{Company, Member},
    ids::TechnicianId,
    jobs::Job,
    technicians::{Certification, Evaluation, Skill},
    values::PasswordHash,
};
use repower_ports::bulk::{BulkError, BulkEvent, BulkProgress, BulkStage, BulkTechnician, BulkThread, BulkWriter};

use crate::{
    accounts::NewUserRow,
    applications::{NewApplicationRow, NewEventRow},
    availability::NewPeriodRow,
    chat::{NewMessageRow, NewThreadRow},
    companies::{CompanyColumns, MemberRow},
    jobs::JobColumns,
    schema,
    technicians::{CertificationColumns, NewEvaluationRow, NewSkillRow, TechnicianColumns},
};

/// Writes each batch with one COPY.
pub(super) struct CopyWriter<'a> {
    pub(super) connection: &'a mut PgConnection,
    pub(super) progress: &'a mut dyn FnMut(BulkProgress),
}

/// Copies a batch into a table; each item is converted to a row.
macro_rules! copy {
    ($writer:ident, $table:ident, $items:ident, $row:expr) => {{
        let rows: Vec<_> = $items.iter().map($row).collect();
        let copied = diesel::copy_from(schema::$table::table).from_insertable(rows).execute($writer.connection);
        copied.map_err(|error| BulkError::Failed(Box::new(error)))?;
        ($writer.progress)(BulkProgress::Completed($items.len() as u64));
        Ok(())
    }};
}

impl BulkWriter for CopyWriter<'_> {
    fn begin(&mut self, stage: BulkStage, total: u64) {
        (self.progress)(BulkProgress::Stage { stage, total });
    }

    fn users(&mut self, users: &[User], password_hash: &PasswordHash) -> Result<(), BulkError> {
        copy!(self, users, users, |user| NewUserRow::new(user, password_hash))
    }

    fn companies(&mut self, companies: &[Company]) -> Result<(), BulkError> {
        copy!(self, companies, companies, CompanyColumns::new)
    }

    fn members(&mut self, members: &[Member]) -> Result<(), BulkError> {
        copy!(self, company_members, members, MemberRow::new)
    }

    fn technicians(&mut self, technicians: &[BulkTechnician]) -> Result<(), BulkError> {
        copy!(self, technicians, technicians, TechnicianColumns::with_totals)
    }

    fn skills(&mut self, skills: &[(TechnicianId, Skill)]) -> Result<(), BulkError> {
        copy!(self, skills, skills, |(technician, skill)| NewSkillRow::new(*technician, skill))
    }

    fn certifications(&mut self, certifications: &[Certification]) -> Result<(), BulkError> {
        copy!(self, certifications, certifications, CertificationColumns::new)
    }

    fn periods(&mut self, periods: &[(TechnicianId, Period)]) -> Result<(), BulkError> {
        copy!(self, availability_periods, periods, |(technician, period)| NewPeriodRow::new(*technician, *period))
    }

    fn jobs(&mut self, jobs: &[Job]) -> Result<(), BulkError> {
        copy!(self, jobs, jobs, JobColumns::new)
    }

    fn applications(&mut self, applications: &[Application]) -> Result<(), BulkError> {
        copy!(self, applications, applications, NewApplicationRow::new)
    }

    fn application_events(&mut self, events: &[BulkEvent]) -> Result<(), BulkError> {
        copy!(self, application_events, events, |BulkEvent { application_id, position, event }| {
            NewEventRow::new(*application_id, *position, event)
        })
    }

    fn evaluations(&mut self, evaluations: &[Evaluation]) -> Result<(), BulkError> {
        copy!(self, evaluations, evaluations, NewEvaluationRow::new)
    }

    fn threads(&mut self, threads: &[BulkThread]) -> Result<(), BulkError> {
        copy!(self, threads, threads, NewThreadRow::with_counters)
    }

    fn messages(&mut self, messages: &[Message]) -> Result<(), BulkError> {
        copy!(self, messages, messages, NewMessageRow::from)
    }
}
