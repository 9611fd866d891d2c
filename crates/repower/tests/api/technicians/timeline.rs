//! `GET …/passport/timeline.svg`: the certifications of a passport as a picture.

use serde_json::json;

use super::{PASSPORT, a_certification, add_certification, patch};
use crate::support::{App, Person, Reply, UNKNOWN_ID, text, with};

fn own(app: &App, technician: &Person) -> Reply {
    app.get(&format!("{PASSPORT}/timeline.svg")).bearer(&technician.token).send()
}

fn of(app: &App, member: &Person, technician: &str, query: &str) -> Reply {
    app.get(&format!("/api/technicians/{technician}/passport/timeline.svg{query}")).bearer(&member.token).send()
}

/// The picture of a response.
#[track_caller]
fn picture(reply: &Reply) -> &str {
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.text.starts_with("<svg ") && reply.text.ends_with("</svg>"), "{}", reply.text);
    &reply.text
}

/// A draft of a company for these days, with a requirement.
fn a_job(app: &App, company: &Person, code: &str) -> String {
    let job = text(&app.post_job(company, &json!({"startDate": "2034-01-21", "endDate": "2034-02-03"}))["id"]);
    let body = json!({"requirements": [{"anyOf": [code], "mandatory": true}]});
    app.put(&format!("/api/jobs/{job}/requirements")).bearer(&company.token).json(&body).send().data(200);
    job
}

#[test]
fn a_technician_and_a_company_see_the_same_picture() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    assert!(picture(&own(&app, &technician)).contains("No certifications."));
    let hostile = json!({"name": "<script>alert(1)</script>", "provider": "A & B"});
    add_certification(&app, &technician, &with(&a_certification(), &hostile)).data(201);
    let reply = own(&app, &technician);
    assert!(picture(&reply).contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(picture(&reply).contains("A &amp; B, 2024-01-31 to 2034-01-30, valid"));
    assert!(!picture(&reply).contains("<script"));
    let seen = of(&app, &company, &technician.id, "");
    // Midnight may have been between the two.
    let days = [&reply, &seen].map(|reply| picture(reply).split("Certifications on ").nth(1).unwrap()[..10].to_owned());
    assert!(seen.text == reply.text || days[0] != days[1]);
}

#[test]
fn a_picture_is_private_and_loads_and_runs_nothing() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    for reply in [own(&app, &technician), of(&app, &company, &technician.id, "")] {
        picture(&reply);
        for (name, value) in [
            ("Content-Type", "image/svg+xml"),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{name}");
        }
        assert_eq!((reply.header("ETag"), reply.header("Content-Encoding")), (None, None));
    }
}

#[test]
fn a_company_sees_the_days_of_its_job_that_are_not_covered() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    add_certification(&app, &technician, &with(&a_certification(), &json!({"typeCode": "GWO_WAH"}))).data(201);
    let with_job = |code: &str| {
        let reply = of(&app, &company, &technician.id, &format!("?jobId={}", a_job(&app, &company, code)));
        picture(&reply).to_owned()
    };
    let covered_partly = with_job("GWO_WAH");
    for shown in ["Job: 2034-01-21 to 2034-02-03", "· gap: 4 of 14 d", "gap from 2034-01-31 to 2034-02-03"] {
        assert!(covered_partly.contains(shown), "{covered_partly}");
    }
    let missing = with_job("GWO_SS");
    assert!(missing.contains("none · gap: 14 of 14 d") && missing.contains(">Others<"), "{missing}");
    assert!(!picture(&of(&app, &company, &technician.id, "?jobId=")).contains("Job:"));
}

#[test]
fn only_a_job_of_the_own_company_is_found() {
    let app = App::start();
    let (company, other, technician) = (app.company("vestas"), app.company("siemens"), app.technician("tanja"));
    let with_job = |job: &str| of(&app, &company, &technician.id, &format!("?jobId={job}"));
    for job in [app.open_job(&other), a_job(&app, &other, "GWO_WAH"), UNKNOWN_ID.to_owned()] {
        assert_eq!(with_job(&job).code(404), "not_found");
    }
    picture(&with_job(&app.open_job(&company)));
    assert_eq!(with_job("x").fields(), ["jobId: invalid_format"]);
    assert_eq!(of(&app, &company, &technician.id, "?x=1").fields(), ["x: unknown_field"]);
    let own_with_job = format!("{PASSPORT}/timeline.svg?jobId={}", app.open_job(&company));
    assert_eq!(app.get(&own_with_job).bearer(&technician.token).send().fields(), ["jobId: unknown_field"]);
}

#[test]
fn a_picture_is_seen_by_those_who_see_the_passport() {
    let app = App::start_with(&[("REQUIRE_VERIFIED_COMPANY", "true")]);
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    assert_eq!(of(&app, &company, &technician.id, "").code(403), "company_unverified");
    let verified = app.verified_company("siemens");
    picture(&of(&app, &verified, &technician.id, ""));
    patch(&app, &technician, &json!({"visibility": "APPLIED"})).data(200);
    for id in [&technician.id, UNKNOWN_ID, "no-uuid", &technician.user_id] {
        assert_eq!(of(&app, &verified, id, "").code(404), "not_found", "{id}");
    }
    app.apply(&technician, &app.open_job(&company));
    picture(&of(&app, &company, &technician.id, ""));
}
