//! The generated rows, as a loader receives them.

#![expect(clippy::unwrap_used, reason = "test helpers fail like tests")]

use std::{cell::RefCell, fmt::Debug};

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
use repower_ports::bulk::{
    BulkError, BulkEvent, BulkLoader, BulkProgress, BulkSource, BulkStage, BulkTechnician, BulkThread, BulkWriter,
};
use repower_sample_data::{LoadError, LoadPlan, Volume, load_data};

const VOLUME: Volume = Volume {
    companies: 5,
    technicians: 60,
    certifications: 200,
    jobs: 300,
    applications: 800,
    threads: 90,
    messages: 2_500,
};

fn plan(volume: Volume, seed: u64) -> LoadPlan {
    LoadPlan { volume, seed, today: "2026-11-22".parse().unwrap(), password_hash: PasswordHash::new("hash") }
}

/// The rows of a stage.
#[derive(Debug, PartialEq)]
struct StageRows {
    stage: BulkStage,
    total: u64,
    rows: Vec<String>,
    largest_batch: usize,
}

/// Records all rows as text.
#[derive(Default)]
struct Recorder(Vec<StageRows>);

impl Recorder {
    fn record<T: Debug>(&mut self, stage: BulkStage, batch: &[T]) -> Result<(), BulkError> {
        let Some(current) = self.0.last_mut().filter(|current| current.stage == stage) else {
            return Err(BulkError::Source(format!("{stage:?} has not begun").into()));
        };
        current.rows.extend(batch.iter().map(|row| format!("{row:?}")));
        current.largest_batch = current.largest_batch.max(batch.len());
        Ok(())
    }
}

impl BulkWriter for Recorder {
    fn begin(&mut self, stage: BulkStage, total: u64) {
        self.0.push(StageRows { stage, total, rows: Vec::new(), largest_batch: 0 });
    }

    fn users(&mut self, users: &[User], _: &PasswordHash) -> Result<(), BulkError> {
        self.record(BulkStage::Users, users)
    }

    fn companies(&mut self, companies: &[Company]) -> Result<(), BulkError> {
        self.record(BulkStage::Companies, companies)
    }

    fn members(&mut self, members: &[Member]) -> Result<(), BulkError> {
        self.record(BulkStage::Members, members)
    }

    fn technicians(&mut self, technicians: &[BulkTechnician]) -> Result<(), BulkError> {
        self.record(BulkStage::Technicians, technicians)
    }

    fn skills(&mut self, skills: &[(TechnicianId, Skill)]) -> Result<(), BulkError> {
        self.record(BulkStage::Skills, skills)
    }

    fn certifications(&mut self, certifications: &[Certification]) -> Result<(), BulkError> {
        self.record(BulkStage::Certifications, certifications)
    }

    fn periods(&mut self, periods: &[(TechnicianId, Period)]) -> Result<(), BulkError> {
        self.record(BulkStage::Periods, periods)
    }

    fn jobs(&mut self, jobs: &[Job]) -> Result<(), BulkError> {
        self.record(BulkStage::Jobs, jobs)
    }

    fn applications(&mut self, applications: &[Application]) -> Result<(), BulkError> {
        self.record(BulkStage::Applications, applications)
    }

    fn application_events(&mut self, events: &[BulkEvent]) -> Result<(), BulkError> {
        self.record(BulkStage::Histories, events)
    }

    fn evaluations(&mut self, evaluations: &[Evaluation]) -> Result<(), BulkError> {
        self.record(BulkStage::Evaluations, evaluations)
    }

    fn threads(&mut self, threads: &[BulkThread]) -> Result<(), BulkError> {
        self.record(BulkStage::Threads, threads)
    }

    fn messages(&mut self, messages: &[Message]) -> Result<(), BulkError> {
        self.record(BulkStage::Messages, messages)
    }
}

/// A loader that records the rows.
#[derive(Default)]
struct RecordingLoader(RefCell<Recorder>);

impl BulkLoader for RecordingLoader {
    fn load(&self, source: &dyn BulkSource, _: &mut dyn FnMut(BulkProgress)) -> Result<(), BulkError> {
        source.write_all(&mut *self.0.borrow_mut())
    }
}

fn generated(volume: Volume, seed: u64) -> Result<Vec<StageRows>, LoadError> {
    let loader = RecordingLoader::default();
    load_data(&plan(volume, seed), &loader, &mut |_| ())?;
    Ok(loader.0.into_inner().0)
}

#[test]
fn stages_come_in_their_order_with_the_announced_rows_in_small_batches() {
    let stages = generated(VOLUME, 1).unwrap();
    let order: Vec<_> = stages.iter().map(|stage| stage.stage).collect();
    assert_eq!(order, BulkStage::ALL[..13]);
    for StageRows { stage, total, rows, largest_batch } in &stages {
        assert_eq!(rows.len() as u64, *total, "{stage:?}");
        assert!(*largest_batch <= 2_000, "{stage:?}");
    }
    let totals = |stage: BulkStage| stages[stage.number() - 1].total;
    assert_eq!(totals(BulkStage::Users), 60 + 2 * 5 + 1);
    assert_eq!(totals(BulkStage::Jobs), 300);
    assert_eq!(totals(BulkStage::Messages), 2_500);
}

#[test]
fn a_seed_determines_all_rows() {
    let rows = |seed| generated(VOLUME, seed).unwrap();
    assert_eq!(rows(7), rows(7));
    assert_ne!(rows(7), rows(8));
}

#[test]
fn a_seed_determines_the_same_rows_in_every_version() {
    // The last value that is generated for the last row of each stage.
    let last_values = [
        "2023-11-18T00:00:00.801978Z",
        "Work at night may be needed now and then. The team speaks English and German.",
        "0191aae1-a75d-7935-a347-06a4c2bd0ba9",
        "2027-01-03",
        "Welding",
        "019314667bc67caeb61dade0cb22ba50.pdf",
        "2028-01-22",
        "2027-03-23",
        "All clear, see you on site.",
        "2026-10-24T00:14:37.019068Z",
        "01a17deb-9b2c-74d6-a307-17903ee8925c",
        "2026-10-19T11:51:09.253008Z",
        "We would like to offer you the job.",
    ];
    let stages = generated(VOLUME, 7).unwrap();
    assert_eq!(stages.len(), last_values.len());
    for (StageRows { rows, .. }, value) in stages.iter().zip(last_values) {
        let last = rows.last().unwrap();
        assert!(last.contains(value), "{value} is not in {last}");
    }
}

#[test]
fn an_impossible_volume_is_rejected_before_the_first_row() {
    for (volume, reason) in [
        (Volume { threads: 900, ..VOLUME }, "fewer threads"),
        (Volume { technicians: 3, ..VOLUME }, "more technicians"),
        (Volume { technicians: 0, ..VOLUME }, "need a technician"),
        (Volume { companies: 0, ..VOLUME }, "need a company"),
        (Volume { threads: 0, ..VOLUME }, "more threads"),
    ] {
        let error = generated(volume, 1).unwrap_err();
        assert!(matches!(error, LoadError::ImpossibleVolume(_)), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}
