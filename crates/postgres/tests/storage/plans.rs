//! Plans of the frequent lists: each reads its index in order.

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text,
};
use repower_domain::{applications::ApplicationStatus, ids::CompanyId, jobs::JobStatus};
use repower_ports::{
    PageRequest, Position,
    applications::{ApplicationRepository, CompanyApplicationFilter},
    chat::{ChatRepository, Participant, Window},
    companies::CompanyRepository,
    jobs::{JobFilter, JobRepository},
    technicians::TechnicianRepository,
};

use crate::support::{World, at, new_id, value};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    text: String,
}

/// Many rows in each table. Drafts are newer than open jobs, and more numerous.
const ROWS: &str = "
    INSERT INTO users (id, email, password_hash, role, tokens_valid_from, created_at, updated_at)
        SELECT gen_random_uuid(), n || '@example.com', 'h', 'TECHNICIAN', now(), now(), now()
        FROM generate_series(1, 4000) n;
    INSERT INTO technicians (id, user_id, full_name, country, primary_discipline, years_experience, mobility,
                             currency, created_at, updated_at)
        SELECT gen_random_uuid(), id, 'T', 'DK', 'OTHER', 1, 'LOCAL', 'EUR', now(), now() FROM users;
    INSERT INTO companies (id, name, country, created_at, updated_at)
        SELECT gen_random_uuid(), 'Company ' || n, 'DK', now(), now() FROM generate_series(1, 200) n;
    INSERT INTO jobs (id, company_id, title, description, location, country, discipline, contract_type,
                      currency, start_date, status, published_at, created_at, updated_at)
        SELECT gen_random_uuid(), id, 'Title ' || n, repeat('Description of the job. ', 10), 'Place ' || n % 500,
               (ARRAY['DK', 'NO', 'SE', 'DE'])[1 + n % 4],
               (ARRAY['BLADE_REPAIR', 'INSPECTION', 'ELECTRICAL', 'OTHER'])[1 + n % 4],
               (ARRAY['DAY_RATE', 'HOURLY', 'FIXED_PRICE'])[1 + n % 3], (ARRAY['EUR', 'DKK', 'NOK'])[1 + n % 3], '2027-01-01',
               CASE WHEN n > 60 THEN 'DRAFT' ELSE 'OPEN' END,
               CASE WHEN n > 60 THEN NULL ELSE now() - random() * interval '99 days' END, now() + n * interval '1 s', now()
        FROM companies CROSS JOIN generate_series(1, 120) n;
    INSERT INTO applications (id, job_id, company_id, technician_id, status, created_at, updated_at)
        SELECT gen_random_uuid(), j.id, j.company_id, t.id, (ARRAY['APPLIED', 'OFFERED', 'REJECTED', 'WITHDRAWN'])[1 + random() * 3], now() - random() * interval '9 days', now()
        FROM (SELECT id, company_id FROM jobs LIMIT 50) j CROSS JOIN (SELECT id FROM technicians LIMIT 400) t;
    INSERT INTO evaluations (id, technician_id, company_id, job_id, rating, created_at)
        SELECT gen_random_uuid(), technician_id, company_id, job_id, 4, now() FROM applications;
    INSERT INTO threads (id, company_id, technician_id, last_activity_at, last_seq, created_at)
        SELECT gen_random_uuid(), c.id, t.id, now() - random() * interval '9 days', 2, now()
        FROM (SELECT id FROM companies LIMIT 30) c CROSS JOIN (SELECT id FROM technicians LIMIT 300) t;
    INSERT INTO messages (id, thread_id, seq, sender_type, sender_user_id, text, created_at)
        SELECT gen_random_uuid(), threads.id, n, 'TECHNICIAN', user_id, 'Hi', now()
        FROM threads JOIN technicians ON technicians.id = technician_id CROSS JOIN generate_series(1, 2) n;
";

/// Tables to vacuum: for their statistics, and to move pending entries of text indexes
/// into the index.
const VACUUMED: [&str; 8] =
    ["users", "technicians", "companies", "jobs", "applications", "threads", "messages", "evaluations"];

/// The generic plan of a call's only statement.
pub(crate) fn plan<T>(world: &World, call: impl FnOnce() -> T) -> String {
    let statements = world.statements_of(call);
    let [statement] = statements.as_slice() else { panic!("{statements:#?}") };
    let text = statement.split(" -- binds: ").next().unwrap();
    let number = (1..99).take_while(|number| text.contains(&format!("${number}"))).count();
    let values = vec!["NULL"; number].join(", ");
    let explain = if number == 0 { "EXPLAIN EXECUTE p".to_owned() } else { format!("EXPLAIN EXECUTE p({values})") };
    let lines: Vec<Line> = world
        .database
        .with_connection(|connection| {
            connection.batch_execute(&format!("PREPARE p AS {text}"))?;
            let lines = sql_query(explain).load(connection)?;
            connection.batch_execute("DEALLOCATE p")?;
            Ok(lines)
        })
        .unwrap();
    let lines: Vec<_> = lines.into_iter().map(|line| line.text).collect();
    lines.join("\n")
}

