//! Plans of the candidate, administration and company lists: each reads its index in
//! order.

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use repower_domain::{admin::AuditAction, companies::Invitation, values::CalendarDate};
use repower_ports::{
    Page, PageRequest, Position, RepositoryError,
    admin::{AdminRepository, AuditFilter, UserFilter},
    applications::ApplicationRepository,
    chat::{ChatRepository, Participant},
    companies::{CompanyRepository, InvitationRepository},
    technicians::{TechnicianFilter, TechnicianRepository},
};

use crate::{
    plans::{assert_uses, plan},
    support::{World, at, new_id, value},
};

const ROWS: &str = "
    INSERT INTO users (id, email, password_hash, role, tokens_valid_from, created_at, updated_at)
        SELECT gen_random_uuid(), n || '@example.com', 'h', (ARRAY['TECHNICIAN', 'COMPANY_ADMIN', 'SUPER_ADMIN'])[1 + n % 3],
               now(), now() - random() * interval '99 days', now()
        FROM generate_series(1, 20000) n;
    INSERT INTO technicians (id, user_id, full_name, country, primary_discipline, years_experience, mobility, bio,
                             currency, rating_count, rating_average, created_at, updated_at)
        SELECT gen_random_uuid(), id, 'T', (ARRAY['DK', 'NO', 'SE', 'DE'])[1 + n % 4],
               (ARRAY['BLADE_REPAIR', 'INSPECTION', 'ELECTRICAL', 'OTHER'])[1 + n % 4], n % 40,
               (ARRAY['LOCAL', 'REGIONAL', 'GLOBAL'])[1 + n % 3], repeat('Some text. ', 10),
               (ARRAY['EUR', 'DKK', 'NOK'])[1 + n % 3], (n % 20 = 0)::int, CASE WHEN n % 20 = 0 THEN 400 END, created_at, now()
        FROM (SELECT *, row_number() OVER () AS n FROM users) AS numbered;
    INSERT INTO certifications (id, technician_id, name, provider, valid_from, valid_until)
        SELECT gen_random_uuid(), id, 'Certification ' || n, 'P', '2025-01-01', '2028-01-01'
        FROM technicians CROSS JOIN generate_series(1, 2) n;
    INSERT INTO companies (id, name, country, created_at, updated_at)
        SELECT gen_random_uuid(), 'Company ' || n, 'DK', now() - random() * interval '99 days', now()
        FROM generate_series(1, 4000) n;
    INSERT INTO company_members (id, user_id, company_id, created_at)
        SELECT gen_random_uuid(), u.id, c.id, now()
        FROM (SELECT id, row_number() OVER () AS n FROM users) u JOIN (SELECT id, row_number() OVER () AS n FROM companies) c USING (n);
    INSERT INTO jobs (id, company_id, title, description, location, country, discipline, contract_type,
                      currency, start_date, status, created_at, updated_at)
        SELECT gen_random_uuid(), id, 'Title', 'D', 'P', 'DK', 'OTHER', 'HOURLY', 'EUR', '2027-01-01', 'DRAFT', now(), now()
        FROM companies LIMIT 100;
    INSERT INTO applications (id, job_id, company_id, technician_id, status, created_at, updated_at)
        SELECT gen_random_uuid(), j.id, j.company_id, t.id, (ARRAY['APPLIED', 'OFFERED', 'REJECTED', 'WITHDRAWN'])[1 + random() * 3], now(), now()
        FROM jobs j CROSS JOIN (SELECT id FROM technicians LIMIT 200) t;
    INSERT INTO threads (id, company_id, technician_id, last_activity_at, last_seq, company_unread, technician_unread, created_at)
        SELECT gen_random_uuid(), c.id, t.id, now(), 2, (random() < 0.1)::int, (random() < 0.1)::int, now()
        FROM (SELECT id FROM companies LIMIT 100) c CROSS JOIN (SELECT id FROM technicians LIMIT 200) t;
    INSERT INTO invitations (id, company_id, email, role, secret_digest, invited_by, expires_at, created_at)
        SELECT gen_random_uuid(), c.id, n || '@example.com', 'VIEWER', sha256((c.id::text || n)::bytea), u.id, now() + interval '1 day', now()
        FROM (SELECT id FROM companies LIMIT 400) c CROSS JOIN generate_series(1, 20) n CROSS JOIN (SELECT id FROM users LIMIT 1) u;
    INSERT INTO audit_events (id, actor_id, action, subject_type, subject_id, before, after, request_id, created_at)
        SELECT gen_random_uuid(), id, (ARRAY['USER_DEACTIVATED', 'USER_ACTIVATED', 'JOB_CLOSED'])[1 + random() * 2],
               (ARRAY['USER', 'JOB'])[1 + random()::int], id, '{}', '{}', 'r', now() - random() * interval '9 days'
        FROM (SELECT id FROM users LIMIT 200) u CROSS JOIN generate_series(1, 50) n;
