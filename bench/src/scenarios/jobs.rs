//! The public job list and one job.

use anyhow::{Context as _, Result};

use super::{Kind, LIST, ONE, Scenario};
use crate::{
    request::{Request, escaped},
    site::{Site, TURNS, drawn},
};

const fn list(
    name: &'static str,
    title: &'static str,
    requests: fn(&mut Site<'_>) -> Result<Vec<Request>>,
) -> Scenario {
    Scenario { name, title, requests, bar: LIST, kind: Kind::Read }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { kind: Kind::Public, ..list("jobs", "public job list, first page", first_page) },
    list("jobs-discipline", "job list by discipline", by_discipline),
    list("jobs-country", "job list by country", by_country),
    list("jobs-location", "job list by part of the location", by_location),
    list("jobs-contract", "job list by contract type", by_contract),
    list("jobs-start", "job list by first day", by_first_day),
    list("jobs-rate", "job list by day rate", by_rate),
    list("jobs-company", "job list by company", by_company),
    list("jobs-two", "job list by discipline and country", by_two),
    list("jobs-certification", "job list by a type of certification", by_certification),
    list("jobs-qualified", "job list of the jobs a technician qualifies for", by_qualification),
    list("jobs-rare", "job list by a rare word", by_rare_word),
    list("jobs-common", "job list by a common word", by_common_word),
    list("jobs-deep", "job list, page 10,000 of it", deep),
    Scenario { name: "job", title: "job by id", requests: one, bar: ONE, kind: Kind::Public },
];

const OPEN: &str = "FROM jobs WHERE status = 'OPEN'";

fn first_page(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let request = Request::get("/api/jobs").items(20);
    site.server.expect(&request)?;
    Ok(vec![request])
}

/// A list for each value that a query returns.
fn by(site: &mut Site<'_>, parameter: &str, query: &str) -> Result<Vec<Request>> {
    let values = site.database.texts(query)?;
    let request = |value: &String| Request::get(format!("/api/jobs?{parameter}={}", escaped(value))).items(1);
    Ok(values.iter().map(request).collect())
}

fn by_discipline(site: &mut Site<'_>) -> Result<Vec<Request>> {
    by(site, "discipline", &format!("SELECT DISTINCT discipline AS value {OPEN}"))
}

fn by_country(site: &mut Site<'_>) -> Result<Vec<Request>> {
    by(
        site,
        "country",
        &format!("SELECT country AS value {OPEN} GROUP BY country ORDER BY count(*) DESC LIMIT {TURNS}"),
    )
}

fn by_contract(site: &mut Site<'_>) -> Result<Vec<Request>> {
    by(site, "contractType", &format!("SELECT DISTINCT contract_type AS value {OPEN}"))
}

/// Five letters from the middle of locations.
fn by_location(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let locations = drawn(&format!("SELECT DISTINCT location {OPEN}"), "location");
    by(site, "location", &format!("SELECT substr(lower(location), 2, 5) AS value FROM ({locations}) AS drawn"))
}

fn by_first_day(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let days = format!("SELECT DISTINCT start_date {OPEN} AND start_date < current_date + 60");
    by(site, "startDateFrom", &format!("SELECT start_date AS value FROM ({}) AS drawn", drawn(&days, "start_date")))
}

fn by_rate(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let rates = format!("SELECT DISTINCT day_rate_from {OPEN} AND currency = 'EUR' AND day_rate_from IS NOT NULL");
    by(site, "dayRateMin", &format!("SELECT day_rate_from AS value FROM ({}) AS drawn", drawn(&rates, "day_rate_from")))
}

fn by_company(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let companies = drawn(&format!("SELECT DISTINCT company_id {OPEN}"), "company_id");
    by(site, "companyId", &format!("SELECT company_id AS value FROM ({companies}) AS drawn"))
}

fn by_two(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let pairs = format!(
        "SELECT discipline || '&country=' || country AS value {OPEN} \
         GROUP BY discipline, country ORDER BY count(*) DESC LIMIT {TURNS}"
    );
    let pairs = site.database.texts(&pairs)?;
    Ok(pairs.iter().map(|pair| Request::get(format!("/api/jobs?discipline={pair}")).items(1)).collect())
}

fn by_certification(site: &mut Site<'_>) -> Result<Vec<Request>> {
    by(site, "certification", "SELECT DISTINCT type_code AS value FROM certifications WHERE type_code IS NOT NULL")
}

fn by_qualification(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let request = |technician| Request::get("/api/jobs?qualifiedOnly=true").bearer(technician);
    Ok(site.technicians()?.iter().map(request).collect())
}

/// The query of words in a sample of jobs, with a condition on their frequency.
fn words(condition: &str) -> String {
    format!(
        "SELECT word AS value FROM (SELECT DISTINCT id, regexp_split_to_table(search_text, '[^a-z]+') AS word \
         FROM (SELECT id, search_text {OPEN} ORDER BY id LIMIT 5000) AS sample) AS words \
         WHERE length(word) BETWEEN 5 AND 20 GROUP BY word HAVING {condition} ORDER BY count(*) DESC, word"
    )
}

fn by_common_word(site: &mut Site<'_>) -> Result<Vec<Request>> {
    by(site, "q", &format!("{} LIMIT 10", words("count(*) >= 100")))
}

fn by_rare_word(site: &mut Site<'_>) -> Result<Vec<Request>> {
    by(site, "q", &format!("{} LIMIT {TURNS}", words("count(*) <= 2")))
}

/// The pages from the 10,000th on, or from the middle of a shorter list. The list is
/// read up to them in pages of the maximum size.
fn deep(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let open: usize = site.database.text(&format!("SELECT count(*) AS value {OPEN}"))?.parse()?;
    let steps = (10_000 * 20).min(open / 2) / 100;
    let (mut cursor, mut requests) = (None, Vec::new());
    for step in 0..steps.max(1) + TURNS {
        let limit = if step < steps { 100 } else { 20 };
        let from = cursor.as_ref().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let request = Request::get(format!("/api/jobs?limit={limit}{from}")).items(1);
        let reply = site.server.expect(&request)?.json();
        if step >= steps {
            requests.push(request);
        }
        cursor = reply.pointer("/meta/nextCursor").and_then(|cursor| cursor.as_str()).map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    requests.first().context("the list is too short")?;
    Ok(requests)
}

fn one(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let jobs = site.database.texts(&drawn(&format!("SELECT id AS value {OPEN}"), "value"))?;
    Ok(jobs.iter().map(|id| Request::get(format!("/api/jobs/{id}"))).collect())
}
