//! Time of the dashboard for a company with 1,000 jobs and 100,000 applications, in
//! a database with as many of another company. Run it with
//! `scripts/with-postgres --throw-away cargo bench -p repower-postgres`.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use diesel::connection::SimpleConnection;
use repower_domain::ids::CompanyId;
use repower_ports::companies::CompanyRepository;
use repower_postgres::{Database, PgCompanyRepository};

/// Id of the measured company.
const COMPANY: u128 = 1;
/// Number of measured calls.
const ROUNDS: usize = 100;

/// Company 1 has half of all jobs and applications. The vacuum makes index-only scans
/// possible, as in a database that has been up for a while. It skips rows whose
/// commit is not flushed, which `synchronous_commit` prevents.
const ROWS: &str = "
    SET synchronous_commit = on;
    INSERT INTO users (id, email, password_hash, role, tokens_valid_from, created_at, updated_at)
        SELECT ('00000000-0000-0000-0001-' || lpad(to_hex(n), 12, '0'))::uuid, 'u' || n || '@example.com', '-', 'TECHNICIAN',
               now(), now(), now() FROM generate_series(1, 1000) n;
    INSERT INTO technicians (id, user_id, full_name, country, primary_discipline, years_experience, mobility, currency,
                             created_at, updated_at)
        SELECT id, id, 'T', 'DK', 'OTHER', 1, 'LOCAL', 'EUR', now(), now() FROM users;
    INSERT INTO companies (id, name, country, created_at, updated_at)
        SELECT ('00000000-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid, 'C' || n, 'DK', now(), now()
        FROM generate_series(1, 2) n;
    INSERT INTO jobs (id, company_id, title, description, location, country, discipline, contract_type,
                      currency, start_date, status, published_at, created_at, updated_at)
        SELECT gen_random_uuid(), c.id, 'T', 'D', 'L', 'DK', 'OTHER', 'DAY_RATE', 'EUR', '2027-01-01',
               (ARRAY['OPEN', 'CLOSED'])[1 + n % 2], now(), now(), now()
        FROM companies c CROSS JOIN generate_series(1, 1000) n;
    INSERT INTO applications (id, job_id, company_id, technician_id, status, created_at, updated_at)
        SELECT gen_random_uuid(), j.id, j.company_id, t.id,
               (ARRAY['APPLIED', 'SHORTLISTED', 'REJECTED', 'OFFERED', 'ACCEPTED', 'WITHDRAWN'])[1 + t.n % 6], now(), now()
        FROM jobs j CROSS JOIN (SELECT id, row_number() OVER () AS n FROM technicians LIMIT 100) t;
    VACUUM ANALYZE";

fn main() {
    let url = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL is not set");
    let database = Database::new(&url, 1);
    database.run_migrations().unwrap();
    database
        .with_connection(|connection| {
            connection.batch_execute("SET statement_timeout = 0")?;
            ROWS.split(';').try_for_each(|statement| connection.batch_execute(statement))
        })
        .unwrap();
    let companies = PgCompanyRepository::new(database);
    let company = CompanyId::from(uuid::Uuid::from_u128(COMPANY));
    let counts = companies.dashboard(company).unwrap();
    let mut durations: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            black_box(companies.dashboard(company).unwrap());
            started.elapsed()
        })
        .collect();
    durations.sort();
    let percentile = |share: usize| durations.get(ROUNDS * share / 100).copied().unwrap_or_default();
    println!("{counts:?}");
    println!("dashboard: fastest {:?}, median {:?}, 90 % within {:?}", percentile(0), percentile(50), percentile(90));
}