";

#[test]
fn lists_of_candidates_admins_and_companies_read_their_index_without_a_sort() {
    let world = World::with_own_schema();
    let mut connection = PgConnection::establish(&world.schema.url).unwrap();
    connection.batch_execute(ROWS).unwrap();
    let tables =
        "users technicians certifications companies company_members applications threads invitations audit_events";
    for table in tables.split(' ') {
        connection.batch_execute(&format!("VACUUM ANALYZE {table}")).unwrap();
    }
    let page = PageRequest { limit: 20, after: Some(Position { at: at(0), id: new_id() }) };
    check_candidates(&world, page);
    check_admin(&world, page);
    check_company(&world, page);
}

fn check_candidates(world: &World, page: PageRequest) {
    let today: CalendarDate = value("2026-11-22");
    let search = |filter: TechnicianFilter| plan(world, || world.technicians.search(&filter, today, page).unwrap());
    let any = TechnicianFilter::default;
    assert_uses(&search(any()), "technicians_newest");
    assert_uses(&search(TechnicianFilter { discipline: Some(value("OTHER")), ..any() }), "technicians_by_discipline");
    assert_uses(&search(TechnicianFilter { country: Some(value("DK")), ..any() }), "technicians_by_country");
    assert_uses(&search(TechnicianFilter { mobility: Some(value("LOCAL")), ..any() }), "technicians_by_mobility");
    assert_uses(&search(TechnicianFilter { currency: Some(value("EUR")), ..any() }), "technicians_by_currency");
}

fn check_admin(world: &World, page: PageRequest) {
    let users = |filter: UserFilter| plan(world, || world.admin.users(&filter, page).unwrap());
    assert_uses(&users(UserFilter::default()), "users_newest");
    assert_uses(&users(UserFilter { role: Some(value("SUPER_ADMIN")), text: None }), "users_by_role");
    assert_uses(&plan(world, || world.admin.companies(page).unwrap()), "companies_newest");
    let audit = |filter: AuditFilter| plan(world, || world.admin.audit(&filter, page).unwrap());
    let any = AuditFilter::default();
    assert_uses(&audit(any), "audit_events_newest");
    assert_uses(&audit(AuditFilter { company_id: Some(new_id()), ..any }), "audit_events_by_company");
    assert_uses(&audit(AuditFilter { actor_id: Some(new_id()), ..any }), "audit_events_by_actor");
    assert_uses(&audit(AuditFilter { action: Some(AuditAction::JobClosed), ..any }), "audit_events_by_action");
    assert_uses(&audit(AuditFilter { subject_type: Some(value("JOB")), ..any }), "audit_events_by_subject_type");
    assert_uses(&audit(AuditFilter { subject_id: Some(new_id::<uuid::Uuid>()), ..any }), "audit_events_by_subject");
}

fn check_company(world: &World, page: PageRequest) {
    let pending = || -> Result<Page<Invitation>, RepositoryError> { world.invitations.pending(new_id(), at(0), page) };
    assert_uses(&plan(world, || pending().unwrap()), "invitations_of_company");
    let dashboard = plan(world, || world.companies.dashboard(new_id()).unwrap());
    for index in ["jobs_of_company_by_status", "applications_of_company_by_status", "threads_unread_by_company"] {
        assert_uses(&dashboard, index);
    }
    assert!(!dashboard.contains("Hash"), "{dashboard}");
    let unread = |participant| plan(world, || world.chat.unread(participant).unwrap());
    assert_uses(&unread(Participant::Company(new_id())), "threads_unread_by_company");
    assert_uses(&unread(Participant::Technician(new_id())), "threads_unread_by_technician");
    let member = plan(world, || world.companies.find_member(new_id(), new_id()).unwrap());
    assert!(!member.contains("Seq Scan on"), "{member}");
    let details = plan(world, || world.applications.find_details(new_id()).unwrap());
    for table in ["applications", "technicians", "application_events"] {
        assert!(!details.contains(&format!("Seq Scan on {table}")), "{details}");
    }
}
