use repower_domain::{
    companies::Company,
    jobs::{Job, JobSort, JobState, JobSummary},
    values::{Currency, DateRange, DayRateRange},
};
use repower_ports::{
    PageRequest,
    jobs::{JobFilter, JobRepository},
};

use crate::support::{World, a_draft, all_pages, amount, an_open_job, at, first_page, value, with};

/// The indexes of the jobs that match, ascending.
fn matching(world: &World, filter: &JobFilter, jobs: &[Job]) -> Vec<usize> {
    let found = all_pages(2, |page| world.jobs.search(filter, page));
    let mut indexes: Vec<_> = found
        .iter()
        .map(|record| jobs.iter().position(|job| job.clone().listed() == record.job).expect("a stored job, unchanged"))
        .collect();
    indexes.sort_unstable();
    indexes
}

/// The jobs as the search returns them.
fn listed(jobs: impl IntoIterator<Item = Job>) -> Vec<Job<JobSummary>> {
    jobs.into_iter().map(Job::listed).collect()
}

fn words(text: &str) -> JobFilter {
    JobFilter { words: text.split_whitespace().map(ToOwned::to_owned).collect(), ..JobFilter::default() }
}

fn location(text: &str) -> JobFilter {
    JobFilter { location: Some(text.to_owned()), ..JobFilter::default() }
}

#[test]
fn only_open_jobs_are_found_sorted_by_latest_publication() {
    let world = World::isolated();
    let company = world.company();
    world.add_job(a_draft(&company, 50));
    world.add_job(with(a_draft(&company, 51), |job| job.state = JobState::Closed { published_at: Some(at(51)) }));
    // The job created last was published first.
    let mut jobs: Vec<_> = [4, 2, 2, 2, 9].map(|second| world.add_job(an_open_job(&company, second))).into();
    let mut late = a_draft(&company, 60);
    late.state = JobState::Open { published_at: at(1) };
    jobs.push(world.add_job(late));
    jobs.sort_by_key(|job| std::cmp::Reverse((job.state.published_at(), job.id.uuid())));
    for limit in [1, 2, 3, 6, 100] {
        let found = all_pages(limit, |page| world.jobs.search(&JobFilter::default(), page));
        assert_eq!(found.into_iter().map(|record| record.job).collect::<Vec<_>>(), listed(jobs.clone()));
    }
}

#[test]
fn a_found_job_has_the_first_300_characters_of_its_description_and_none_is_read_beyond_1200_bytes() {
    let world = World::isolated();
    let company = world.company();
    let description = value(&"👩\u{200d}🔧 ".repeat(2_500));
    let job = an_open_job(&company, 1);
    let job = world.add_job(with(job, |job| job.details.description = description));
    let search = || world.jobs.search(&JobFilter::default(), first_page(20)).unwrap();
    let found = search().items.remove(0).job.details.description;
    assert_eq!((found.as_str().chars().count(), found), (300, job.listed().details.description));
    let statement = world.queries_of(search).concat();
    let beginning = r#"CASE WHEN ((octet_length("jobs"."description") <= $1)) THEN ("jobs"."description") ELSE (left("jobs"."description", $2)) END"#;
    assert!(statement.contains(beginning) && statement.contains("binds: [1200, 300, "), "{statement}");
    assert!(!statement.replace(beginning, "").contains("description"), "{statement}");
}

#[test]
fn pages_neither_skip_nor_repeat_jobs_while_others_are_added() {
    let world = World::isolated();
    let company = world.company();
    let jobs: Vec<_> = (0..6).map(|_| world.add_job(an_open_job(&company, 5))).collect();
    let mut seen = Vec::new();
    let mut request = first_page(2);
    while let Some(next) = {
        let page = world.jobs.search(&JobFilter::default(), request).unwrap();
        seen.extend(page.items.into_iter().map(|record| record.job));
        page.next
    } {
        // Both are sorted before the page: one is later, one has the same time and a greater id.
        world.add_job(an_open_job(&company, 9));
        world.add_job(an_open_job(&company, 5));
        request = PageRequest { after: Some(next), ..request };
    }
    assert_eq!(seen, listed(jobs.into_iter().rev()));
}

