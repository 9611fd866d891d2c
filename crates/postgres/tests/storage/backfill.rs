use diesel::{
    Connection, PgConnection,
    connection::SimpleConnection,
    migration::{Migration, MigrationConnection, MigrationSource},
    pg::Pg,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use repower_ports::operation::DataAudit;
use repower_postgres::Database;

use crate::support::{Schema, at};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Rows from before the columns of counts: a technician with two skills, two
/// applications and two evaluations, and a technician without any.
const ROWS: &str = "
    INSERT INTO users (id, email, password_hash, role, tokens_valid_from, created_at, updated_at)
        SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, n || '@example.com', 'h', 'TECHNICIAN', now(), now(), now()
        FROM generate_series(1, 2) n;
    INSERT INTO technicians (id, user_id, full_name, country, primary_discipline, years_experience, mobility, bio,
                             currency, created_at, updated_at)
        SELECT id, id, 'Ana', 'DK', 'OTHER', 1, 'LOCAL', 'Bio', 'EUR', now(), now() FROM users;
    INSERT INTO skills VALUES ('00000000-0000-0000-0000-000000000001', 'torque', 'Torque', 'EXPERT'),
                              ('00000000-0000-0000-0000-000000000001', 'blades', 'Blades', 'EXPERT');
    INSERT INTO companies (id, name, country, created_at, updated_at) VALUES (gen_random_uuid(), 'C', 'DK', now(), now());
    INSERT INTO jobs (id, company_id, company_name, title, description, location, country, discipline, contract_type,
                      currency, start_date, status, created_at, updated_at)
        SELECT gen_random_uuid(), id, name, 'T', 'D', 'P', 'DK', 'OTHER', 'HOURLY', 'EUR', '2027-01-01', 'DRAFT', now(), now()
        FROM companies CROSS JOIN generate_series(1, 2);
    INSERT INTO applications (id, job_id, technician_id, status, created_at, updated_at)
        SELECT gen_random_uuid(), id, '00000000-0000-0000-0000-000000000001', 'ACCEPTED', now(), now() FROM jobs;
    INSERT INTO evaluations (id, technician_id, company_id, job_id, rating, created_at)
        SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000001', company_id, id, 3 + row_number() OVER (), now() FROM jobs;
";

/// Asserts the counted and folded columns.
const CHECKS: &str = "
    DO $$ BEGIN
        ASSERT (SELECT (rating_count, rating_average, search_text) = (2, 450, E'ana\\nbio\\rblades\\ntorque')
                FROM technicians WHERE id = '00000000-0000-0000-0000-000000000001');
        ASSERT (SELECT (rating_count, search_text) = (0, E'ana\\nbio\\r') AND rating_average IS NULL
                FROM technicians WHERE id = '00000000-0000-0000-0000-000000000002');
        ASSERT (SELECT count(*) FROM applications JOIN jobs ON jobs.id = job_id
                WHERE applications.company_id = jobs.company_id) = 2;
        ASSERT (SELECT bool_and((search_text, search_location) = (E't\\nd\\np\\n', 'p')) FROM jobs);
    END $$";

fn migrations() -> Vec<Box<dyn Migration<Pg>>> {
    let mut migrations = MigrationSource::<Pg>::migrations(&MIGRATIONS).unwrap();
    migrations.sort_by_key(|migration| migration.name().version().to_string());
    migrations
}

/// Rows from before invitations ended with the right of their inviter: an active
/// ADMIN, a deactivated one, a demoted one and a removed one, with an invitation by
/// each.
const INVITERS: &str = "
    INSERT INTO users (id, email, password_hash, role, active, tokens_valid_from, created_at, updated_at)
        SELECT gen_random_uuid(), name || '@example.com', 'h', role, active, '2026-01-01', now(), now()
        FROM (VALUES ('active', 'COMPANY_ADMIN', true), ('deactivated', 'COMPANY_ADMIN', false),
                     ('demoted', 'COMPANY_MANAGER', true), ('removed', 'COMPANY_ADMIN', true)) AS v (name, role, active);
    INSERT INTO companies (id, name, country, created_at, updated_at) VALUES (gen_random_uuid(), 'C', 'DK', now(), now());
    INSERT INTO company_members (id, user_id, company_id, created_at)
        SELECT gen_random_uuid(), users.id, companies.id, now() FROM users, companies WHERE email <> 'removed@example.com';
    INSERT INTO invitations (id, company_id, email, role, secret_digest, invited_by, expires_at, created_at)
        SELECT gen_random_uuid(), companies.id, 'by.' || email, 'ADMIN', sha256(email::bytea), users.id,
               now() + interval '1 day', now()
        FROM users, companies;
";

const INVITERS_CHECKS: &str = "
    DO $$ BEGIN
        ASSERT (SELECT array_agg(email) FROM invitations) = ARRAY['by.active@example.com'];
        ASSERT (SELECT array_agg(email) FROM users WHERE tokens_valid_from > now() - interval '1 minute')
            = ARRAY['deactivated@example.com'];
    END $$";

#[test]
fn a_migration_revokes_what_has_outlived_the_right_of_who_made_it() {
    let schema = Schema::empty();
    let mut connection = PgConnection::establish(&schema.url).unwrap();
    connection.setup().unwrap();
    let migrations = migrations();
    let inviters = migrations.iter().position(|migration| migration.name().to_string().ends_with("_inviters")).unwrap();
    let (earlier, later) = migrations.split_at(inviters);
    for migration in earlier {
        connection.run_migration(migration).unwrap();
    }
    connection.batch_execute(INVITERS).unwrap();
    for migration in later {
        connection.run_migration(migration).unwrap();
    }
    connection.batch_execute(INVITERS_CHECKS).unwrap();
}

/// A technician with a certification of a type, from before the sets of types.
const CERTIFIED: &str = "
    INSERT INTO users (id, email, password_hash, role, tokens_valid_from, created_at, updated_at)
        VALUES ('00000000-0000-0000-0000-000000000001', 'a@example.com', 'h', 'TECHNICIAN', now(), now(), now());
    INSERT INTO technicians (id, user_id, full_name, country, primary_discipline, years_experience, mobility, currency,
                             created_at, updated_at)
        SELECT id, id, 'Ana', 'DK', 'OTHER', 1, 'LOCAL', 'EUR', now(), now() FROM users;
    INSERT INTO certifications (id, technician_id, name, provider, valid_from, valid_until, type_code, course)
        SELECT id, id, 'Heights', 'Falck', '2026-01-01', '2026-12-31', 'GWO_WAH', 'INITIAL' FROM technicians;
";

const CERTIFIED_CHECKS: &str = "
    DO $$ BEGIN
        ASSERT (SELECT (since, self_declared) = ('{2026-01-01,2027-01-01}', ARRAY[0, type_bit('GWO_WAH'), 0])
                FROM types_in_force);
    END $$";

#[test]
fn a_migration_computes_the_types_that_technicians_hold() {
    let schema = Schema::empty();
    let mut connection = PgConnection::establish(&schema.url).unwrap();
    connection.setup().unwrap();
    let migrations = migrations();
    let is_types = |migration: &dyn Migration<Pg>| migration.name().to_string().ends_with("_types_in_force");
    let (earlier, later) = migrations.split_at(migrations.iter().position(|one| is_types(one.as_ref())).unwrap());
    for migration in earlier {
        connection.run_migration(migration).unwrap();
    }
    connection.batch_execute(CERTIFIED).unwrap();
    for migration in later {
        connection.run_migration(migration).unwrap();
    }
    connection.batch_execute(CERTIFIED_CHECKS).unwrap();
}

#[test]
fn later_migrations_include_existing_rows_and_their_revert_preserves_them() {
    let schema = Schema::empty();
    let mut connection = PgConnection::establish(&schema.url).unwrap();
    connection.setup().unwrap();
    let migrations = migrations();
    let (earlier, later) = migrations.split_at(5);
    for migration in earlier {
        connection.run_migration(migration).unwrap();
    }
    connection.batch_execute(ROWS).unwrap();
    for _ in 0..2 {
        Database::new(&schema.url, 1).run_migrations().unwrap();
        connection.batch_execute(CHECKS).unwrap();
        for migration in later.iter().rev() {
            connection.revert_migration(migration).unwrap();
        }
    }
    connection.batch_execute("DO $$ BEGIN ASSERT (SELECT count(*) FROM applications) = 2; END $$").unwrap();
}

#[test]
fn a_revert_of_the_trail_keeps_the_entries_that_the_earlier_release_reads() {
    let schema = Schema::empty();
    let mut connection = PgConnection::establish(&schema.url).unwrap();
    connection.setup().unwrap();
    let migrations = migrations();
    for migration in &migrations {
        connection.run_migration(migration).unwrap();
    }
    let events = "
        INSERT INTO users (id, email, password_hash, role, tokens_valid_from, created_at, updated_at)
            VALUES (gen_random_uuid(), 'a@example.com', 'h', 'SUPER_ADMIN', now(), now(), now());
        INSERT INTO audit_events (id, actor_id, action, subject_type, subject_id, before, after, request_id, created_at)
            SELECT gen_random_uuid(), id, action, 'USER', subject, '{}', '{}', 'r', now()
            FROM users, (VALUES ('USER_DEACTIVATED', gen_random_uuid()), ('USERS_LISTED', NULL)) AS v (action, subject);";
    connection.batch_execute(events).unwrap();
    let trail = migrations.iter().position(|migration| migration.name().to_string().ends_with("_trail")).unwrap();
    for migration in migrations[trail..].iter().rev() {
        connection.revert_migration(migration).unwrap();
    }
    let kept = "DO $$ BEGIN ASSERT (SELECT array_agg(action) FROM audit_events) = ARRAY['USER_DEACTIVATED']; END $$";
    connection.batch_execute(kept).unwrap();
    connection.batch_execute("DELETE FROM audit_events").unwrap_err();
}

/// Texts from before they were kept in NFC and folded: decomposed ones, ones that show
/// nothing, and skills that have one name now.
const TEXTS: &str = "
    INSERT INTO users (id, email, password_hash, role, tokens_valid_from, created_at, updated_at)
        VALUES ('00000000-0000-0000-0000-000000000001', 'søren@example.com', 'h', 'TECHNICIAN', now(), now(), now()),
               ('00000000-0000-0000-0000-000000000002', 'root@example.com', 'h', 'COMPANY_ADMIN', now(), now(), now());
    INSERT INTO technicians (id, user_id, full_name, country, primary_discipline, years_experience, mobility, bio,
                             currency, skills_text, created_at, updated_at)
        VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000001', E'\\u200b\\u2060', 'DK',
                'OTHER', 1, 'LOCAL', E'\\ufeff', 'EUR', '', now(), now());
    INSERT INTO skills (technician_id, folded_name, name, level)
        SELECT '00000000-0000-0000-0000-000000000001', lower(name), name, level
        FROM (VALUES ('Café', 'BEGINNER'), (E'Cafe\\u0301', 'EXPERT'), ('Cafe', 'ADVANCED'), ('Ærø', 'BEGINNER')) AS v (name, level);
    INSERT INTO certifications (id, technician_id, name, provider, valid_from, valid_until)
        VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', E'Ho\\u0308he', 'Århus', '2026-01-01', '2027-01-01');
    INSERT INTO companies (id, name, country, created_at, updated_at)
        VALUES ('00000000-0000-0000-0000-000000000003', E'Malmo\\u0308 AB', 'SE', now(), now());
    INSERT INTO company_members (id, user_id, company_id, created_at)
        VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000003', now());
    INSERT INTO jobs (id, company_id, company_name, title, description, location, country, discipline, contract_type,
                      currency, start_date, status, published_at, created_at, updated_at)
        SELECT gen_random_uuid(), id, CASE status WHEN 'OPEN' THEN name END, 'Großbaustelle', 'D', E'Bad\\u00a0Doberan', 'DE', 'OTHER',
               'HOURLY', 'EUR', '2027-01-01', status, now(), now(), now()
        FROM companies, (VALUES ('OPEN'), ('CLOSED')) AS v (status);
