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
    Scenario { bar: LIST, ..read("job-candidates", "candidates for a job with 20 requirements", job_candidates) },
    read("compliance", "technician's compliance with a job", compliance),
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

/// The jobs with 20 requirements, with a member of their company.
const DEMANDING_JOBS: &str = "SELECT jobs.id AS job, users.id AS account FROM jobs JOIN company_members USING (company_id) \
    JOIN users ON users.id = user_id WHERE users.active AND users.role = 'COMPANY_ADMIN' AND status = 'OPEN' \
    AND jsonb_array_length(requirements) >= 20";

/// The first page of those for jobs with 20 requirements.
fn job_candidates(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let jobs = site.database.rows(&drawn(DEMANDING_JOBS, "job"))?;
    let request = |row| {
        let path = format!("/api/jobs/{}/candidates", field(row, "job")?);
        Ok(Request::get(path).bearer(&site.person_in(row)?).items(20))
    };
    jobs.iter().map(request).collect()
}

/// Technicians for jobs with 20 requirements.
fn compliance(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let (technicians, jobs) = (site.technicians()?, site.database.rows(&drawn(DEMANDING_JOBS, "job"))?);
    let pairs = technicians.iter().zip(&jobs);
    let request =
        |(technician, job)| Ok(Request::get(format!("/api/jobs/{}/compliance", field(job, "job")?)).bearer(technician));
    pairs.map(request).collect()
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