#[test]
fn a_search_is_one_statement_or_two() {
    let world = World::isolated();
    let everything = JobFilter {
        sort: Some(JobSort::DayRate),
        discipline: Some(value("OTHER")),
        country: Some(value("DK")),
        location: Some("x".to_owned()),
        contract_type: Some(value("HOURLY")),
        start_date_from: Some(value("2027-01-01")),
        start_date_to: Some(value("2027-12-31")),
        currency: Some(Currency::default()),
        day_rate_min: Some(amount(1)),
        day_rate_max: Some(amount(2)),
        company_id: Some(world.company().id),
        words: ["a", "b", "c", "d", "eel"].map(ToOwned::to_owned).into(),
        certification: Some(value("GWO_WAH")),
        held: None,
    };
    // The companies with words of three letters in their names, or the end of a slice, are another one.
    let (short_words, long_words) = (words("a bb"), words("rotor blade"));
    let qualified = JobFilter { held: Some(Vec::new()), ..JobFilter::default() };
    for (filter, statements) in
        [(JobFilter::default(), 1), (everything, 2), (short_words, 2), (long_words, 2), (qualified, 2)]
    {
        assert_eq!(world.queries_of(|| world.jobs.search(&filter, first_page(20)).unwrap()).len(), statements);
    }
}

#[test]
fn each_filter_selects_the_matching_jobs() {
    let world = World::isolated();
    let (company, other) = (world.company(), world.company());
    let days = DateRange::new(value("2027-03-01"), None).unwrap();
    let mut jobs = [an_open_job(&company, 1), an_open_job(&company, 2), an_open_job(&other, 3)];
    for job in &mut jobs {
        job.details.days = days;
    }
    jobs[1].details.discipline = value("ELECTRICAL");
    jobs[1].details.country = value("NO");
    jobs[1].details.contract_type = value("HOURLY");
    jobs[1].details.day_rate = DayRateRange::unknown(value("NOK"));
    jobs[1].details.days = DateRange::new(value("2027-03-02"), None).unwrap();
    let jobs = jobs.map(|job| world.add_job(job));
    let any = JobFilter::default;
    let cases = [
        (any(), vec![0, 1, 2]),
        (JobFilter { discipline: Some(value("ELECTRICAL")), ..any() }, vec![1]),
        (JobFilter { country: Some(value("NO")), ..any() }, vec![1]),
        (JobFilter { contract_type: Some(value("HOURLY")), ..any() }, vec![1]),
        (JobFilter { currency: Some(value("NOK")), ..any() }, vec![1]),
        (JobFilter { company_id: Some(other.id), ..any() }, vec![2]),
        (JobFilter { start_date_from: Some(value("2027-03-01")), ..any() }, vec![0, 1, 2]),
        (JobFilter { start_date_from: Some(value("2027-03-02")), ..any() }, vec![1]),
        (JobFilter { start_date_from: Some(value("2027-03-03")), ..any() }, vec![]),
        (JobFilter { start_date_to: Some(value("2027-02-28")), ..any() }, vec![]),
        (JobFilter { start_date_to: Some(value("2027-03-01")), ..any() }, vec![0, 2]),
        (JobFilter { start_date_to: Some(value("2027-03-02")), ..any() }, vec![0, 1, 2]),
        (JobFilter { country: Some(value("DK")), company_id: Some(company.id), ..any() }, vec![0]),
        (JobFilter { country: Some(value("DK")), discipline: Some(value("ELECTRICAL")), ..any() }, vec![]),
    ];
    for (filter, expected) in cases {
        assert_eq!(matching(&world, &filter, &jobs), expected, "{filter:?}");
    }
}