";

const TEXTS_CHECKS: &str = "
    DO $$ BEGIN
        ASSERT (SELECT (full_name, search_text) = ('?', E'?\\n\\raero\\ncafe') AND bio IS NULL FROM technicians);
        ASSERT (SELECT array_agg(level ORDER BY folded_name) FROM skills) = ARRAY['BEGINNER', 'EXPERT'];
        ASSERT (SELECT array_agg(search_email ORDER BY search_email) FROM users) = ARRAY['root@example.com', 'soren@example.com'];
        ASSERT (SELECT (name, search_name, search_provider) = ('Höhe', 'hohe', E'arhus\\naarhus') FROM certifications);
        ASSERT (SELECT array_agg(search_text ORDER BY status) FROM jobs)
            = ARRAY[E'grossbaustelle\\nd\\nbad doberan\\n', E'grossbaustelle\\nd\\nbad doberan\\n'];
        ASSERT (SELECT search_name FROM companies) = 'malmo ab';
        ASSERT (SELECT bool_and(search_location = 'bad doberan') FROM jobs);
    END $$";

#[test]
fn a_migration_folds_the_texts_that_are_stored() {
    let schema = Schema::empty();
    let mut connection = PgConnection::establish(&schema.url).unwrap();
    connection.setup().unwrap();
    let migrations = migrations();
    let letters = migrations.iter().position(|migration| migration.name().to_string().ends_with("_letters")).unwrap();
    for migration in &migrations[..letters] {
        connection.run_migration(migration).unwrap();
    }
    connection.batch_execute(TEXTS).unwrap();
    let database = Database::new(&schema.url, 1);
    database.run_migrations().unwrap();
    connection.batch_execute(TEXTS_CHECKS).unwrap();
    let broken = database.audit(at(0)).unwrap().into_iter().filter(|finding| finding.name.starts_with("texts_"));
    assert!(broken.clone().all(|finding| finding.violations == 0), "{:?}", broken.collect::<Vec<_>>());
}

