use repower_domain::{
    Revision,
    accounts::{CompanyRole, Registration},
    companies::CompanyProfile,
};
use repower_ports::{
    PageRequest, RepositoryError,
    companies::CompanyRepository,
    jobs::{JobFilter, JobRepository},
};

use crate::support::{
    World, a_draft, a_user, all_pages, an_open_job, assert_matches, at, first_page, new_id, value, with,
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
    let profile =
        CompanyProfile::builder().name(value("Ørsted")).country(value("GB")).website(None).description(None).build();
    let mut changed = company;
    changed.profile = profile;
    changed.updated_at = at(5);
    world.edit(&changed).unwrap();
    let stored = world.companies.find(changed.id).unwrap().unwrap();
    assert_eq!(stored, with(changed, |company| company.revision = Revision::stored(2)));
}

#[test]
fn of_two_changes_of_one_revision_the_second_is_stale() {
    let world = World::isolated();
    let company = world.company();
    world.edit(&company).unwrap();
    let mut late = company;
    late.updated_at = at(9);
    assert_matches!(world.edit(&late), Err(RepositoryError::Stale));
    assert_eq!(world.companies.find(late.id).unwrap().unwrap().updated_at, at(0));
}

#[test]
fn a_new_company_name_applies_to_the_search_and_to_each_job() {
    let world = World::isolated();
    let company = world.company();
    let job = world.add_job(an_open_job(&company, 1));
    let mut renamed = company;
    renamed.profile.name = value("Ørsted");
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

/// Open jobs with the longest texts, as many as the quota allows, and closed ones without
/// end: a renaming writes to none of them.
#[test]
fn a_renaming_writes_to_no_job() {
    let world = World::isolated();
    let company = world.company();
    let job = world.add_job(an_open_job(&company, 1));
    world.add_job(a_draft(&company, 1));
    let others = |status: &str, count: usize, words: usize| {
        format!(
            "INSERT INTO jobs (id, company_id, title, description, location, country, discipline, contract_type, currency,
                               start_date, status, published_at, created_at, updated_at, search_text)
             SELECT gen_random_uuid(), company_id, title, repeat('blades ', {words}), location, country, discipline,
                    contract_type, currency, start_date, '{status}', now(), now(), now(), repeat('blades ', {words})
             FROM jobs, generate_series(1, {count}) WHERE jobs.id = '{}'",
            job.id
        )
    };
    world.execute("SET LOCAL statement_timeout = '1min'");
    world.execute(&others("OPEN", 500, 1_428));
    world.execute(&others("CLOSED", 18_000, 1));
    let places = || world.texts("SELECT md5(string_agg(ctid::text, ' ' ORDER BY id)) FROM jobs");
    let before = places();
    let mut renamed = company;
    renamed.profile.name = value("Ørsted");
    world.edit(&renamed).unwrap();
    assert_eq!(places(), before);
    let found = |word: &str| {
        let filter = JobFilter { words: vec![word.to_owned()], ..JobFilter::default() };
        all_pages(100, |page| world.jobs.search(&filter, page)).len()
    };
    assert_eq!([found("vestas"), found("ørsted"), found("sted"), found("st")], [0, 501, 501, 501]);
}

#[test]
fn members_are_sorted_oldest_first_then_by_id() {
    let world = World::isolated();
    let company = world.company();
    let mut expected = vec![world.companies.members(company.id, first_page(1)).unwrap().items.remove(0)];
    for second in [5, 1, 1, 1, 3] {
        let mut user = a_user();
        user.now = at(second);
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
