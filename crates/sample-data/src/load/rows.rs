use repower_ports::bulk::{BulkError, BulkSource, BulkStage, BulkWriter};

use super::{
    accounts, applications, chat, companies,
    error::InvalidRow,
    jobs,
    plan::{LoadPlan, Volume},
    technicians,
    totals::Totals,
};

/// Number of rows in a batch: 2,000.
const BATCH: usize = 2_000;

/// The rows of a plan, generated while they are written.
pub(super) struct Rows<'a> {
    pub(super) plan: &'a LoadPlan,
    pub(super) totals: &'a Totals,
}

impl BulkSource for Rows<'_> {
    fn write_all(&self, writer: &mut dyn BulkWriter) -> Result<(), BulkError> {
        self.write_companies(writer)?;
        self.write_technicians(writer)?;
        self.write_applications(writer)?;
        self.write_chats(writer)
    }
}

impl Rows<'_> {
    fn write_companies(&self, writer: &mut dyn BulkWriter) -> Result<(), BulkError> {
        let (plan, Volume { companies, technicians, .. }) = (self.plan, self.plan.volume);
        let users = technicians + 2 * companies + 1;
        write(writer, BulkStage::Users, users, accounts::users(plan), |writer, rows| {
            writer.users(rows, &plan.password_hash)
        })?;
        write(writer, BulkStage::Companies, companies, companies::companies(plan), |writer, rows| {
            writer.companies(rows)
        })?;
        write(writer, BulkStage::Members, 2 * companies, companies::members(plan), |writer, rows| writer.members(rows))
    }

    fn write_technicians(&self, writer: &mut dyn BulkWriter) -> Result<(), BulkError> {
        let (plan, Volume { technicians, certifications, .. }) = (self.plan, self.plan.volume);
        let rows = technicians::technicians(plan, &self.totals.ratings);
        write(writer, BulkStage::Technicians, technicians, rows, |writer, rows| writer.technicians(rows))?;
        let rows = technicians::skills(plan);
        write(writer, BulkStage::Skills, self.totals.skills, rows, |writer, rows| writer.skills(rows))?;
        let rows = technicians::certifications(plan);
        write(writer, BulkStage::Certifications, certifications, rows, |writer, rows| writer.certifications(rows))?;
        let rows = technicians::periods(plan);
        write(writer, BulkStage::Periods, self.totals.periods, rows, |writer, rows| writer.periods(rows))
    }

    fn write_applications(&self, writer: &mut dyn BulkWriter) -> Result<(), BulkError> {
        let (plan, Volume { jobs, applications, .. }) = (self.plan, self.plan.volume);
        let outlines = || applications::outlines(plan, self.totals.applications);
        write(writer, BulkStage::Jobs, jobs, jobs::jobs(plan), |writer, rows| writer.jobs(rows))?;
        let rows = outlines().map(|outline| applications::application(plan, &outline));
        write(writer, BulkStage::Applications, applications, rows, |writer, rows| writer.applications(rows))?;
        let rows = outlines().flat_map(|outline| applications::events(plan, &outline)).map(Ok);
        write(writer, BulkStage::Histories, self.totals.events, rows, |writer, rows| writer.application_events(rows))?;
        let rows = outlines().filter_map(|outline| applications::evaluation(plan, &outline));
        write(writer, BulkStage::Evaluations, self.totals.evaluations, rows, |writer, rows| writer.evaluations(rows))
    }

    fn write_chats(&self, writer: &mut dyn BulkWriter) -> Result<(), BulkError> {
        let (plan, Volume { threads, messages, .. }) = (self.plan, self.plan.volume);
        let conversations = || {
            let applications = applications::outlines(plan, self.totals.applications);
            chat::conversations(plan, self.totals.messages, chat::outlines(plan, applications))
        };
        let rows = conversations().map(|conversation| Ok(chat::thread(plan, &conversation)));
        write(writer, BulkStage::Threads, threads, rows, |writer, rows| writer.threads(rows))?;
        let rows = conversations().flat_map(|conversation| chat::messages(plan, conversation));
        write(writer, BulkStage::Messages, messages, rows, |writer, rows| writer.messages(rows))
    }
}

/// Writes the rows of a stage in batches.
fn write<T>(
    writer: &mut dyn BulkWriter,
    stage: BulkStage,
    total: u64,
    mut rows: impl Iterator<Item = Result<T, InvalidRow>>,
    write_batch: impl Fn(&mut dyn BulkWriter, &[T]) -> Result<(), BulkError>,
) -> Result<(), BulkError> {
    writer.begin(stage, total);
    loop {
        let batch = rows.by_ref().take(BATCH).collect::<Result<Vec<_>, _>>()?;
        if batch.is_empty() {
            return Ok(());
        }
        write_batch(writer, &batch)?;
    }
}
