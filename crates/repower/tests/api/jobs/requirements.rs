use serde_json::{Value, json};

use super::{found, id, move_to};
use crate::support::{App, Person, Reply, UNKNOWN_ID, each, field_errors, text, with};

const CERTIFICATIONS: &str = "/api/technicians/me/certifications";

fn replace(app: &App, company: &Person, job: &str, body: &Value) -> Reply {
    app.put(&format!("/api/jobs/{job}/requirements")).bearer(&company.token).json(body).send()
}

/// A mandatory requirement of each code.
fn requiring(codes: &[&str]) -> Value {
    let one = |code: &&str| json!({"anyOf": [code], "mandatory": true});
    json!({"requirements": codes.iter().map(one).collect::<Vec<_>>()})
}

/// An open job with these requirements.
fn a_job(app: &App, company: &Person, title: &str, codes: &[&str], days: [&str; 2]) -> Value {
    let body = json!({"title": title, "status": "OPEN", "startDate": days[0], "endDate": days[1]});
    let job = app.post_job(company, &body);
    replace(app, company, id(&job), &requiring(codes)).data(200)
}

fn certify(app: &App, technician: &Person, code: &str, from: &str, until: &str) -> Value {
    let body =
        json!({"name": code, "provider": "Falck Safety", "typeCode": code, "validFrom": from, "validUntil": until});
    app.post(CERTIFICATIONS).bearer(&technician.token).json(&body).send().data(201)
}

fn qualified(app: &App, caller: &Person, query: &str) -> Reply {
    app.get(&format!("/api/jobs?qualifiedOnly=true{query}")).bearer(&caller.token).send()
}

#[test]
fn a_job_shows_its_requirements_everywhere() {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.post_job(&company, &json!({"status": "OPEN"}));
    assert_eq!(job["requirements"], json!([]));
    let body = json!({"requirements": [
        {"anyOf": ["wah", "GWO_FA"], "mandatory": true, "minTrust": "EVIDENCE_ATTACHED"},
        {"anyOf": ["BOSIET"], "mandatory": false, "minTrust": null},
    ]});
    let replaced = replace(&app, &company, id(&job), &body).data(200);
    let requirements = json!([
        {"anyOf": ["GWO_WAH", "GWO_FA"], "mandatory": true, "minTrust": "EVIDENCE_ATTACHED"},
        {"anyOf": ["BOSIET"], "mandatory": false, "minTrust": null},
    ]);
    assert_eq!(replaced, with(&job, &json!({"requirements": requirements, "updatedAt": replaced["updatedAt"]})));
    assert!(text(&replaced["updatedAt"]) > text(&job["updatedAt"]));
    let path = format!("/api/jobs/{}", id(&job));
    assert_eq!(app.get(&path).send().data(200)["requirements"], requirements);
    assert_eq!(app.get("/api/jobs").send().data(200)[0]["requirements"], requirements);
    let own = app.get("/api/companies/me/jobs").bearer(&company.token).send().data(200);
    assert_eq!(own[0]["requirements"], requirements);

    let again = replace(&app, &company, id(&job), &body).data(200);
    assert_eq!(again, replaced, "the same set changes nothing");
    let none = replace(&app, &company, id(&job), &json!({"requirements": []})).data(200);
    assert_eq!(none["requirements"], json!([]));
}

#[test]
fn a_draft_gets_requirements_and_a_closed_job_does_not() {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.post_job(&company, &json!({}));
    let heights = requiring(&["GWO_WAH"]);
    assert_eq!(replace(&app, &company, id(&job), &heights).data(200)["status"], "DRAFT");
    move_to(&app, &company, id(&job), "CLOSED").data(200);
    assert_eq!(replace(&app, &company, id(&job), &heights).code(409), "job_closed");
    assert_eq!(replace(&app, &company, id(&job), &json!({"requirements": []})).code(409), "job_closed");
    assert_eq!(replace(&app, &company, UNKNOWN_ID, &heights).code(404), "not_found");
    let open = app.post_job(&company, &json!({"status": "OPEN"}));
    assert_eq!(replace(&app, &app.company("siemens"), id(&open), &heights).code(403), "forbidden");
}

#[test]
fn each_wrong_entry_of_requirements_is_named() {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.post_job(&company, &json!({"status": "OPEN"}));
    let put = |body: &Value| replace(&app, &company, id(&job), body);
    let unknown = put(&json!({"requirements": [
        {"anyOf": ["GWO_WAH", "GWO_XYZ", "wahr"], "mandatory": true, "minTrust": "REJECTED"},
        {"anyOf": [], "mandatory": "yes"},
        {"anyOf": [5], "codes": 1},
        "GWO_WAH",
    ]}));
    assert_eq!(
        unknown.fields(),
        [
            "requirements[0].anyOf[1]: not_allowed",
            "requirements[0].anyOf[2]: duplicate",
            "requirements[0].minTrust: not_allowed",
            "requirements[1].anyOf: required",
            "requirements[1].mandatory: wrong_type",
            "requirements[2].anyOf[0]: wrong_type",
            "requirements[2].mandatory: required",
            "requirements[2].codes: unknown_field",
            "requirements[3]: wrong_type",
        ]
    );
    let first = &unknown.body()["details"][0];
    assert!(text(&first["message"]).contains("GWO_XYZ"), "{first}");
    for body in [json!({}), json!({"requirements": null})] {
        assert_eq!(put(&body).fields().len(), 1, "{body}");
    }
    let many = json!({"requirements": vec![json!({"anyOf": ["GWO_WAH"], "mandatory": true}); 31]});
    assert_eq!(put(&many).fields(), field_errors(&["requirements"], "too_long"));
    let eleven = json!({"requirements": [{"anyOf": vec!["GWO_WAH"; 11], "mandatory": true}]});
    assert_eq!(put(&eleven).fields(), field_errors(&["requirements[0].anyOf"], "too_long"));
    assert_eq!(app.get(&format!("/api/jobs/{}", id(&job))).send().data(200)["requirements"], json!([]));
}

