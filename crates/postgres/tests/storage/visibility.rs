//! What companies see of technicians, and the public of companies.

use repower_domain::{
    accounts::{CompanyRole, Side},
    admin::AuditAct,
    companies::Company,
    ids::UserId,
    technicians::{Contact, Technician, Visibility},
};
use repower_ports::{
    Page,
    chat::ChatRepository,
    companies::CompanyRepository,
    jobs::{JobFilter, JobRepository},
    technicians::{TechnicianFilter, TechnicianRepository},
};

use crate::{
    admin::{a_super_admin, set_active},
    races::run_concurrently,
    support::{World, a_draft, a_message, a_thread, an_event, an_open_job, first_page, new_id, value},
    teams::join,
};

fn contact(world: &World, technician: &Technician, company: &Company) -> Contact {
    let (_, contact) = world.technicians.contact(technician.id, company.id).unwrap().unwrap();
    let (record, beside_passport) = world.technicians.passport_for(technician.id, company.id).unwrap().unwrap();
    assert_eq!((beside_passport, &record.technician.id), (contact, &technician.id));
    contact
}

#[test]
fn an_application_in_any_status_is_contact_by_the_technician() {
    let world = World::isolated();
    let (company, technician) = (world.company(), world.technician());
    let job = world.add_job(an_open_job(&company, 0));
    assert_eq!(contact(&world, &technician, &company), Contact::Nothing);
    world.apply(&job, &technician, 1);
    for status in ["APPLIED", "REJECTED", "WITHDRAWN"] {
        world.execute(&format!("UPDATE applications SET status = '{status}'"));
        assert_eq!(contact(&world, &technician, &company), Contact::ByTechnician, "{status}");
    }
    assert_eq!(contact(&world, &technician, &world.company()), Contact::Nothing);
    assert_eq!(contact(&world, &world.technician(), &company), Contact::Nothing);
}

#[test]
fn a_thread_is_contact_by_the_technician_once_they_open_it_or_write_in_it() {
    let world = World::isolated();
    let registered = world.register_company();
    let (company, opener, writer) = (registered.company, world.technician(), world.technician());
    world.chat.open(&a_thread(company.id, opener.id, None), None, Side::Technician).unwrap();
    assert_eq!(contact(&world, &opener, &company), Contact::ByTechnician);
    let thread = a_thread(company.id, writer.id, None);
    world.chat.open(&thread, None, Side::Company).unwrap();
    assert_eq!(contact(&world, &writer, &company), Contact::ByCompany);
    world.chat.send(thread.id, &a_message(Side::Company, registered.admin, "Hello", 1)).unwrap();
    assert_eq!(contact(&world, &writer, &company), Contact::ByCompany);
    world.chat.send(thread.id, &a_message(Side::Technician, writer.user_id, "Hello", 2)).unwrap();
    assert_eq!(contact(&world, &writer, &company), Contact::ByTechnician);
    world.chat.send(thread.id, &a_message(Side::Company, registered.admin, "Bye", 3)).unwrap();
    assert_eq!(contact(&world, &writer, &company), Contact::ByTechnician);
}

#[test]
fn an_unknown_technician_has_no_contact() {
    let world = World::isolated();
    let company = world.company();
    assert_eq!(world.technicians.contact(new_id(), company.id).unwrap(), None);
    assert!(world.technicians.passport_for(new_id(), company.id).unwrap().is_none());
    let technician = world.technician();
    assert!(world.statements_of(|| world.technicians.passport_for(technician.id, company.id)).len() <= 2);
    assert_eq!(world.statements_of(|| world.technicians.contact(technician.id, company.id)).len(), 1);
}

#[test]
fn a_hidden_technician_is_found_by_no_search() {
    let world = World::isolated();
    let (mut hidden, shown) = (world.technician(), world.technician());
    hidden.profile.visibility = Visibility::Applied;
    world.technicians.update(&hidden).unwrap();
    let filters = [
        TechnicianFilter::default(),
        TechnicianFilter { words: vec!["ane".to_owned()], ..Default::default() },
        TechnicianFilter { country: Some(value("DK")), min_years_experience: 1.try_into().ok(), ..Default::default() },
    ];
    for filter in filters {
        let Page { items, .. } = world.technicians.search(&filter, value("2026-11-22"), first_page(9)).unwrap();
        let found: Vec<_> = items.into_iter().map(|rated| rated.technician.id).collect();
        assert_eq!(found, [shown.id], "{filter:?}");
    }
    let company = world.company();
    let (visibility, _) = world.technicians.contact(hidden.id, company.id).unwrap().unwrap();
    assert_eq!(visibility, Visibility::Applied);
}

fn set(world: &World, super_admin: UserId, user: UserId, active: bool, second: i64) {
    let act = if active { AuditAct::ActivateUser(user) } else { AuditAct::DeactivateUser(user) };
    set_active(world, &an_event(super_admin, act, second)).unwrap();
}

/// The number of jobs in the public list, and of those that the company counts.
fn listed(world: &World, company: &Company) -> (usize, u64) {
    let found = world.jobs.search(&JobFilter::default(), first_page(9)).unwrap().items.len();
    (found, world.companies.find_public(company.id).unwrap().unwrap().open_jobs)
}

#[test]
fn jobs_are_listed_while_their_company_has_an_active_member() {
    let world = World::isolated();
    let (super_admin, registered, another) = (a_super_admin(&world), world.register_company(), world.company());
    let (company, admin) = (registered.company, registered.admin);
    let viewer = join(&world, &company, CompanyRole::Viewer).user_id;
    for job in [an_open_job(&company, 1), an_open_job(&company, 2), a_draft(&company, 3), an_open_job(&another, 4)] {
        world.add_job(job);
    }
    assert_eq!(listed(&world, &company), (3, 2));
    set(&world, super_admin, admin, false, 5);
    assert_eq!(listed(&world, &company), (3, 2));
    set(&world, super_admin, viewer, false, 6);
    assert_eq!(listed(&world, &company), (1, 0));
    // A deactivated technician has no company.
    set(&world, super_admin, world.technician().user_id, false, 7);
    assert_eq!(listed(&world, &company), (1, 0));
    set(&world, super_admin, viewer, true, 8);
    assert_eq!((listed(&world, &company), listed(&world, &another)), ((3, 2), (3, 1)));
}

#[test]
fn concurrent_deactivations_of_all_members_leave_no_job_listed() {
    let world = World::with_own_schema();
    let (super_admin, registered) = (a_super_admin(&world), world.register_company());
    let company = registered.company;
    world.add_job(an_open_job(&company, 1));
    let mut members: Vec<_> = (0..7).map(|_| join(&world, &company, CompanyRole::Viewer).user_id).collect();
    members.push(registered.admin);
    run_concurrently(&world, 8, |index| set(&world, super_admin, members[index], false, 2));
    assert_eq!(listed(&world, &company), (0, 0));
    run_concurrently(&world, 8, |index| set(&world, super_admin, members[index], true, 3));
    assert_eq!(listed(&world, &company), (1, 1));
}

#[test]
fn a_company_is_found_with_its_open_jobs_in_one_statement() {
    let world = World::isolated();
    let company = world.company();
    world.add_job(an_open_job(&company, 1));
    let public = world.companies.find_public(company.id).unwrap().unwrap();
    assert_eq!((public.company, public.open_jobs), (company.clone(), 1));
    assert!(world.companies.find_public(new_id()).unwrap().is_none());
    assert_eq!(world.statements_of(|| world.companies.find_public(company.id)).len(), 1);
}