/// Rows of the release before: an open job and a closed one with the name of their company
/// in the text, and a thread and a history whose times fall.
const NAMES_AND_TIMES: &str = "
    INSERT INTO users (id, email, password_hash, role, tokens_valid_from, created_at, updated_at)
        VALUES ('00000000-0000-0000-0000-000000000001', 'a@example.com', 'h', 'TECHNICIAN', now(), now(), now());
    INSERT INTO technicians (id, user_id, full_name, country, primary_discipline, years_experience, mobility, currency,
                             created_at, updated_at)
        SELECT id, id, 'Ana', 'DK', 'OTHER', 1, 'LOCAL', 'EUR', now(), now() FROM users;
    INSERT INTO companies (id, name, country, created_at, updated_at)
        VALUES ('00000000-0000-0000-0000-000000000003', 'Malmö AB', 'SE', now(), now());
    INSERT INTO jobs (id, company_id, company_name, title, description, location, country, discipline, contract_type,
                      currency, start_date, status, published_at, created_at, updated_at, search_text)
        SELECT gen_random_uuid(), id, open_name, 'T', 'D', 'P', 'DE', 'OTHER', 'HOURLY', 'EUR', '2027-01-01', status, now(),
               now(), now(), E't\\nd\\np\\n\\r' || folded
        FROM companies, (VALUES ('OPEN', 'Malmö AB', 'malmo ab'), ('CLOSED', NULL, '')) AS v (status, open_name, folded);
    INSERT INTO applications (id, job_id, company_id, technician_id, status, revision, created_at, updated_at)
        SELECT gen_random_uuid(), id, company_id, '00000000-0000-0000-0000-000000000001', 'OFFERED', 3, '2026-01-01', '2026-01-02'
        FROM jobs WHERE status = 'OPEN';
    INSERT INTO application_events (application_id, position, from_status, to_status, side, actor_user_id, at)
        SELECT applications.id, v.position, from_status, to_status, 'COMPANY', technician_id, at::timestamptz
        FROM applications, (VALUES (1, NULL, 'APPLIED', '2026-01-01'), (2, 'APPLIED', 'SHORTLISTED', '2026-01-03'),
                                   (3, 'SHORTLISTED', 'OFFERED', '2026-01-02')) AS v (position, from_status, to_status, at);
    INSERT INTO threads (id, company_id, technician_id, last_seq, last_activity_at, created_at)
        SELECT gen_random_uuid(), companies.id, technicians.id, 4, '2026-01-04', '2026-01-01' FROM companies, technicians;
    INSERT INTO messages (id, thread_id, seq, sender_type, sender_user_id, text, created_at)
        SELECT gen_random_uuid(), threads.id, seq, 'TECHNICIAN', technician_id, 'Hi', at::timestamptz
        FROM threads, (VALUES (1, '2026-01-02'), (2, '2026-01-01'), (3, '2026-01-04'), (4, '2026-01-03')) AS v (seq, at);
