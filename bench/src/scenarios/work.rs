//! Posting jobs, and applying for jobs.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{Kind, Scenario, WRITE};
use crate::{
    database::Database,
    measure::script::{Changing, Replacement},
    record::Recorded,
    request::Request,
    site::{Site, TURNS, field},
};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "post-job", title: "post a job", requests: post, bar: WRITE, kind: Kind::Write(written) },
    Scenario { name: "apply", title: "apply for a job", requests: apply, bar: WRITE, kind: Kind::Apply },
];

fn post(site: &mut Site<'_>) -> Result<Vec<Request>> {
    let body = json!({
        "title": "Blade repair, 20 turbines", "location": "Esbjerg", "country": "DK", "discipline": "BLADE_REPAIR",
        "contractType": "DAY_RATE", "dayRateFrom": 380, "dayRateTo": 450, "startDate": "2027-03-01",
        "endDate": "2027-05-31", "status": "OPEN",
        "description": "Leading edges of 20 turbines, from ropes, in two teams of three. ".repeat(6),
    });
    Ok(site.members()?.iter().map(|member| Request::post("/api/jobs", body.clone()).bearer(member)).collect())
}

/// The id of the row that a recorded request has written.
pub(super) fn written(recorded: &Recorded) -> Changing {
    let id = recorded.reply.json().pointer("/data/id").and_then(Value::as_str).unwrap_or_default().to_owned();
    vec![(id, Replacement::NewId)]
}

/// The start of a script: selects the next pair of the client.
pub(crate) const PAIRS: &str = "\\set i :from + :client_id * :share + :n\n\
    SELECT account, technician, job, company FROM bench.pairs WHERE number = :i\n\\gset\n";

/// Creates `count` pairs of a technician and an open job for which the technician has
/// not applied.
pub(crate) fn make_pairs(database: &mut Database, count: usize) -> Result<()> {
    let (technicians, jobs) = (200, count / 150 + 10);
    database.execute(&format!(
        "DROP TABLE IF EXISTS bench.pairs; \
         CREATE TABLE bench.pairs AS SELECT row_number() OVER (ORDER BY random()) - 1 AS number, * FROM \
         (SELECT user_id AS account, technicians.id AS technician FROM technicians JOIN users ON users.id = user_id \
         WHERE users.active ORDER BY random() LIMIT {technicians}) AS technicians CROSS JOIN \
         (SELECT id AS job, company_id AS company FROM jobs WHERE status = 'OPEN' ORDER BY random() LIMIT {jobs}) AS jobs \
         WHERE NOT EXISTS (SELECT FROM applications WHERE job_id = job AND technician_id = technician) LIMIT {count}"
    ))?;
    database.execute("ALTER TABLE bench.pairs ADD PRIMARY KEY (number)")?;
    database.execute("VACUUM (ANALYZE) bench.pairs")?;
    let made: usize = database.text("SELECT count(*) AS value FROM bench.pairs")?.parse()?;
    ensure!(made == count, "only {made} pairs of technicians and jobs are left, of {count}: use BENCH_FRESH=1");
    Ok(())
}

/// The requests of the pairs with these numbers.
pub(crate) fn pairs(site: &mut Site<'_>, from: usize, count: usize) -> Result<Vec<Request>> {
    let rows = site
        .database
        .rows(&format!("SELECT account, job FROM bench.pairs WHERE number >= {from} ORDER BY number LIMIT {count}"))?;
    let body = json!({"messageToCompany": "I can start on the first day, with my own ropes."});
    let request = |row| {
        let path = format!("/api/jobs/{}/applications", field(row, "job")?);
        Ok(Request::post(path, body.clone()).bearer(&site.person_in(row)?))
    };
    rows.iter().map(request).collect()
}

/// One request, to record.
fn apply(site: &mut Site<'_>) -> Result<Vec<Request>> {
    make_pairs(site.database, TURNS)?;
    pairs(site, 0, 1)
}

/// The values of a recorded application that belong to its pair.
pub(crate) fn values_of_pair(database: &mut Database, recorded: &Recorded) -> Result<Changing> {
    let mut changing = written(recorded);
    let rows = database.rows("SELECT account, technician, job, company FROM bench.pairs WHERE number = 0")?;
    let row = rows.first().context("no pair")?;
    for name in ["account", "technician", "job", "company"] {
        changing.push((field(row, name)?, Replacement::Variable(name)));
    }
    Ok(changing)
}