#[test]
fn jobs_are_filtered_by_a_type_that_they_ask_for() {
    let app = App::start();
    let company = app.company("vestas");
    let days = ["2027-03-01", "2027-03-05"];
    a_job(&app, &company, "sea", &["GWO_SS"], days);
    a_job(&app, &company, "both", &["GWO_WAH", "GWO_SS"], days);
    app.post_job(&company, &json!({"title": "none", "status": "OPEN"}));
    assert_eq!(found(&app, "certification=GWO_SS"), ["both", "sea"]);
    assert_eq!(found(&app, "certification=wahr"), ["both"]);
    assert_eq!(found(&app, "certification=GWO_WAH&country=SE"), Vec::<String>::new());
    assert_eq!(found(&app, "certification=BOSIET"), Vec::<String>::new());
    assert_eq!(app.get("/api/jobs?certification=GWO_XYZ").send().fields(), ["certification: not_allowed"]);
}

#[test]
fn a_technician_finds_the_jobs_whose_requirements_they_meet_on_every_day() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let days = ["2027-03-01", "2027-03-05"];
    a_job(&app, &company, "two", &["GWO_WAH", "IRATA_L1"], days);
    a_job(&app, &company, "late", &["GWO_WAH"], ["2027-03-01", "2027-03-06"]);
    a_job(&app, &company, "heights", &["GWO_WAH"], days);
    app.post_job(&company, &json!({"title": "none", "status": "OPEN"}));
    let titles = |query: &str| each(&qualified(&app, &technician, query).data(200), "title");
    assert_eq!(titles(""), ["none"]);
    certify(&app, &technician, "GWO_WAH", "2025-03-05", "2027-03-05");
    assert_eq!(titles(""), ["none", "heights"]);
    certify(&app, &technician, "IRATA_L3", "2026-01-01", "2029-01-01");
    assert_eq!(titles(""), ["none", "heights", "two"]);
    assert_eq!(titles("&certification=IRATA_L1"), ["two"]);
    certify(&app, &technician, "GWO_WAH", "2027-03-06", "2029-03-06");
    assert_eq!(titles("&sort=startDate").len(), 4);

    let first = qualified(&app, &technician, "&limit=1");
    assert_eq!((first.header("cache-control"), first.header("etag")), (Some("private, no-store"), None));
    let cursor = text(&first.body()["meta"]["nextCursor"]);
    let next = qualified(&app, &technician, &format!("&limit=100&cursor={cursor}"));
    assert_eq!(each(&next.data(200), "title"), ["heights", "late", "two"]);
    let other = qualified(&app, &app.technician("toma"), &format!("&cursor={cursor}"));
    assert_eq!(other.code(400), "invalid_cursor", "it is of another technician's list");
}

#[test]
fn only_a_technician_asks_for_the_jobs_that_they_are_qualified_for() {
    let app = App::start();
    let company = app.company("vestas");
    a_job(&app, &company, "heights", &["GWO_WAH"], ["2027-03-01", "2027-03-05"]);
    let anonymous = |query: &str| app.get(&format!("/api/jobs?{query}")).send();
    assert_eq!(anonymous("qualifiedOnly=true").code(401), "unauthenticated");
    assert_eq!(anonymous("qualified%4fnly=true").code(401), "unauthenticated");
    assert_eq!(anonymous("qualifiedOnly=true&dayRateMin=x").code(401), "unauthenticated");
    assert_eq!(qualified(&app, &company, "&dayRateMin=x").code(403), "forbidden");
    let technician = app.technician("tanja");
    let encoded = app.get("/api/jobs?qualified%4fnly=true").bearer(&company.token).send();
    assert_eq!(encoded.code(403), "forbidden");
    assert_eq!(qualified(&app, &technician, "&dayRateMin=x").fields(), ["dayRateMin: wrong_type"]);
    assert_eq!(anonymous("qualifiedOnly=yes").fields(), ["qualifiedOnly: wrong_type"]);
    assert_eq!(found(&app, "qualifiedOnly=false"), ["heights"]);
    let bad_token = app.get("/api/jobs?qualifiedOnly=false").bearer("no token").send();
    assert_eq!(each(&bad_token.data(200), "title"), ["heights"], "a token is ignored otherwise");
}
