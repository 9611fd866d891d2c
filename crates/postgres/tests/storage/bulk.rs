use repower_domain::{accounts::User, values::PasswordHash};
use repower_ports::bulk::{BulkError, BulkLoader, BulkProgress, BulkSource, BulkStage, BulkWriter};
use repower_sample_data::{LoadError, LoadPlan, Volume, load_data};

use crate::support::{World, a_technician_registration, value};

const VOLUME: Volume =
    Volume { companies: 2, technicians: 20, certifications: 30, jobs: 40, applications: 80, threads: 10, messages: 50 };

fn plan() -> LoadPlan {
    LoadPlan { volume: VOLUME, seed: 1, today: value("2026-11-22"), password_hash: PasswordHash::new("hash") }
}

/// All indexes and constraints of the schema, and its triggers that are on.
fn definitions(world: &World) -> Vec<String> {
    world.texts(
        "SELECT indexdef AS text FROM pg_indexes WHERE schemaname = current_schema() \
         UNION ALL SELECT conname || pg_get_constraintdef(oid) || convalidated FROM pg_constraint \
         WHERE connamespace = current_schema()::regnamespace \
         UNION ALL SELECT pg_get_triggerdef(pg_trigger.oid) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid \
         WHERE relnamespace = current_schema()::regnamespace AND tgenabled = 'O' AND NOT tgisinternal ORDER BY text",
    )
}

/// A source that fails after these users.
struct FailingSource(Vec<User>);

impl BulkSource for FailingSource {
    fn write_all(&self, writer: &mut dyn BulkWriter) -> Result<(), BulkError> {
        writer.begin(BulkStage::Users, 1);
        writer.users(&self.0, &PasswordHash::new("hash"))?;
        Err(BulkError::Source("defect".into()))
    }
}

#[test]
fn a_load_stores_all_rows_and_restores_indexes_and_constraints() {
    let world = World::with_connections(1);
    let before = definitions(&world);
    let (mut stages, mut completed) = (Vec::new(), 0);
    load_data(&plan(), &world.database, &mut |step| match step {
        BulkProgress::Stage { stage, total } => {
            assert_eq!(completed, 0, "before {stage:?}");
            stages.push(stage);
            completed = total;
        }
        BulkProgress::Completed(count) => completed -= count,
    })
    .unwrap();
    assert_eq!((stages.as_slice(), completed), (BulkStage::ALL.as_slice(), 0));
    assert_eq!(definitions(&world), before);
    for (table, rows) in [("technicians", 20), ("jobs", 40), ("applications", 80), ("messages", 50)] {
        assert_eq!(world.count(table, "true"), rows, "{table}");
    }
}

#[test]
fn a_load_that_fails_stores_nothing() {
    let world = World::with_connections(1);
    let before = definitions(&world);
    let source = FailingSource(vec![a_technician_registration().account.user]);
    let outcome = BulkLoader::load(&world.database, &source, &mut |_| ());
    assert!(matches!(outcome, Err(BulkError::Source(_))), "{outcome:?}");
    assert_eq!(world.count("users", "true"), 0);
    assert_eq!(definitions(&world), before);
}

#[test]
fn rows_that_break_a_constraint_fail_the_load() {
    let world = World::with_connections(1);
    let user = a_technician_registration().account.user;
    let outcome = BulkLoader::load(&world.database, &FailingSource(vec![user.clone(), user]), &mut |_| ());
    assert!(matches!(outcome, Err(BulkError::Failed(_))), "{outcome:?}");
    assert_eq!(world.count("users", "true"), 0);
}

#[test]
fn a_database_with_users_is_rejected() {
    let world = World::with_connections(1);
    world.technician();
    let outcome = load_data(&plan(), &world.database, &mut |_| ());
    assert!(matches!(outcome, Err(LoadError::Loader(BulkError::NotEmpty))), "{outcome:?}");
    assert_eq!(world.count("users", "true"), 1);
}
