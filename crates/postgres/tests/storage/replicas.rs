//! Public reads where there is no fresh replica. `tests/faults` has those with a standby.

use std::time::Duration;

use repower_ports::{
    companies::CompanyRepository,
    jobs::{JobFilter, JobRepository},
    operation::{PublicChanges, ReplicaProbe},
};
use repower_postgres::{Database, PgCompanyRepository, PgJobRepository};

use crate::support::{World, a_draft, an_open_job, first_page, new_id};

const MAX_LAG: Duration = Duration::from_secs(1);

/// Reads all that the public sees; asserts that it is found.
fn read_all(database: &Database, world: &World) {
    let (jobs, companies) = (PgJobRepository::new(database.clone()), PgCompanyRepository::new(database.clone()));
    let company = world.company();
    let job = world.add_job(an_open_job(&company, 1));
    assert_eq!(jobs.find_public(job.id).unwrap().map(|found| found.job.id), Some(job.id));
    assert!(jobs.find_public(new_id()).unwrap().is_none());
    assert!(jobs.find_public(world.add_job(a_draft(&company, 2)).id).unwrap().is_none());
    assert!(companies.find_public(company.id).unwrap().is_some());
    assert_eq!(jobs.search(&JobFilter::default(), first_page(20)).unwrap().items.len(), 1);
}

#[test]
fn the_primary_serves_public_reads_where_no_replica_is_proven_to_be_fresh() {
    // One is away, the other one is no standby.
    for replica in [None, Some("postgres://repower@127.0.0.1:1/none")] {
        let world = World::with_own_schema();
        let url = replica.unwrap_or(&world.schema.url);
        let database = Database::new(&world.schema.url, 2).with_replica(url, 2, MAX_LAG);
        database.watch_replica().unwrap();
        read_all(&database, &world);
        let state = ReplicaProbe::replica(&database).unwrap();
        assert_eq!((state.is_usable, state.served, state.fallen_back), (false, 0, 5), "{replica:?}");
        assert!(state.lag > Duration::ZERO);
    }
}

#[test]
fn without_a_replica_nothing_is_measured() {
    let world = World::with_own_schema();
    world.database.watch_replica().unwrap();
    world.database.note_public_change();
    read_all(&world.database, &world);
    assert_eq!(ReplicaProbe::replica(&world.database), None);
}
