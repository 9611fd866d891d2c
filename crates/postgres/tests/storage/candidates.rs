use repower_domain::{
    accounts::{Attachment, Registration},
    certification_types::{Classification, Course},
    ids::TechnicianId,
    technicians::{Certification, SkillSet, Technician, TechnicianProfile, TechnicianSort, Trust},
    values::{CalendarDate, DayRateRange, RatingSummary, Validity},
};
use repower_ports::technicians::{RatedTechnician, TechnicianFilter, TechnicianRepository};

use crate::support::{
    NO_LIMIT, World, a_certification, a_draft, a_skill, a_technician_profile, a_user, all_pages, amount, an_evaluation,
    at, first_page, new_id, rated, value, with,
};

/// Registers a technician at this second, with a changed profile.
fn register(world: &World, second: i64, change: impl FnOnce(&mut TechnicianProfile)) -> Technician {
    let mut profile = a_technician_profile();
    change(&mut profile);
    let mut user = a_user();
    user.now = at(second);
    let registration = Registration::technician(user, new_id(), profile);
    world.register(&registration);
    match registration.account.attachment {
        Attachment::Technician(technician) => technician,
        other => panic!("{other:?}"),
    }
}

fn today() -> CalendarDate {
    value("2026-11-22")
}

fn found(world: &World, filter: &TechnicianFilter) -> Vec<TechnicianId> {
    let page = world.technicians.search(filter, today(), first_page(100)).unwrap();
    page.items.into_iter().map(|rated| rated.technician.id).collect()
}

fn any() -> TechnicianFilter {
    TechnicianFilter::default()
}

fn words(words: &[&str]) -> TechnicianFilter {
    TechnicianFilter { words: words.iter().map(|word| (*word).to_owned()).collect(), ..any() }
}

