//! Reads of technicians and companies.

use anyhow::Result;

use super::{Kind, LIST, ONE, Scenario};
use crate::{
    request::{Request, escaped},
    site::{Person, Site, TURNS, drawn, field},
};

const fn read(
    name: &'static str,
    title: &'static str,
    requests: fn(&mut Site<'_>) -> Result<Vec<Request>>,
) -> Scenario {
    Scenario { name, title, requests, bar: ONE, kind: Kind::Read }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    read("profile", "technician's own profile", profile),
    read("passport", "technician's own passport", passport),
    Scenario { bar: LIST, ..read("candidates", "search for candidates", candidates) },
    Scenario { bar: LIST, ..read("applicants", "applications for a company's job", applicants) },
    read("dashboard", "company's dashboard", dashboard),
];

fn each(people: &[Person], path: &str) -> Vec<Request> {
    people.iter().map(|person| Request::get(path).bearer(person)).collect()
}

fn profile(site: &mut Site<'_>) -> Result<Vec<Request>> {
    Ok(each(&site.technicians()?, "/api/technicians/me"))
}

fn passport(site: &mut Site<'_>) -> Result<Vec<Request>> {
    Ok(each(&site.technicians()?, "/api/technicians/me/passport"))
}

fn dashboard(site: &mut Site<'_>) -> Result<Vec<Request>> {
    Ok(each(&site.members()?, "/api/companies/me/dashboard"))
}

/// Searches of companies: by a discipline alone and with a country, a certification, a
/// rate, a word.
fn candidates(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let members = site.members()?;
    let mut queries = site.database.texts(
        "SELECT 'discipline=' || primary_discipline AS value FROM technicians GROUP BY primary_discipline \
         UNION ALL SELECT * FROM (SELECT 'discipline=' || primary_discipline || '&country=' || country \
         FROM technicians GROUP BY primary_discipline, country ORDER BY count(*) DESC LIMIT 16) AS two \
         UNION ALL SELECT 'minYearsExperience=5&dayRateMax=' || rate FROM generate_series(400, 600, 25) AS rate",
    )?;
    let names = site
        .database
        .texts("SELECT DISTINCT name AS value FROM (SELECT name FROM certifications LIMIT 20000) AS found LIMIT 8")?;
    queries.extend(names.iter().map(|name| format!("certification={}", escaped(name))));
    let skills = site
        .database
        .texts("SELECT DISTINCT name AS value FROM (SELECT name FROM skills LIMIT 20000) AS found LIMIT 8")?;
    queries.extend(skills.iter().map(|name| format!("q={}", escaped(name))));
    let turns = queries.iter().zip(members.iter().cycle()).take(TURNS);
    Ok(turns.map(|(query, member)| Request::get(format!("/api/technicians?{query}")).bearer(member)).collect())
}

/// The jobs with the most applications, at most a page of each.
fn applicants(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let jobs = "SELECT job_id, company_id, least(count(*), 20) AS items FROM applications GROUP BY job_id, company_id";
    let some = format!("SELECT * FROM ({jobs}) AS known ORDER BY items DESC, md5(job_id::text) LIMIT {TURNS}");
    let rows = site.database.rows(&format!(
        "SELECT DISTINCT ON (job_id) job_id, items, users.id AS account FROM ({some}) AS found \
         JOIN company_members USING (company_id) JOIN users ON users.id = user_id \
         WHERE active AND role = 'COMPANY_ADMIN'"
    ))?;
    let request = |row| {
        let (job, items) = (field(row, "job_id")?, field(row, "items")?.parse()?);
        Ok(Request::get(format!("/api/jobs/{job}/applications")).bearer(&site.person_in(row)?).items(items))
    };
    rows.iter().map(request).collect()
}

/// A selection of the users of a query.
pub(super) fn people(site: &mut Site<'_>, query: &str) -> Result<Vec<Person>> {
    let rows = site.database.rows(&drawn(query, "account"))?;
    rows.iter().map(|row| site.person_in(row)).collect()
}