";

const NAMES_AND_TIMES_CHECKS: &str = "
    DO $$ BEGIN
        ASSERT (SELECT array_agg(search_text) FROM jobs) = ARRAY[E't\\nd\\np\\n', E't\\nd\\np\\n'];
        ASSERT (SELECT search_name FROM companies) = 'malmo ab';
        ASSERT (SELECT array_agg(extract(day FROM created_at AT TIME ZONE 'UTC')::int ORDER BY seq) FROM messages) = ARRAY[2, 2, 4, 4];
        ASSERT (SELECT array_agg(extract(day FROM at AT TIME ZONE 'UTC')::int ORDER BY position) FROM application_events) = ARRAY[1, 3, 3];
        ASSERT (SELECT updated_at FROM applications) = (SELECT max(at) FROM application_events);
    END $$";

const NAMES_REVERT_CHECKS: &str = "
    DO $$ BEGIN
        ASSERT (SELECT array_agg(search_text ORDER BY status) FROM jobs) = ARRAY[E't\\nd\\np\\n\\r', E't\\nd\\np\\n\\rmalmo ab'];
        ASSERT (SELECT array_agg(company_name ORDER BY status) FROM jobs) = ARRAY[NULL, 'Malmö AB'];
    END $$";

#[test]
fn a_migration_moves_the_names_of_companies_and_puts_times_in_order() {
    let schema = Schema::empty();
    let mut connection = PgConnection::establish(&schema.url).unwrap();
    connection.setup().unwrap();
    let migrations = migrations();
    let names =
        migrations.iter().position(|migration| migration.name().to_string().ends_with("_names_and_times")).unwrap();
    for migration in &migrations[..names] {
        connection.run_migration(migration).unwrap();
    }
    connection.batch_execute(NAMES_AND_TIMES).unwrap();
    for _ in 0..2 {
        Database::new(&schema.url, 1).run_migrations().unwrap();
        connection.batch_execute(NAMES_AND_TIMES_CHECKS).unwrap();
        for migration in migrations[names..].iter().rev() {
            connection.revert_migration(migration).unwrap();
        }
        connection.batch_execute(NAMES_REVERT_CHECKS).unwrap();
    }
}
