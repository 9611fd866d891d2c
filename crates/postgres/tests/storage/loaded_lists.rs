//! Plans of lists behind a login, of look-ups and of writes, on the same data as those of searches.

use repower_domain::{accounts::Side, applications::ApplicationStatus};
use repower_ports::{
    accounts::{AccountRepository, SessionRepository},
    applications::ApplicationRepository,
    chat::{ChatRepository, Participant, Window},
    companies::CompanyRepository,
    idempotency::IdempotencyRepository,
    jobs::JobRepository,
    technicians::TechnicianRepository,
};

use crate::{
    idempotency::a_request,
    loaded_plans::{assert_reads_in_order, assert_uses_indexes, pages, plans},
    support::{NO_QUOTA, World, a_message, a_session, a_thread, an_open_job, live, new_id, value},
};

#[test]
fn lists_behind_a_login_read_an_index_in_order() {
    let world = World::loaded();
    for page in pages() {
        let of_job = |status| plans(&world, || world.applications.list_of_job(new_id(), status, page).unwrap());
        let own = |status| plans(&world, || world.applications.list_of_technician(new_id(), status, page).unwrap());
        assert_reads_in_order(&of_job(None), &["applications_of_job"]);
        assert_reads_in_order(&own(None), &["applications_of_technician"]);
        // With few rows per status, the index without the status costs the same.
        let applied = Some(ApplicationStatus::Applied);
        assert!(of_job(applied).contains("applications_of_job"), "{}", of_job(applied));
        assert!(own(applied).contains("applications_of_technician"), "{}", own(applied));
        assert_reads_in_order(&of_job(applied), &[]);
        assert_reads_in_order(&own(applied), &[]);
        let jobs = |status| plans(&world, || world.jobs.list_of_company(new_id(), status, page).unwrap());
        assert_reads_in_order(&jobs(None), &["jobs_of_company"]);
        assert_reads_in_order(&jobs(Some(value("OPEN"))), &["jobs_of_company_by_status"]);
        let threads = |participant| plans(&world, || world.chat.list(participant, page).unwrap());
        assert_reads_in_order(&threads(Participant::Company(new_id())), &["threads_of_company"]);
        assert_reads_in_order(&threads(Participant::Technician(new_id())), &["threads_of_technician"]);
    }
    for window in [Window::Newest, Window::After(1), Window::Before(2)] {
        let messages = plans(&world, || world.chat.messages(new_id(), window, 50).unwrap());
        // The rows of the page, a range of numbers, are sorted.
        assert_uses_indexes(&messages, &["threads_pkey", "messages_thread_seq_key"]);
    }
}

#[test]
fn lookups_by_key_use_the_index_of_the_key() {
    let world = World::loaded();
    let id = new_id::<uuid::Uuid>();
    let email = value("technician7@load.example");
    for (plan, index) in [
        (plans(&world, || world.actor(id.into())), "users_pkey"),
        (plans(&world, || world.actor_in(&a_session(id.into(), 0))), "sessions_pkey"),
        (plans(&world, || world.sessions.of_user(id.into(), &live(0)).unwrap()), "sessions_of_user"),
        (plans(&world, || world.accounts.find_credentials(&email).unwrap()), "users_email_key"),
        (plans(&world, || world.chat.find(id.into()).unwrap()), "threads_pkey"),
        (plans(&world, || world.companies.dashboard(id.into()).unwrap()), "applications_of_company_by_status"),
        (plans(&world, || world.idempotency.once(&a_request("k"), &mut || None).unwrap()), "kept_answers_pkey"),
    ] {
        assert_reads_in_order(&plan, &[index]);
    }
    // Two indexes start with the id.
    assert_reads_in_order(&plans(&world, || world.jobs.find(id.into()).unwrap()), &[]);
    let technician_id = world.texts("SELECT id::text FROM technicians LIMIT 1").remove(0);
    let passport = plans(&world, || world.technicians.passport(value(&technician_id)).unwrap());
    assert_uses_indexes(&passport, &["technicians_pkey", "certifications_of_technician", "evaluations_of_technician"]);
}

#[test]
fn writes_find_their_rows_by_key() {
    let world = World::loaded();
    let (company, technician) = (world.register_company(), world.technician());
    let job = an_open_job(&company.company, 1);
    assert_reads_in_order(&plans(&world, || world.add_within(&job, NO_QUOTA).unwrap()), &[]);
    assert_reads_in_order(&plans(&world, || world.apply(&job, &technician, 2)), &[]);
    let thread = a_thread(company.company.id, technician.id, None);
    world.chat.open(&thread, None, Side::Company).unwrap();
    let mut message = a_message(Side::Company, company.admin, "Hello", 3);
    let send = |message: &_| plans(&world, || world.chat.send(thread.id, message).unwrap());
    assert_reads_in_order(&send(&message), &["threads_pkey"]);
    message.client_message_id = Some(value("m"));
    message.id = new_id();
    assert_reads_in_order(&send(&message), &["threads_pkey", "messages_client_message_id_key"]);
    let mark = |side| plans(&world, || world.chat.mark_read(thread.id, side, 1).unwrap());
    for side in [Side::Company, Side::Technician] {
        assert_reads_in_order(&mark(side), &["threads_pkey", "messages_thread_seq_key"]);
    }
}
