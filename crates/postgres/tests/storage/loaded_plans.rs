//! Plans of the frequent statements on data as `repower load-data` loads it, with
//! the adapter's parameter values and settings.

use diesel::{PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};
use repower_domain::{jobs::JobSort, technicians::TechnicianSort, values::CalendarDate};
use repower_ports::{
    Page, PageRequest, Position,
    admin::{AdminRepository, UserFilter},
    jobs::{JobFilter, JobRepository, ListedJob},
    technicians::{TechnicianFilter, TechnicianRepository},
};

use crate::support::{World, all_pages, amount, at, first_page, new_id, value};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    text: String,
}

/// Prefixes of the statements for transaction control, and of those that look at no rows.
const TRANSACTION_CONTROL: [&str; 7] =
    ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "LOCK TABLE", "INSERT INTO \"audit_events\""];

/// Prefix of the settings of one transaction.
const SETTING: &str = "SET LOCAL";

/// The settings of a session, which the transaction of the test does not keep.
const SESSION: &str =
    "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_sort = on; SET LOCAL enable_indexscan = on";

/// The plans of all statements of a call, in their order and with its settings.
pub(crate) fn plans<T>(world: &World, call: impl FnOnce() -> T) -> String {
    let statements = world.statements_of(call);
    let run = |settings: &str| world.execute(settings);
    let explain = |connection: &mut PgConnection, sent: &String| {
        let (text, values) = sent.split_once(" -- binds: ").expect("the statement is logged with its values");
        let values = literals(values);
        let arguments = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
        connection.batch_execute(&format!("PREPARE p AS {text}"))?;
        let lines: Vec<Line> = sql_query(format!("EXPLAIN EXECUTE p{arguments}")).load(connection)?;
        connection.batch_execute("DEALLOCATE p")?;
        Ok(lines.into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n"))
    };
    run(SESSION);
    let mut all = Vec::new();
    for sent in &statements {
        if sent.starts_with(SETTING) {
            run(sent);
        } else if !TRANSACTION_CONTROL.iter().any(|prefix| sent.starts_with(prefix)) {
            all.push(world.database.with_connection(|connection| explain(connection, sent)).unwrap());
        }
    }
    run(SESSION);
    assert!(!all.is_empty(), "{statements:#?}");
    all.join("\n")
}

/// Converts the logged values of a statement to SQL literals.
fn literals(logged: &str) -> Vec<String> {
    let inner = logged.trim().strip_prefix('[').unwrap().strip_suffix(']').unwrap();
    if inner.is_empty() {
        return Vec::new();
    }
    let (mut literals, mut current, mut is_text, mut is_escaped) = (Vec::new(), String::new(), false, false);
    let mut is_array = false;
    for letter in inner.chars() {
        match letter {
            _ if is_escaped => {
                is_escaped = false;
                current.push(letter);
            }
            '\\' if is_text => is_escaped = true,
            '"' => is_text = !is_text,
            '[' | ']' if !is_text => {
                is_array = letter == '[';
                current.push(if is_array { '{' } else { '}' });
            }
            ',' if !is_text && !is_array => literals.push(std::mem::take(&mut current)),
            _ => current.push(letter),
        }
    }
    literals.push(current);
    let literals = literals.iter().map(|text| text.trim());
    let unwrapped =
        literals.map(|text| text.strip_prefix("Some(").and_then(|text| text.strip_suffix(')')).unwrap_or(text));
    unwrapped
        .map(|text| if text == "None" { "NULL".to_owned() } else { format!("'{}'", text.replace('\'', "''")) })
        .collect()
}

/// Asserts that a plan uses these indexes, and a sequential scan of `companies` at
/// most. That table is small here and read once for many jobs.
#[track_caller]
pub(crate) fn assert_uses_indexes(plan: &str, indexes: &[&str]) {
    assert_eq!(plan.matches("Seq Scan").count(), plan.matches("Seq Scan on companies").count(), "{plan}");
    for index in indexes {
        let is_used = plan.split_whitespace().any(|word| word == *index);
        assert!(is_used, "{index} is not used:\n{plan}");
    }
}

/// Asserts that a plan reads these indexes in the order of the list, without a sort
/// or a sequential scan.
#[track_caller]
pub(crate) fn assert_reads_in_order(plan: &str, indexes: &[&str]) {
    assert_uses_indexes(plan, indexes);
    assert!(!plan.contains("Seq Scan") && !plan.contains("Sort"), "{plan}");
}

/// A page at the start of the loaded lists, and one in their middle.
pub(crate) fn pages() -> [PageRequest; 2] {
    ["2026-11-22T00:00:00Z", "2025-10-01T00:00:00Z"]
        .map(|moment| PageRequest { limit: 20, after: Some(Position { at: value(moment), id: new_id() }) })
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn the_public_list_reads_an_index_in_order_for_common_criteria() {
    let world = World::loaded();
    let any = JobFilter::default;
    for page in pages() {
        let list = |filter: JobFilter| plans(&world, || world.jobs.search(&filter, page).unwrap());
        assert_reads_in_order(&list(any()), &["jobs_open"]);
        assert_reads_in_order(
            &list(JobFilter { discipline: Some(value("OTHER")), ..any() }),
            &["jobs_open_discipline"],
        );
        assert_reads_in_order(&list(JobFilter { country: Some(value("DE")), ..any() }), &["jobs_open_country"]);
        assert_reads_in_order(
            &list(JobFilter { contract_type: Some(value("HOURLY")), ..any() }),
            &["jobs_open_contract_type"],
        );
        assert_reads_in_order(&list(JobFilter { currency: Some(value("PLN")), ..any() }), &["jobs_open_currency"]);
        assert_reads_in_order(&list(JobFilter { company_id: Some(new_id()), ..any() }), &["jobs_open_company"]);
        let several = JobFilter { country: Some(value("DE")), currency: Some(value("EUR")), ..any() };
        assert_reads_in_order(&list(several), &[]);
        for common in [
            JobFilter { location: Some("Hamburg".to_owned()), ..any() },
            JobFilter { start_date_from: Some(value("2025-01-01")), ..any() },
            JobFilter { day_rate_min: Some(amount(300)), ..any() },
            JobFilter { day_rate_max: Some(amount(600)), ..any() },
        ] {
            assert_reads_in_order(&list(common), &["jobs_open"]);
        }
        for common in ["turbine", "blade gearbox"] {
            let all = list(JobFilter { words: words(common), ..any() });
            // The one before it is of the companies.
            assert_reads_in_order(all.rsplit("\nLimit").next().unwrap(), &["jobs_open"]);
        }
    }
}

#[test]
fn each_order_of_the_public_list_reads_an_index_of_its_own_until_few_jobs_match() {
    let world = World::loaded();
    let (by_day, by_rate) = (
        JobFilter { sort: Some(JobSort::StartDate), ..JobFilter::default() },
        JobFilter { sort: Some(JobSort::DayRate), currency: Some(value("EUR")), ..JobFilter::default() },
    );
    let first = world.jobs.search(&by_day, first_page(20)).unwrap();
    let after = |page: &Page<ListedJob>| PageRequest { limit: 20, after: page.next };
    let richest = world.jobs.search(&by_rate, first_page(20)).unwrap();
    for (any, pages, index) in [
        (by_day, [first_page(20), after(&first)], "jobs_open_start_date"),
        (by_rate, [first_page(20), after(&richest)], "jobs_open_day_rate"),
    ] {
        for page in pages {
            let list = |filter: JobFilter| plans(&world, || world.jobs.search(&filter, page).unwrap());
            assert_reads_in_order(&list(any.clone()), &[index]);
            assert_reads_in_order(&list(JobFilter { discipline: Some(value("OTHER")), ..any.clone() }), &[index]);
            let common = list(JobFilter { words: words("turbine"), ..any.clone() });
            // The one before it is of the companies.
            assert_reads_in_order(common.rsplit("\nLimit").next().unwrap(), &[index]);
            let rare = JobFilter { words: words("WT-000317"), ..any.clone() };
            assert_uses_indexes(&list(rare), &["jobs_open_search_text"]);
            let company = JobFilter { company_id: Some(new_id()), ..any.clone() };
            assert_uses_indexes(&list(company), &[]);
        }
    }
}

#[test]
fn criteria_that_few_jobs_match_use_their_own_index() {
    let world = World::loaded();
    let any = JobFilter::default;
    for page in pages() {
        let list = |filter: JobFilter| plans(&world, || world.jobs.search(&filter, page).unwrap());
        for (rare, index) in [
            (JobFilter { words: words("WT-000317"), ..any() }, "jobs_open_search_text"),
            (JobFilter { words: words("turbine skydiver"), ..any() }, "jobs_open_search_text"),
            // In two spellings, which have no trigram in common.
            (JobFilter { words: words("Ålesund"), ..any() }, "jobs_open_search_text"),
            (JobFilter { location: Some("Nowhere".to_owned()), ..any() }, "jobs_open_location"),
            (JobFilter { start_date_from: Some(value("2031-01-01")), ..any() }, "jobs_open_start_date"),
            (JobFilter { day_rate_min: Some(amount(100_000)), ..any() }, "jobs_open_day_rate_most"),
            (JobFilter { day_rate_max: Some(amount(1)), ..any() }, "jobs_open_day_rate_least"),
        ] {
            assert_uses_indexes(&list(rare), &[index]);
        }
    }
}

/// The name of a company is beside no job: one index has the jobs of the companies with the
/// word, another one the jobs with it.
#[test]
fn a_word_of_few_companies_uses_two_indexes() {
    let world = World::loaded();
    world.execute(
        "UPDATE companies SET search_name = 'zyxwv' WHERE id = ( \
         SELECT company_id FROM jobs WHERE status = 'OPEN' GROUP BY company_id ORDER BY count(*), company_id LIMIT 1)",
    );
    for page in pages() {
        let search = |filter: JobFilter| plans(&world, || world.jobs.search(&filter, page).unwrap());
        let plan = search(JobFilter { words: words("zyxwv"), ..JobFilter::default() });
        assert_uses_indexes(&plan, &["jobs_open_company", "jobs_open_search_text"]);
    }
}

/// PostgreSQL would look at all jobs with the frequent one.
#[test]
fn a_frequent_text_beside_one_that_no_index_has_walks_the_list_and_a_rare_one_uses_its_index() {
    let world = World::loaded();
    let location = Some("zq".to_owned());
    let search = |text: &str| {
        let filter = JobFilter { words: words(text), location: location.clone(), ..JobFilter::default() };
        plans(&world, || world.jobs.search(&filter, pages()[0]).unwrap())
    };
    let plan = search("turbine");
    assert!(plan.matches(" using jobs_open on jobs").count() >= 3 && !plan.contains("jobs_open_search_text"), "{plan}");
    for rare in ["WT-000317", "turbine skydiver"] {
        assert_uses_indexes(&search(rare), &["jobs_open_search_text"]);
    }
}

/// The location of a job is at the end of its text, and the index would find each of these jobs.
#[test]
fn a_word_at_the_end_of_long_texts_is_as_frequent_as_at_their_beginning() {
    let world = World::loaded();
    for order in ["published_at, id", "published_at DESC, id DESC"] {
        world.execute(&format!(
            "UPDATE jobs SET search_text = repeat('rotor and hub ', 650) || 'zyxwv' \
             WHERE id IN (SELECT id FROM jobs WHERE status = 'OPEN' ORDER BY {order} LIMIT 20)"
        ));
    }
    let filter = JobFilter { words: words("zyxwv"), ..JobFilter::default() };
    let statements = world.statements_of(|| world.jobs.search(&filter, pages()[0]).unwrap());
    assert!(!statements.iter().any(|sent| sent.contains("enable_indexscan")), "{statements:#?}");
    assert_eq!(all_pages(20, |page| world.jobs.search(&filter, page)).len(), 40);
}

/// The index would read the long list of each frequent trigram, such as `wt-` or `000`.
#[test]
fn a_long_word_is_looked_up_by_a_few_of_its_trigrams() {
    let world = World::loaded();
    let filter = JobFilter { words: words("WT-000317"), ..JobFilter::default() };
    let plan = plans(&world, || world.jobs.search(&filter, pages()[0]).unwrap());
    let looked_up = plan.lines().rfind(|line| line.contains("Index Cond: (")).unwrap();
    let of_jobs = plan.lines().find(|line| line.contains("Index Cond: ((search_text ~~ ")).unwrap_or(looked_up);
    assert!(of_jobs.contains("'%317%'") && !of_jobs.contains("wt-") && !of_jobs.contains("000317"), "{plan}");
    assert!((1..=4).contains(&of_jobs.matches(" ~~ '%").count()), "{plan}");
    assert!(plan.contains("Filter: ") && plan.contains("'%wt-000317%'"), "{plan}");
}

/// PostgreSQL expects them to be together by chance, and would walk the whole list.
#[test]
fn frequent_words_that_are_never_together_are_looked_up_and_not_walked_to() {
    let world = World::loaded();
    // `zyx` is frequent among the oldest jobs of the list, and `wvu` among the newest.
    for (word, order) in [("zyx", "published_at, id"), ("wvu", "published_at DESC, id DESC")] {
        world.execute(&format!(
            "UPDATE jobs SET search_text = search_text || ' {word}' \
             WHERE id IN (SELECT id FROM jobs WHERE status = 'OPEN' ORDER BY {order} LIMIT 100)"
        ));
    }
    let filter = JobFilter { words: words("zyx wvu"), ..JobFilter::default() };
    let plan = plans(&world, || world.jobs.search(&filter, pages()[0]).unwrap());
    assert_uses_indexes(&plan, &["jobs_open_search_text"]);
    assert!(world.jobs.search(&filter, first_page(20)).unwrap().items.is_empty());
}

/// No index has words of two letters: the list is walked, in slices.
#[test]
fn a_page_of_a_search_for_two_letters_looks_at_a_slice_of_the_list() {
    let world = World::loaded();
    world.execute(
        "UPDATE jobs SET search_text = search_text || ' zq', search_location = search_location || ' zq' \
         WHERE id = (SELECT jobs.id FROM jobs JOIN companies ON companies.id = company_id \
                     WHERE status = 'OPEN' AND listed ORDER BY published_at, jobs.id LIMIT 1)",
    );
    for filter in [
        JobFilter { words: words("zq"), ..JobFilter::default() },
        JobFilter { location: Some("ZQ".to_owned()), ..JobFilter::default() },
    ] {
        let search = |page| world.jobs.search(&filter, page).unwrap();
        let first = search(first_page(20));
        // On a slow machine its time may be up before.
        assert!(first.items.len() == 1 || first.next.is_some());
        assert_eq!(all_pages(20, |page| world.jobs.search(&filter, page)).len(), 1);
        let plan = plans(&world, || search(pages()[0]));
        assert!(plan.matches(" using jobs_open on jobs").count() >= 2, "{plan}");
        assert!(!plan.contains("Sort"), "{plan}");
    }
}

/// Those that match the other criteria may be rare: PostgreSQL would walk to the end of the list for them.
#[test]
fn a_slice_has_as_many_rows_of_one_index_whether_they_match_or_not() {
    let world = World::loaded();
    let any = || JobFilter { words: words("zq"), day_rate_min: Some(amount(1)), ..JobFilter::default() };
    let late = JobFilter { start_date_from: Some(value("2031-01-01")), ..any() };
    let by_rate = JobFilter { sort: Some(JobSort::DayRate), currency: Some(value("EUR")), ..late.clone() };
    for (filter, index) in [
        (late.clone(), "jobs_open"),
        (
            JobFilter { country: Some(value("MT")), discipline: Some(value("OTHER")), ..late.clone() },
            "jobs_open_country",
        ),
        (JobFilter { company_id: Some(new_id()), country: Some(value("MT")), ..late }, "jobs_open_company"),
        (JobFilter { sort: Some(JobSort::StartDate), country: Some(value("MT")), ..any() }, "jobs_open_start_date"),
        (by_rate, "jobs_open_day_rate"),
    ] {
        let page = if filter.sort.is_none() { pages()[0] } else { first_page(20) };
        let plan = plans(&world, || world.jobs.search(&filter, page).unwrap());
        for statement in plan.split("\nLimit") {
            assert_uses_indexes(statement, &[index]);
            assert_eq!(statement.matches(" using jobs_").count(), 1, "{plan}");
        }
        let (end, _) = plan.split_once("\nLimit").unwrap();
        assert!(!end.contains("Filter: "), "{plan}");
    }
}

#[test]
fn a_search_of_technicians_or_users_that_no_index_serves_walks_the_list() {
    let world = World::loaded();
    let today: CalendarDate = value("2026-11-22");
    let page = pages()[0];
    for filter in [
        TechnicianFilter { words: words("zq"), ..TechnicianFilter::default() },
        TechnicianFilter { certification: Some("z&q".to_owned()), ..TechnicianFilter::default() },
    ] {
        let plan = plans(&world, || world.technicians.search(&filter, today, page).unwrap());
        assert_eq!(plan.matches(" using technicians_newest on technicians").count(), 2, "{plan}");
        assert!(!plan.contains("Sort") && !plan.contains("Bitmap"), "{plan}");
    }
    for role in [None, Some(value("TECHNICIAN"))] {
        let plan =
            plans(&world, || world.admin.users(&UserFilter { text: Some("nobody".to_owned()), role }, page).unwrap());
        assert_eq!(plan.matches(" on users").count(), 2, "{plan}");
        assert!(!plan.contains("Sort") && !plan.contains("Seq Scan"), "{plan}");
    }
}

#[test]
fn the_candidate_search_uses_an_index_for_each_criterion() {
    let world = World::loaded();
    let today: CalendarDate = value("2026-11-22");
    let any = TechnicianFilter::default;
    let page = PageRequest { limit: 20, after: Some(Position { at: at(0), id: new_id() }) };
    let search = |filter: TechnicianFilter| plans(&world, || world.technicians.search(&filter, today, page).unwrap());
    for common in [
        any(),
        TechnicianFilter { discipline: Some(value("ROPE_ACCESS")), ..any() },
        TechnicianFilter { country: Some(value("DE")), ..any() },
        TechnicianFilter { mobility: Some(value("LOCAL")), ..any() },
        TechnicianFilter { currency: Some(value("EUR")), ..any() },
        TechnicianFilter { min_rating: Some(value("4")), ..any() },
        TechnicianFilter { min_years_experience: Some(3.try_into().unwrap()), ..any() },
        TechnicianFilter { available_by: Some(today), ..any() },
        TechnicianFilter { day_rate_max: Some(amount(300)), ..any() },
        TechnicianFilter { certification: Some("GWO".to_owned()), ..any() },
        TechnicianFilter { words: words("rope"), ..any() },
    ] {
        assert_reads_in_order(&search(common), &[]);
    }
    for (sort, index) in [
        (TechnicianSort::YearsExperience, "technicians_by_years"),
        (TechnicianSort::AverageRating, "technicians_by_rating"),
    ] {
        let sorted = || TechnicianFilter { sort: Some(sort), ..any() };
        assert_reads_in_order(&search(sorted()), &[index]);
        assert_reads_in_order(&search(TechnicianFilter { country: Some(value("DE")), ..sorted() }), &[index]);
        let rare = TechnicianFilter { words: words("skydiver"), ..sorted() };
        assert_uses_indexes(&search(rare), &["technicians_search_text"]);
    }
    for (rare, index) in [
        (TechnicianFilter { words: words("skydiver"), ..any() }, "technicians_search_text"),
        (TechnicianFilter { certification: Some("Skydiving".to_owned()), ..any() }, "certifications_name"),
        (TechnicianFilter { min_years_experience: Some(60.try_into().unwrap()), ..any() }, "technicians_by_years"),
    ] {
        assert_uses_indexes(&search(rare), &[index]);
    }
}