pub(crate) fn assert_uses(plan: &str, index: &str) {
    assert!(plan.contains(&format!(" {index} ")), "{index} is not used:\n{plan}");
    assert!(!plan.contains("Sort"), "{plan}");
    for table in ["jobs", "applications", "technicians", "threads", "messages", "users", "evaluations"] {
        assert!(!plan.contains(&format!("Seq Scan on {table}")), "{plan}");
    }
}

#[test]
fn each_frequent_list_reads_its_index_without_a_sort() {
    let world = World::with_own_schema();
    let mut connection = PgConnection::establish(&world.schema.url).unwrap();
    connection.batch_execute(ROWS).unwrap();
    for table in VACUUMED {
        connection.batch_execute(&format!("VACUUM ANALYZE {table}")).unwrap();
    }
    let page = PageRequest { limit: 20, after: Some(Position { at: at(0), id: new_id() }) };
    check_search(&world, page);
    check_lists(&world, page);
    check_points(&world);
}

fn check_search(world: &World, page: PageRequest) {
    let search = |filter: JobFilter| plan(world, || world.jobs.search(&filter, page).unwrap());
    let any = JobFilter::default;
    assert_uses(&search(any()), "jobs_open");
    assert_uses(&search(JobFilter { discipline: Some(value("OTHER")), ..any() }), "jobs_open_discipline");
    assert_uses(&search(JobFilter { country: Some(value("DK")), ..any() }), "jobs_open_country");
    assert_uses(&search(JobFilter { contract_type: Some(value("HOURLY")), ..any() }), "jobs_open_contract_type");
    assert_uses(&search(JobFilter { currency: Some(value("EUR")), ..any() }), "jobs_open_currency");
    assert_uses(&search(JobFilter { company_id: Some(new_id()), ..any() }), "jobs_open_company");
}

fn check_lists(world: &World, page: PageRequest) {
    let company: CompanyId = new_id();
    let jobs = |status| plan(world, || world.jobs.list_of_company(company, status, page).unwrap());
    assert_uses(&jobs(None), "jobs_of_company");
    assert_uses(&jobs(Some(JobStatus::Draft)), "jobs_of_company_by_status");
    let applied = Some(ApplicationStatus::Applied);
    let of_job = |status| plan(world, || world.applications.list_of_job(new_id(), status, page).unwrap());
    assert_uses(&of_job(None), "applications_of_job");
    assert_uses(&of_job(applied), "applications_of_job_by_status");
    let to_company = |status| {
        let filter = CompanyApplicationFilter { status, job_id: None };
        plan(world, || world.applications.list_of_company(company, filter, page).unwrap())
    };
    assert_uses(&to_company(None), "applications_of_company");
    assert_uses(&to_company(applied), "applications_of_company_by_status");
    let own = |status| plan(world, || world.applications.list_of_technician(new_id(), status, page).unwrap());
    assert_uses(&own(None), "applications_of_technician");
    assert_uses(&own(applied), "applications_of_technician_by_status");
    let threads = |participant| plan(world, || world.chat.list(participant, page).unwrap());
    assert_uses(&threads(Participant::Company(company)), "threads_of_company");
    assert_uses(&threads(Participant::Technician(new_id())), "threads_of_technician");
    for window in [Window::Newest, Window::After(1), Window::Before(2)] {
        let messages = plan(world, || world.chat.messages(new_id(), window, 50).unwrap());
        // The rows of the page are sorted, and only they are read: a range of numbers.
        let range = "(seq > (LEAST(threads.last_seq";
        assert!(messages.contains("using messages_thread_seq_key") && messages.contains(range), "{messages}");
        assert!(!messages.contains("Seq Scan"), "{messages}");
    }
}

fn check_points(world: &World) {
    assert_uses(&plan(world, || world.actor(new_id())), "users_pkey");
    let passport = plan(world, || world.technicians.passport(new_id()).unwrap());
    assert!(!passport.contains("Seq Scan on"), "{passport}");
    let for_company = plan(world, || world.technicians.passport_for(new_id(), new_id()).unwrap());
    let contact = plan(world, || world.technicians.contact(new_id(), new_id()).unwrap());
    for plan in [for_company, contact] {
        assert!(!plan.contains("Seq Scan on"), "{plan}");
        for index in ["applications_to_company", "threads_one_of_each"] {
            assert!(plan.contains(index), "{index} is not used:\n{plan}");
        }
    }
    let company = plan(world, || world.companies.find_public(new_id()).unwrap());
    assert_uses(&company, "jobs_open_company");
}
