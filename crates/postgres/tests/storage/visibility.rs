//! What companies see of technicians.

use repower_domain::{
    accounts::Side,
    companies::Company,
    technicians::{Contact, Technician, Visibility},
};
use repower_ports::{
    Page,
    chat::ChatRepository,
    technicians::{TechnicianFilter, TechnicianRepository},
};

use crate::support::{World, a_message, a_thread, an_open_job, first_page, new_id, value};

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
