use diesel::{RunQueryDsl, sql_query};
use repower_domain::{
    accounts::{CompanyRole, Registration, Side},
    jobs::JobState,
};
use repower_ports::{
    chat::ChatRepository,
    companies::{ApplicationCounts, CompanyRepository, Dashboard, JobCounts},
};

use crate::support::{World, a_draft, a_message, a_thread, a_user, an_open_job, at, new_id, with};

#[test]
fn a_new_company_has_one_member_and_zero_counts() {
    let world = World::isolated();
    let company = world.company();
    let dashboard = world.companies.dashboard(company.id).unwrap();
    assert_eq!(dashboard, Dashboard { members: 1, ..Dashboard::default() });
    assert_eq!(world.companies.dashboard(new_id()).unwrap(), Dashboard::default());
}

#[test]
fn each_count_is_exact_and_of_one_company() {
    let world = World::isolated();
    let (registered, other) = (world.register_company(), world.register_company());
    let company = &registered.company;
    let open: Vec<_> = (0..3).map(|_| world.add_job(an_open_job(company, 0))).collect();
    world.add_job(a_draft(company, 0));
    for published_at in [None, Some(at(0))] {
        world.add_job(with(a_draft(company, 0), |job| job.state = JobState::Closed { published_at }));
    }
    let statuses = ["APPLIED", "SHORTLISTED", "REJECTED", "OFFERED", "ACCEPTED", "WITHDRAWN"];
    for (number, status) in (1..).zip(statuses) {
        for index in 0..number {
            let application = world.apply(&open[index % 3], &world.technician(), 1);
            world.execute(&format!("UPDATE applications SET status = '{status}' WHERE id = '{}'", application.id));
        }
    }
    world.apply(&world.add_job(an_open_job(&other.company, 0)), &world.technician(), 1);
    for (sent, read) in [(4, 1), (3, 0), (2, 2)] {
        let technician = world.technician();
        for company in [company, &other.company] {
            let thread = a_thread(company.id, technician.id, None);
            world.chat.open(&thread, None, Side::Company).unwrap();
            for _ in 0..sent {
                world.chat.send(thread.id, &a_message(Side::Technician, technician.user_id, "Hi", 1)).unwrap();
                world.chat.send(thread.id, &a_message(Side::Company, registered.admin, "Hi", 1)).unwrap();
            }
            world.chat.mark_read(thread.id, Side::Company, 2 * read).unwrap();
        }
    }
    world.register(&Registration::member(a_user(), company.clone(), new_id(), CompanyRole::Viewer));
    let expected = Dashboard {
        jobs: JobCounts { draft: 1, open: 3, closed: 2 },
        applications: ApplicationCounts {
            applied: 1,
            shortlisted: 2,
            rejected: 3,
            offered: 4,
            accepted: 5,
            withdrawn: 6,
        },
        unread_messages: 6,
        members: 2,
    };
    assert_eq!(world.companies.dashboard(company.id).unwrap(), expected);
    assert_eq!(world.statements_of(|| world.companies.dashboard(company.id).unwrap()).len(), 1);
}

#[test]
fn the_dashboard_is_prepared_once_per_connection() {
    #[derive(diesel::QueryableByName)]
    struct PreparedStatements {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let world = World::isolated();
    for _ in 0..2 {
        world.companies.dashboard(new_id()).unwrap();
    }
    let query =
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%company_unread > 0%' AND name <> ''";
    let prepared: PreparedStatements =
        world.database.with_connection(|connection| sql_query(query).get_result(connection)).unwrap();
    assert_eq!(prepared.count, 1);
}
