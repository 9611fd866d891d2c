use repower_domain::{
    Revision,
    accounts::{CompanyRole, Registration},
    companies::{Company, CompanyProfile},
    jobs::{Job, JobStatus},
};
use repower_ports::{
    PageRequest, RepositoryError,
    companies::CompanyRepository,
    jobs::{JobFilter, JobRepository},
};

use crate::support::{
    NO_QUOTA, World, a_draft, a_user, all_pages, an_open_job, assert_matches, at, first_page, new_id, value,
};

#[test]
fn a_company_is_found_and_an_unknown_one_is_not() {
    let world = World::isolated();
    let company = world.company();
    assert_eq!(world.companies.find(company.id).unwrap(), Some(company));
    assert_eq!(world.companies.find(new_id()).unwrap(), None);
}

#[test]
fn every_field_can_be_changed_and_cleared() {
    let world = World::isolated();
    let company = world.company();
    let profile = CompanyProfile { name: value("Ørsted"), country: value("GB"), website: None, description: None };
    let changed = Company { profile, updated_at: at(5), ..company };
    world.edit(&changed).unwrap();
    let stored = world.companies.find(changed.id).unwrap().unwrap();
    assert_eq!(stored, Company { revision: Revision::stored(2), ..changed });
}

#[test]
fn of_two_changes_of_one_revision_the_second_is_stale() {
    let world = World::isolated();
    let company = world.company();
    world.edit(&company).unwrap();
    let late = Company { updated_at: at(9), ..company };
    assert_matches!(world.edit(&late), Err(RepositoryError::Stale));
    assert_eq!(world.companies.find(late.id).unwrap().unwrap().updated_at, at(0));
}

#[test]
fn a_new_company_name_applies_to_the_search_and_to_each_job() {
    let world = World::isolated();
    let company = world.company();
    let job = world.add_job(an_open_job(&company, 1));
    let renamed = Company { profile: CompanyProfile { name: value("Ørsted"), ..company.profile.clone() }, ..company };
    world.edit(&renamed).unwrap();
    let words = |word: &str| JobFilter { words: vec![word.to_owned()], ..JobFilter::default() };
    let found = world.jobs.search(&words("ørsted"), first_page(9)).unwrap().items;
    assert_eq!(found.iter().map(|record| record.job.id).collect::<Vec<_>>(), [job.id]);
    assert_eq!(found[0].company.name.as_str(), "Ørsted");
    assert_eq!(found[0].job.revision, Revision::FIRST);
    assert!(world.jobs.search(&words("vestas"), first_page(9)).unwrap().items.is_empty());
    world.add_job(an_open_job(&renamed, 2));
    assert_eq!(world.jobs.search(&words("ØRSTED"), first_page(9)).unwrap().items.len(), 2);
}

/// A renaming costs what the open jobs cost, of which there is a quota.
#[test]
fn a_job_has_the_name_of_its_company_while_it_is_open() {
    let world = World::isolated();
    let company = world.company();
    let draft = world.add_job(a_draft(&company, 1));
    let named = || world.count("jobs", "company_name IS NOT NULL");
    assert_eq!(named(), 0);
    let renamed = Company { profile: CompanyProfile { name: value("Ørsted"), ..company.profile.clone() }, ..company };
    world.edit(&renamed).unwrap();

    let open = draft.move_to(JobStatus::Open, at(2)).unwrap().unwrap();
    world.jobs.open(&open, NO_QUOTA).unwrap();
    let found = || {
        let filter = JobFilter { words: vec!["ørsted".to_owned()], ..JobFilter::default() };
        world
            .jobs
            .search(&filter, first_page(9))
            .unwrap()
            .items
            .into_iter()
            .map(|record| record.job.id)
            .collect::<Vec<_>>()
    };
    let load = || world.jobs.find(draft.id).unwrap().unwrap().job;
    assert_eq!((named(), found()), (1, vec![draft.id]));
    world.jobs.update(&Job { updated_at: at(3), ..load() }).unwrap();
    assert_eq!((named(), found()), (1, vec![draft.id]));
    world.jobs.update(&load().move_to(JobStatus::Closed, at(4)).unwrap().unwrap()).unwrap();
    assert_eq!((named(), found()), (0, vec![]));
}

#[test]
fn members_are_sorted_oldest_first_then_by_id() {
    let world = World::isolated();
    let company = world.company();
    let mut expected = vec![world.companies.members(company.id, first_page(1)).unwrap().items.remove(0)];
    for second in [5, 1, 1, 1, 3] {
        let user = repower_domain::accounts::NewUser { now: at(second), ..a_user() };
        let registration = Registration::member(user, company.clone(), new_id(), CompanyRole::Recruiter);
        world.register(&registration);
        match registration.account.attachment {
            repower_domain::accounts::Attachment::Member { member, .. } => expected.push(member),
            other => panic!("{other:?}"),
        }
    }
    world.register_company();
    expected.sort_by_key(|member| (member.created_at, member.id.uuid()));
    for limit in [1, 2, 3, 6, 100] {
        assert_eq!(all_pages(limit, |page| world.companies.members(company.id, page)), expected);
    }
    let whole = world.companies.members(company.id, first_page(6)).unwrap();
    assert_eq!(whole.next, None);
}

#[test]
fn listing_members_is_one_statement() {
    let world = World::isolated();
    let company = world.company();
    let page = PageRequest { limit: 20, after: None };
    assert_eq!(world.statements_of(|| world.companies.members(company.id, page).unwrap()).len(), 1);
}

#[test]
fn a_member_with_the_role_of_a_technician_is_corrupt() {
    let world = World::isolated();
    let registered = world.register_company();
    world.execute(&format!("UPDATE users SET role = 'TECHNICIAN' WHERE id = '{}'", registered.admin));
    assert_matches!(
        world.companies.members(registered.company.id, first_page(9)),
        Err(RepositoryError::Corrupt(why)) if why == "users.role: a member is TECHNICIAN"
    );
}