#[test]
fn technicians_are_sorted_newest_first_then_by_id() {
    let world = World::isolated();
    let mut expected: Vec<_> = [5, 1, 1, 1, 3].map(|second| register(&world, second, |_| ())).into();
    expected.sort_by_key(|technician| std::cmp::Reverse((technician.created_at, technician.id)));
    for limit in [1, 2, 5, 100] {
        let all = all_pages(limit, |page| world.technicians.search(&any(), today(), page));
        assert_eq!(all.into_iter().map(|rated| rated.technician).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn technicians_are_sorted_by_years_of_experience_then_by_id() {
    let world = World::isolated();
    let years =
        |years: i64| move |profile: &mut TechnicianProfile| profile.years_experience = years.try_into().unwrap();
    let mut expected: Vec<_> = [7, 0, 70, 7, 7].map(|number| register(&world, 1, years(number))).into();
    expected.sort_by_key(|technician| std::cmp::Reverse((technician.profile.years_experience.get(), technician.id)));
    let filter = TechnicianFilter { sort: Some(TechnicianSort::YearsExperience), ..any() };
    for limit in [1, 2, 5, 100] {
        let all = all_pages(limit, |page| world.technicians.search(&filter, today(), page));
        assert_eq!(all.into_iter().map(|rated| rated.technician).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn technicians_are_sorted_by_average_rating_and_those_without_one_are_last() {
    let world = World::isolated();
    let mut expected: Vec<_> = [-1, 500, 100, -1, 433, 433]
        .map(|average| {
            let id = register(&world, 1, |_| ()).id;
            let set = format!("rating_count = 1, rating_average = {average}");
            let set = if average < 0 { "rating_count = 0" } else { &set };
            world.execute(&format!("UPDATE technicians SET {set} WHERE id = '{id}'"));
            (average, id)
        })
        .into();
    expected.sort_by(|one, other| other.cmp(one));
    let expected: Vec<_> = expected.into_iter().map(|(_, id)| id).collect();
    let filter = TechnicianFilter { sort: Some(TechnicianSort::AverageRating), ..any() };
    for limit in [1, 2, 5, 100] {
        let all = all_pages(limit, |page| world.technicians.search(&filter, today(), page));
        assert_eq!(all.into_iter().map(|rated| rated.technician.id).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_search_by_all_criteria_is_one_statement() {
    let world = World::isolated();
    let filter = TechnicianFilter {
        sort: Some(TechnicianSort::AverageRating),
        words: ["a", "b", "c", "d", "e"].map(str::to_owned).into(),
        discipline: Some(value("OTHER")),
        country: Some(value("DK")),
        mobility: Some(value("LOCAL")),
        min_years_experience: 3.try_into().ok(),
        available_by: Some(today()),
        currency: Some(value("EUR")),
        day_rate_max: Some(amount(400)),
        certification: Some("GWO".to_owned()),
        min_rating: Some(value("4.5")),
    };
    let queries = world.queries_of(|| found(&world, &filter));
    assert_eq!(queries.len(), 1, "{queries:#?}");
}

#[test]
fn each_word_matches_the_name_the_bio_or_a_skill() {
    let world = World::isolated();
    let ana = register(&world, 1, |profile| {
        profile.full_name = value("Ana Ærø");
        profile.bio = Some(value("100% rope_access\nsince 2012"));
    });
    let bo = register(&world, 2, |profile| {
        profile.full_name = value("Bo Lund");
        profile.bio = None;
    });
    let skills = SkillSet::new(vec![a_skill("Blade Repair"), a_skill("Torque")]).unwrap();
    world.technicians.replace_skills(bo.id, &skills).unwrap();
    assert_eq!(found(&world, &words(&["ÆRØ"])), [ana.id]);
    assert_eq!(found(&world, &words(&["ana", "ROPE"])), [ana.id]);
    assert_eq!(found(&world, &words(&["bo", "torq", "blade", "repair"])), [bo.id]);
    assert_eq!(found(&world, &words(&["ana", "torque"])), []);
    // Wildcards are literal, and no word matches across two texts.
    assert_eq!(found(&world, &words(&["100%"])), [ana.id]);
    assert_eq!(found(&world, &words(&["rope_a"])), [ana.id]);
    for nothing in ["b_ade", "%", "\\", "repairtorque", "lundblade"] {
        assert_eq!(found(&world, &words(&[nothing])).len(), usize::from(nothing == "%"), "{nothing}");
    }
    world.technicians.replace_skills(bo.id, &SkillSet::default()).unwrap();
    assert_eq!(found(&world, &words(&["torque"])), []);
}

#[test]
fn a_changed_profile_is_found_by_its_new_words() {
    let world = World::isolated();
    let ana = register(&world, 1, |_| ());
    world.technicians.replace_skills(ana.id, &SkillSet::new(vec![a_skill("Torque")]).unwrap()).unwrap();
    let mut profile = ana.profile.clone();
    profile.full_name = value("Zoë");
    world.technicians.update(&with(ana, |technician| technician.profile = profile)).unwrap();
    assert_eq!(found(&world, &words(&["zoë", "torque"])).len(), 1);
    assert_eq!(found(&world, &words(&["sørensen"])), []);
}

#[test]
fn each_criterion_selects_the_matching_technicians() {
    let world = World::isolated();
    let ana = register(&world, 1, |_| ());
    let bo = register(&world, 2, |profile| {
        profile.country = value("NO");
        profile.primary_discipline = value("ELECTRICAL");
        profile.mobility = value("LOCAL");
        profile.years_experience = 8.try_into().unwrap();
    });
    assert_eq!(found(&world, &TechnicianFilter { country: Some(value("NO")), ..any() }), [bo.id]);
    assert_eq!(found(&world, &TechnicianFilter { discipline: Some(value("ROPE_ACCESS")), ..any() }), [ana.id]);
    assert_eq!(found(&world, &TechnicianFilter { mobility: Some(value("LOCAL")), ..any() }), [bo.id]);
    let at_least = |years: i64| TechnicianFilter { min_years_experience: years.try_into().ok(), ..any() };
    assert_eq!(found(&world, &at_least(7)), [bo.id, ana.id]);
    assert_eq!(found(&world, &at_least(8)), [bo.id]);
    assert_eq!(found(&world, &at_least(9)), []);
    let both = TechnicianFilter { country: Some(value("NO")), mobility: Some(value("GLOBAL")), ..any() };
    assert_eq!(found(&world, &both), []);
}

#[test]
fn a_technician_without_a_first_day_is_always_available() {
    let world = World::isolated();
    let ana = register(&world, 1, |profile| profile.availability_from = Some(value("2027-01-15")));
    let bo = register(&world, 2, |profile| profile.availability_from = None);
    let by = |day: &str| found(&world, &TechnicianFilter { available_by: Some(value(day)), ..any() });
    assert_eq!(by("2027-01-14"), [bo.id]);
    assert_eq!(by("2027-01-15"), [bo.id, ana.id]);
}

#[test]
fn a_rate_is_compared_in_its_currency_and_a_missing_rate_matches() {
    let world = World::isolated();
    let rates = |world: &World, second, least: Option<i64>, currency: &str| {
        register(world, second, |profile| {
            profile.day_rate = DayRateRange::new(least.map(amount), None, value(currency)).unwrap();
        })
    };
    let cheap = rates(&world, 1, Some(300), "EUR");
    let without_rate = rates(&world, 2, None, "EUR");
    let in_dkk = rates(&world, 3, Some(300), "DKK");
    let up_to = |most, currency: &str| {
        found(&world, &TechnicianFilter { day_rate_max: Some(amount(most)), currency: Some(value(currency)), ..any() })
    };
    assert_eq!(up_to(299, "EUR"), [without_rate.id]);
    assert_eq!(up_to(300, "EUR"), [without_rate.id, cheap.id]);
    assert_eq!(up_to(300, "DKK"), [in_dkk.id]);
    assert_eq!(found(&world, &TechnicianFilter { currency: Some(value("EUR")), ..any() }), [without_rate.id, cheap.id]);
}

#[test]
fn a_certification_matches_from_its_first_to_its_last_day() {
    let world = World::isolated();
    let holder = |second, name: &str, from: &str, until: &str| {
        let technician = register(&world, second, |_| ());
        let mut certification = a_certification(technician.id, until);
        certification.name = value(name);
        certification.validity = Validity::new(value(from), Some(value(until))).unwrap();
        world.technicians.add_certification(&certification, NO_LIMIT).unwrap();
        technician
    };
    holder(1, "GWO Sea Survival", "2025-01-01", "2026-11-21");
    let last_day = holder(2, "GWO Sea Survival", "2025-01-01", "2026-11-22");
    let first_day = holder(3, "gwo sea 100%", "2026-11-22", "2030-01-01");
    holder(4, "GWO Sea Survival", "2026-11-23", "2030-01-01");
    holder(5, "IRATA L3", "2025-01-01", "2030-01-01");
    // A technician with two matching certifications is found once.
    world.technicians.add_certification(&a_certification(last_day.id, "2030-01-01"), NO_LIMIT).unwrap();
    let with = |name: &str| found(&world, &TechnicianFilter { certification: Some(name.to_owned()), ..any() });
    assert_eq!(with("gwo"), [first_day.id, last_day.id]);
    assert_eq!(with("SEA SURV"), [last_day.id]);
    assert_eq!(with("100%"), [first_day.id]);
    assert_eq!(with("L_"), []);
}

#[test]
fn a_certification_that_never_ends_matches_and_a_void_one_does_not() {
    let world = World::isolated();
    let hold = |second, change: &dyn Fn(&mut Certification)| {
        let technician = register(&world, second, |_| ());
        let mut certification = a_certification(technician.id, "2030-01-01");
        certification.classification = Some(Classification { type_code: value("GWO_BR"), course: Course::Initial });
        change(&mut certification);
        world.technicians.add_certification(&certification, NO_LIMIT).unwrap();
        technician.id
    };
    let endless = hold(1, &|one| one.validity = Validity::new(value("2025-01-01"), None).unwrap());
    hold(2, &|one| one.voided_on = Some(value("2026-11-22")));
    let void_later = hold(3, &|one| one.voided_on = Some(value("2026-11-23")));
    let with = |name: &str| found(&world, &TechnicianFilter { certification: Some(name.to_owned()), ..any() });
    assert_eq!(with("gwo"), [void_later, endless]);
    assert_eq!(with("g"), [void_later, endless]);
}

#[test]
fn a_rejected_or_revoked_certification_does_not_match() {
    let world = World::isolated();
    let holders = Trust::ALL.iter().zip(1..).map(|(trust, second)| {
        let technician = register(&world, second, |_| ());
        let mut certification = a_certification(technician.id, "2030-01-01");
        certification.document_url = certification.document_url.filter(|_| *trust != Trust::SelfDeclared);
        (certification.trust, certification.note) = (*trust, Some(value("Looked at")));
        world.technicians.add_certification(&certification, NO_LIMIT).unwrap();
        technician.id
    });
    let holders: Vec<_> = holders.collect();
    let with = |name: &str| found(&world, &TechnicianFilter { certification: Some(name.to_owned()), ..any() });
    let trusted = [holders[2], holders[1], holders[0]];
    assert_eq!(with("gwo"), trusted);
    assert_eq!(with("g"), trusted);
}

#[test]
fn the_minimum_rating_is_compared_with_the_rounded_average() {
    let world = World::isolated();
    let company = world.company();
    let rated = |second, ratings: &[i64]| {
        let technician = register(&world, second, |_| ());
        for rating in ratings {
            world.evaluate(&an_evaluation(&technician, &world.add_job(a_draft(&company, 0)), *rating, 1));
        }
        technician
    };
    rated(1, &[]);
    // 4.6666… is rounded to 4.67, and 4.125 to 4.13.
    let thirds = rated(2, &[5, 5, 4]);
    let eighths = rated(3, &[5, 4, 4, 4, 4, 4, 4, 4]);
    let best = rated(4, &[5]);
    let least = |text: &str| found(&world, &TechnicianFilter { min_rating: Some(value(text)), ..any() });
    assert_eq!(least("1"), [best.id, eighths.id, thirds.id]);
    assert_eq!(least("4.13"), [best.id, eighths.id, thirds.id]);
    assert_eq!(least("4.14"), [best.id, thirds.id]);
    assert_eq!(least("4.67"), [best.id, thirds.id]);
    assert_eq!(least("4.68"), [best.id]);
    assert_eq!(least("5"), [best.id]);
}

#[test]
fn technicians_are_found_with_their_ratings() {
    let world = World::isolated();
    let company = world.company();
    let technician = register(&world, 1, |_| ());
    let search = || world.technicians.search(&any(), today(), first_page(9)).unwrap().items;
    assert_eq!(search(), [RatedTechnician { technician: technician.clone(), ratings: RatingSummary::default() }]);
    for rating in [5, 2] {
        world.evaluate(&an_evaluation(&technician, &world.add_job(a_draft(&company, 0)), rating, 1));
    }
    assert_eq!(search(), [RatedTechnician { technician, ratings: rated(2, 7) }]);
}

#[test]
fn technicians_are_found_in_any_spelling_of_their_texts() {
    let world = World::isolated();
    let technician = register(&world, 1, |profile| {
        (profile.full_name, profile.bio) = (value("Søren Łukasz"), Some(value("Født i Århus")));
    });
    world.technicians.replace_skills(technician.id, &SkillSet::new(vec![a_skill("Schweißen")]).unwrap()).unwrap();
    let mut certification = a_certification(technician.id, "2030-01-01");
    certification.name = value("Höhenrettung");
    world.technicians.add_certification(&certification, NO_LIMIT).unwrap();
    for text in [&["soren", "LUKASZ"], &["SCHWEISSEN", "fodt"], &["aarhus", "schweissen"]] {
        assert_eq!(found(&world, &words(text)), [technician.id], "{text:?}");
    }
    let certified = TechnicianFilter { certification: Some("hohenrettung".to_owned()), ..any() };
    assert_eq!(found(&world, &certified), [technician.id]);

    let mut edited = world.technicians.find(technician.id).unwrap().unwrap();
    edited.profile.full_name = value("Zoë");
    world.technicians.update(&edited).unwrap();
    assert_eq!(found(&world, &words(&["zoe", "schweissen"])), [technician.id]);
    assert!(found(&world, &words(&["soren"])).is_empty());
    world.technicians.replace_skills(technician.id, &SkillSet::default()).unwrap();
    assert_eq!(found(&world, &words(&["zoe", "aarhus"])), [technician.id]);
    assert!(found(&world, &words(&["schweissen"])).is_empty());
}