#[test]
fn a_rate_filter_matches_overlapping_ranges() {
    let world = World::isolated();
    let company = world.company();
    let ranges = [(None, None), (Some(100), None), (None, Some(200)), (Some(100), Some(200)), (Some(300), Some(400))];
    let mut jobs = Vec::new();
    for (second, (from, to)) in (1..).zip(ranges) {
        let mut job = an_open_job(&company, second);
        job.details.day_rate = DayRateRange::new(from.map(amount), to.map(amount), Currency::default()).unwrap();
        jobs.push(world.add_job(job));
    }
    let mut in_dkk = an_open_job(&company, 9);
    in_dkk.details.day_rate = DayRateRange::new(Some(amount(100)), Some(amount(400)), value("DKK")).unwrap();
    world.add_job(in_dkk);
    let cases = [
        (Some(100), None, vec![1, 2, 3, 4]),
        (Some(101), None, vec![2, 3, 4]),
        (Some(200), None, vec![2, 3, 4]),
        (Some(201), None, vec![4]),
        (Some(400), None, vec![4]),
        (Some(401), None, vec![]),
        (None, Some(99), vec![]),
        (None, Some(100), vec![1, 3]),
        (None, Some(200), vec![1, 2, 3]),
        (None, Some(299), vec![1, 2, 3]),
        (None, Some(300), vec![1, 2, 3, 4]),
        (Some(150), Some(160), vec![3]),
        (Some(100), Some(100), vec![1, 3]),
        (Some(200), Some(300), vec![2, 3, 4]),
        (Some(201), Some(299), vec![]),
        (None, None, vec![0, 1, 2, 3, 4]),
    ];
    for (min, max, expected) in cases {
        let filter = JobFilter {
            day_rate_min: min.map(amount),
            day_rate_max: max.map(amount),
            currency: Some(Currency::default()),
            ..JobFilter::default()
        };
        assert_eq!(matching(&world, &filter, &jobs), expected, "{min:?} to {max:?}");
    }
}

#[test]
fn words_match_each_text_in_any_case() {
    let world = World::isolated();
    let mut company = world.company();
    company.profile.name = value("Ørsted Vind");
    world.edit(&company).unwrap();
    let mut job = an_open_job(&company, 1);
    job.details.title = value("Rotor ÆNDRING");
    job.details.description = value("Smøring af lejer");
    job.details.location = value("Åbenrå");
    job.details.project_name = Some(value("Kriegers Flak"));
    let jobs = [world.add_job(job)];
    let found = ["ændring", "SMØRING", "åbenrå", "ÅBENRÅ", "flak", "ørsted", "Ø", "rot", "rotor lejer flak vind åben"];
    for text in found {
        assert_eq!(matching(&world, &words(text), &jobs), [0], "{text}");
    }
    for text in ["rotor gear", "ændringsmøring", "vestas", "oersted"] {
        assert!(matching(&world, &words(text), &jobs).is_empty(), "{text}");
    }
}

#[test]
fn each_word_is_found_in_the_texts_of_a_job_or_in_the_name_of_its_company() {
    let world = World::isolated();
    let named = |name: &str| {
        let mut company = world.company();
        company.profile.name = value(name);
        world.edit(&company).unwrap();
        company
    };
    let (vind, sky) = (named("Rotor Vind"), named("Sky"));
    let titled = |company: &Company, title: &str| {
        let job = an_open_job(company, 1);
        world.add_job(with(job, |job| job.details.title = value(title)))
    };
    let jobs = [titled(&vind, "Crane"), titled(&sky, "Rotor"), titled(&sky, "Crane"), titled(&vind, "Sky rotor")];
    for (text, expected) in [
        ("rotor", vec![0, 1, 3]),
        ("rotor crane", vec![0]),
        ("sky rotor", vec![1, 3]),
        ("sky rotor vi", vec![3]),
        ("vi", vec![0, 3]),
        ("sk vi", vec![3]),
        ("skyrotor", vec![]),
        ("vind sky crane", vec![]),
    ] {
        assert_eq!(matching(&world, &words(text), &jobs), expected, "{text}");
    }
    // As many companies as are not looked up before their jobs.
    world.execute(
        "INSERT INTO companies (id, name, search_name, country, listed, created_at, updated_at)
         SELECT gen_random_uuid(), 'Rotor', 'rotor', 'DK', true, now(), now() FROM generate_series(1, 1000)",
    );
    for (text, expected) in [("rotor", vec![0, 1, 3]), ("rotor crane", vec![0]), ("sky rotor", vec![1, 3])] {
        assert_eq!(matching(&world, &words(text), &jobs), expected, "{text}");
    }
}

#[test]
fn texts_are_found_in_any_spelling() {
    let world = World::isolated();
    let company = world.company();
    let texts = [
        "Malmö",
        "Łódź",
        "Köln",
        "Søren",
        "Århus",
        "Λέσβος",
        "Großbaustelle",
        "Bad\u{a0}Doberan",
        "Que\u{301}bec",
        "保守",
    ];
    let mut jobs = Vec::new();
    for (second, text) in (1..).zip(texts) {
        let mut job = an_open_job(&company, second);
        (job.details.title, job.details.location) = (value(text), value(text));
        jobs.push(world.add_job(job));
    }
    for (text, expected) in [
        ("malmo", 0),
        ("MALMO\u{308}", 0),
        ("Lodz", 1),
        ("Koln", 2),
        ("soren", 3),
        ("Aarhus", 4),
        ("arhus", 4),
        ("a\u{30a}rhus", 4),
        ("ΛΈΣΒΟΣ", 5),
        ("ΛΕΣΒΟΣ", 5),
        ("GROSSBAUSTELLE", 6),
        ("Bad Doberan", 7),
        ("quebec", 8),
        ("québec", 8),
        ("保守", 9),
    ] {
        assert_eq!(matching(&world, &words(text), &jobs), [expected], "{text}");
        assert_eq!(matching(&world, &location(text), &jobs), [expected], "{text}");
    }
}

#[test]
fn an_edited_job_is_found_by_its_new_texts_and_by_its_company() {
    let world = World::isolated();
    let mut company = world.company();
    company.profile.name = value("Ørsted");
    world.edit(&company).unwrap();
    let job = world.add_job(an_open_job(&company, 1));
    let mut edited = job.clone();
    (edited.details.title, edited.details.location) = (value("Kranführer"), value("Łódź"));
    world.jobs.update(&edited).unwrap();
    let found = |filter: &JobFilter| world.jobs.search(filter, first_page(9)).unwrap().items.len();
    assert_eq!([found(&words("kranfuhrer orsted lodz")), found(&location("lodz"))], [1, 1]);
    assert_eq!(found(&words(job.details.title.as_str())), 0);
}

#[test]
fn a_job_without_a_project_is_found_by_its_other_texts() {
    let world = World::isolated();
    let mut job = an_open_job(&world.company(), 1);
    job.details.project_name = None;
    let jobs = [world.add_job(job)];
    assert_eq!(matching(&world, &words("esbjerg vestas"), &jobs), [0]);
}

#[test]
fn wildcards_in_a_search_text_are_literal() {
    let world = World::isolated();
    let company = world.company();
    let texts = ["100% rope", "100 rope", r"blade_repair\", "bladeXrepair"];
    let mut jobs = Vec::new();
    for (second, text) in (1..).zip(texts) {
        let mut job = an_open_job(&company, second);
        (job.details.title, job.details.location) = (value(text), value(text));
        jobs.push(world.add_job(job));
    }
    for (text, expected) in [("0%", vec![0]), ("e_r", vec![2]), (r"\", vec![2]), ("%", vec![0]), ("00", vec![0, 1])] {
        assert_eq!(matching(&world, &words(text), &jobs), expected, "{text}");
        assert_eq!(matching(&world, &location(text), &jobs), expected, "{text}");
    }
    assert!(matching(&world, &words("' OR true --"), &jobs).is_empty());
}

#[test]
fn a_location_filter_matches_a_part_in_any_case() {
    let world = World::isolated();
    let company = world.company();
    let mut jobs = Vec::new();
    for (second, text) in (1..).zip(["Esbjerg Havn", "ØSTERILD", "Rostock"]) {
        let mut job = an_open_job(&company, second);
        job.details.location = value(text);
        jobs.push(world.add_job(job));
    }
    for (text, expected) in [("bjerg havn", vec![0]), ("øster", vec![1]), ("ROST", vec![2]), ("s", vec![0, 1, 2])] {
        assert_eq!(matching(&world, &location(text), &jobs), expected, "{text}");
    }
}
