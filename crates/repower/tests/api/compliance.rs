//! Availability of technicians, and their compliance with the requirements of jobs.

use serde_json::{Value, json};

use crate::support::{App, Person, Reply, UNKNOWN_ID, each, text};

const AVAILABILITY: &str = "/api/technicians/me/availability";

/// An open job on these days with these requirements.
fn a_job(app: &App, company: &Person, requirements: &Value, first: &str, last: &str) -> String {
    let job = app.post_job(company, &json!({"status": "OPEN", "startDate": first, "endDate": last}));
    let id = text(&job["id"]);
    let body = json!({ "requirements": requirements });
    app.put(&format!("/api/jobs/{id}/requirements")).bearer(&company.token).json(&body).send().data(200);
    id
}

fn certify(app: &App, technician: &Person, body: &Value) -> String {
    let mut certification = json!({"name": "A certificate", "provider": "Falck Safety"});
    certification.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    let path = "/api/technicians/me/certifications";
    let added = app.post(path).bearer(&technician.token).json(&certification).send().data(201);
    text(&added["id"])
}

fn compliance(app: &App, caller: &Person, job: &str, query: &str) -> Reply {
    app.get(&format!("/api/jobs/{job}/compliance{query}")).bearer(&caller.token).send()
}

fn own(app: &App, technician: &Person, job: &str) -> Value {
    compliance(app, technician, job, "").data(200)
}

fn replace(app: &App, technician: &Person, body: &Value) -> Reply {
    app.put(AVAILABILITY).bearer(&technician.token).json(body).send()
}

fn accept(app: &App, application: &str, by: &Person) -> Reply {
    let path = format!("/api/applications/{application}/status");
    app.patch(&path).bearer(&by.token).json(&json!({"status": "ACCEPTED"})).send()
}

/// An application of a technician for a job that is offered.
fn offer(app: &App, job: &str, company: &Person, technician: &Person) -> String {
    let path = format!("/api/jobs/{job}/applications");
    let application = app.post(&path).bearer(&technician.token).json(&json!({})).send().data(201);
    let id = text(&application["id"]);
    let path = format!("/api/applications/{id}/status");
    app.patch(&path).bearer(&company.token).json(&json!({"status": "OFFERED"})).send().data(200);
    id
}

#[test]
fn each_requirement_has_its_status_and_its_evidence() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let requirements = json!([
        {"anyOf": ["GWO_WAH"], "mandatory": true, "minTrust": "EVIDENCE_ATTACHED"},
        {"anyOf": ["IRATA_L1"], "mandatory": true},
        {"anyOf": ["GWO_FA", "GWO_EFA"], "mandatory": true},
        {"anyOf": ["GWO_SS"], "mandatory": false},
    ]);
    let job = a_job(&app, &company, &requirements, "2032-03-01", "2032-03-10");
    let doubtful = json!({"typeCode": "GWO_WAH", "validFrom": "2031-06-01", "validUntil": "2033-06-01"});
    let doubtful = certify(&app, &technician, &doubtful);
    let ropes = json!({"typeCode": "IRATA_L3", "validFrom": "2030-01-01", "validUntil": "2032-04-30"});
    let ropes = certify(&app, &technician, &ropes);
    let aid = json!({"typeCode": "GWO_FA", "validFrom": "2030-03-05", "validUntil": "2032-03-05"});
    let aid = certify(&app, &technician, &aid);
    let mut expected = json!({
        "overall": "MISSING",
        "availability": "UNKNOWN",
        "groups": [
            {"anyOf": ["GWO_WAH"], "mandatory": true, "minTrust": "EVIDENCE_ATTACHED", "status": "MISSING",
             "coveredUntil": null, "certificationIds": [], "trust": null, "belowMinTrust": [doubtful], "renewBy": null},
            {"anyOf": ["IRATA_L1"], "mandatory": true, "minTrust": null, "status": "COMPLIANT", "coveredUntil": null,
             "certificationIds": [ropes], "trust": "SELF_DECLARED", "belowMinTrust": [], "renewBy": "2032-04-30"},
            {"anyOf": ["GWO_FA", "GWO_EFA"], "mandatory": true, "minTrust": null, "status": "EXPIRES_DURING",
             "coveredUntil": "2032-03-05", "certificationIds": [aid], "trust": "SELF_DECLARED", "belowMinTrust": [],
             "renewBy": "2032-03-05"},
            {"anyOf": ["GWO_SS"], "mandatory": false, "minTrust": null, "status": "MISSING", "coveredUntil": null,
             "certificationIds": [], "trust": null, "belowMinTrust": [], "renewBy": null},
        ],
    });
    assert_eq!(own(&app, &technician, &job), expected);
    let by_company = format!("?technicianId={}", technician.id);
    assert_eq!(compliance(&app, &company, &job, &by_company).data(200), expected);

    let path = format!("/api/technicians/me/certifications/{doubtful}");
    let document = json!({"documentUrl": "https://falck.example/1"});
    app.patch(&path).bearer(&technician.token).json(&document).send().data(200);
    expected["overall"] = json!("EXPIRES_DURING");
    expected["groups"][0]["status"] = json!("COMPLIANT");
    expected["groups"][0]["certificationIds"] = json!([doubtful]);
    expected["groups"][0]["trust"] = json!("EVIDENCE_ATTACHED");
    expected["groups"][0]["belowMinTrust"] = json!([]);
    assert_eq!(own(&app, &technician, &job), expected);
}

#[test]
fn a_job_without_requirements_suits_everybody() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = a_job(&app, &company, &json!([]), "2032-03-01", "2032-03-10");
    let expected = json!({"overall": "COMPLIANT", "groups": [], "availability": "UNKNOWN"});
    assert_eq!(own(&app, &technician, &job), expected);
}

#[test]
fn a_company_names_a_technician_whom_it_may_see_and_a_technician_names_none() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = a_job(&app, &company, &json!([]), "2032-03-01", "2032-03-10");
    let of = |id: &str| format!("?technicianId={id}");
    assert_eq!(compliance(&app, &company, &job, "").fields(), ["technicianId: required"]);
    assert_eq!(compliance(&app, &company, &job, &of("x")).fields(), ["technicianId: invalid_format"]);
    assert_eq!(compliance(&app, &company, &job, &of(UNKNOWN_ID)).code(404), "not_found");
    assert_eq!(compliance(&app, &technician, &job, &of(&technician.id)).fields(), ["technicianId: not_allowed"]);
    let other = app.company("siemens");
    assert_eq!(compliance(&app, &other, &job, &of(&technician.id)).code(403), "forbidden");
    let hidden = json!({"visibility": "APPLIED"});
    app.patch("/api/technicians/me").bearer(&technician.token).json(&hidden).send().data(200);
    assert_eq!(compliance(&app, &company, &job, &of(&technician.id)).code(404), "not_found");
    offer(&app, &job, &company, &technician);
    assert_eq!(compliance(&app, &company, &job, &of(&technician.id)).data(200)["overall"], "COMPLIANT");
}

#[test]
fn periods_are_replaced_as_a_whole_and_read_in_the_order_of_their_days() {
    let app = App::start();
    let technician = app.technician("tanja");
    let read = || app.get(AVAILABILITY).bearer(&technician.token).send().data(200);
    assert_eq!(read(), json!({"periods": []}));
    let (march, april) = (
        json!({"from": "2032-03-01", "to": "2032-03-31", "kind": "BUSY"}),
        json!({"from": "2032-04-01", "to": "2032-04-01", "kind": "FREE"}),
    );
    let replaced = replace(&app, &technician, &json!({"periods": [april, march]})).data(200);
    assert_eq!(replaced, json!({"periods": [march, april]}));
    assert_eq!(read(), replaced);
    assert_eq!(replace(&app, &technician, &json!({"periods": []})).data(200), json!({"periods": []}));
    assert_eq!(read(), json!({"periods": []}));
}

#[test]
fn each_wrong_period_is_named_and_nothing_is_stored() {
    let app = App::start();
    let technician = app.technician("tanja");
    let wrong = replace(
        &app,
        &technician,
        &json!({"periods": [
            {"from": "2032-03-10", "to": "2032-03-20", "kind": "BUSY"},
            {"from": "2032-03-05", "to": "2032-03-04", "kind": "AWAY"},
            {"from": "2032-03-20", "to": "2032-03-21", "kind": "FREE"},
            {"from": "2032-02-30"},
            7,
        ]}),
    );
    assert_eq!(
        wrong.fields(),
        [
            "periods[1].to: inconsistent",
            "periods[1].kind: not_allowed",
            "periods[2].from: duplicate",
            "periods[3].from: invalid_format",
            "periods[3].to: required",
            "periods[3].kind: required",
            "periods[4]: wrong_type",
        ]
    );
    let day = |number: usize| {
        let date = format!("20{:02}-03-01", 30 + number % 70);
        json!({"from": date, "to": date, "kind": "FREE"})
    };
    let many: Vec<_> = (0..101).map(day).collect();
    assert_eq!(replace(&app, &technician, &json!({ "periods": many })).fields(), ["periods: too_long"]);
    for body in [json!({}), json!({"periods": null}), json!({"periods": {}})] {
        assert_eq!(replace(&app, &technician, &body).fields().len(), 1, "{body}");
    }
    assert_eq!(app.get(AVAILABILITY).bearer(&technician.token).send().data(200), json!({"periods": []}));
}

#[test]
fn the_availability_on_the_days_of_a_job_is_the_worst_of_them() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let none = json!([]);
    let job = a_job(&app, &company, &none, "2032-03-10", "2032-03-20");
    let availability = || text(&own(&app, &technician, &job)["availability"]);
    assert_eq!(availability(), "UNKNOWN");
    let from = |day: &str| {
        let body = json!({ "availabilityFrom": day });
        app.patch("/api/technicians/me").bearer(&technician.token).json(&body).send().data(200)
    };
    from("2032-03-10");
    assert_eq!(availability(), "FREE");
    from("2032-03-11");
    assert_eq!(availability(), "BUSY");
    let free = json!({"from": "2032-03-01", "to": "2032-03-31", "kind": "FREE"});
    replace(&app, &technician, &json!({"periods": [free]})).data(200);
    assert_eq!(availability(), "FREE");
    let other = a_job(&app, &company, &none, "2032-03-20", "2032-03-22");
    accept(&app, &offer(&app, &other, &company, &technician), &technician).data(200);
    assert_eq!(availability(), "BOOKED");
    assert_eq!(own(&app, &technician, &other)["availability"], "FREE", "the own acceptance is no other one");
}

#[test]
fn a_technician_accepts_one_of_two_jobs_on_the_same_day() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let other_company = app.company("siemens");
    let none = json!([]);
    let first = a_job(&app, &company, &none, "2032-03-10", "2032-03-20");
    let second = a_job(&app, &other_company, &none, "2032-03-20", "2032-03-25");
    let third = a_job(&app, &other_company, &none, "2032-03-21", "2032-03-25");
    let offers = [(&first, &company), (&second, &other_company), (&third, &other_company)]
        .map(|(job, company)| offer(&app, job, company, &technician));
    accept(&app, &offers[0], &technician).data(200);
    assert_eq!(accept(&app, &offers[1], &technician).code(409), "already_booked");
    assert_eq!(accept(&app, &offers[1], &other_company).code(409), "already_booked");
    let path = format!("/api/applications/{}", offers[1]);
    let refused = app.get(&path).bearer(&technician.token).send().data(200);
    assert_eq!((&refused["status"], refused["history"].as_array().unwrap().len()), (&json!("OFFERED"), 2));
    accept(&app, &offers[2], &technician).data(200);

    let edit = |job: &str, company: &Person, last: &str| {
        let body = json!({ "endDate": last });
        app.patch(&format!("/api/jobs/{job}")).bearer(&company.token).json(&body).send()
    };
    assert_eq!(edit(&first, &company, "2032-03-21").code(409), "already_booked");
    edit(&first, &company, "2032-03-12").data(200);
    assert_eq!(accept(&app, &offers[1], &technician).code(409), "already_booked");
    edit(&third, &other_company, "2032-03-30").data(200);
    let path = format!("/api/jobs/{second}");
    let earlier = json!({"startDate": "2032-03-13", "endDate": "2032-03-20"});
    app.patch(&path).bearer(&other_company.token).json(&earlier).send().data(200);
    accept(&app, &offers[1], &technician).data(200);
}

fn candidates(app: &App, caller: &Person, job: &str, query: &str) -> Reply {
    app.get(&format!("/api/jobs/{job}/candidates{query}")).bearer(&caller.token).send()
}

/// A company, its job, and technicians: a free one, one of unknown availability, one that meets all
/// requirements but one, one that meets none, and a hidden one.
fn a_job_with_candidates(app: &App) -> (Person, String, [Person; 5]) {
    let company = app.company("vestas");
    let people = ["free", "unknown", "near", "far", "hidden"].map(|name| app.technician(name));
    let [free, unknown, near, _, hidden] = &people;
    let requirements = json!([
        {"anyOf": ["GWO_SS"], "mandatory": false},
        {"anyOf": ["GWO_WAH"], "mandatory": true},
        {"anyOf": ["GWO_FA"], "mandatory": true},
    ]);
    let job = a_job(app, &company, &requirements, "2032-03-01", "2032-03-10");
    let held = |code: &str| json!({"typeCode": code, "validFrom": "2031-06-01", "validUntil": "2033-06-01"});
    for technician in [free, unknown, hidden] {
        certify(app, technician, &held("GWO_WAH"));
        certify(app, technician, &held("GWO_FA"));
    }
    let aid = json!({"typeCode": "GWO_FA", "validFrom": "2030-03-05", "validUntil": "2032-03-05"});
    certify(app, near, &held("GWO_WAH"));
    certify(app, near, &aid);
    let march = json!({"periods": [{"from": "2032-03-01", "to": "2032-03-31", "kind": "FREE"}]});
    for technician in [free, near] {
        replace(app, technician, &march).data(200);
    }
    let hide = json!({"visibility": "APPLIED"});
    app.patch("/api/technicians/me").bearer(&hidden.token).json(&hide).send().data(200);
    (company, job, people)
}

#[test]
fn candidates_are_listed_from_the_best_to_the_worst_with_the_reasons() {
    let app = App::start();
    let (company, job, [free, unknown, near, far, _]) = a_job_with_candidates(&app);
    let listed = candidates(&app, &company, &job, "").data(200);
    let facts: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["id"], one["compliance"]["overall"], one["availability"], one["failing"]]))
        .collect();
    assert_eq!(
        facts,
        [
            json!([free.id, "COMPLIANT", "FREE", []]),
            json!([unknown.id, "COMPLIANT", "UNKNOWN", []]),
            json!([near.id, "EXPIRES_DURING", "FREE", [2]]),
            json!([far.id, "MISSING", "UNKNOWN", [1, 2]]),
        ]
    );
    // It is the verdict that the technician alone has, and the technician of the search.
    let by_company = format!("?technicianId={}", near.id);
    let alone = compliance(&app, &company, &job, &by_company).data(200);
    assert_eq!(listed[2]["compliance"], json!({"overall": alone["overall"], "groups": alone["groups"]}));
    let searched = app.get("/api/technicians?q=near").bearer(&company.token).send().data(200);
    for (field, value) in searched[0].as_object().unwrap() {
        assert_eq!(&listed[2][field], value, "{field}");
    }
}

#[test]
fn candidates_are_paged_and_filtered() {
    let app = App::start();
    let (company, job, [free, unknown, near, far, _]) = a_job_with_candidates(&app);
    let ids = |query: &str| each(&candidates(&app, &company, &job, query).data(200), "id");
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = candidates(&app, &company, &job, &format!("?limit=1&cursor={cursor}")).body();
        paged.extend(each(&page["data"], "id"));
        let Some(next) = page["meta"]["nextCursor"].as_str() else { break };
        next.clone_into(&mut cursor);
    }
    assert_eq!(paged, ids(""));
    assert_eq!(ids("?overall=COMPLIANT"), [&*free.id, &unknown.id]);
    assert_eq!(ids("?overall=EXPIRES_DURING"), [&*near.id]);
    assert_eq!(ids("?overall=MISSING&availability=UNKNOWN"), [&*far.id]);
    assert_eq!(ids("?maxFailing=1"), [&*free.id, &unknown.id, &near.id]);
    assert_eq!(ids("?availability=FREE"), [&*free.id, &near.id]);
    assert_eq!(ids("?q=near"), [&*near.id]);
    // None of them is in force today.
    assert_eq!(ids("?certification=certificate&maxFailing=2"), [""; 0]);
    assert_eq!(ids("?country=JP"), [""; 0]);
}

#[test]
fn a_wrong_filter_of_candidates_is_named() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = a_job(&app, &company, &json!([]), "2032-03-01", "2032-03-10");
    let fields = |query: &str| candidates(&app, &company, &job, query).fields();
    assert_eq!(fields("?overall=GOOD"), ["overall: not_allowed"]);
    assert_eq!(fields("?maxFailing=31"), ["maxFailing: out_of_range"]);
    assert_eq!(fields("?availability=LATER"), ["availability: not_allowed"]);
    assert_eq!(candidates(&app, &company, &job, "?sort=createdAt").code(400), "validation_failed");
    assert_eq!(candidates(&app, &company, UNKNOWN_ID, "").code(404), "not_found");
    assert_eq!(candidates(&app, &technician, &job, "").code(403), "forbidden");
    assert_eq!(candidates(&app, &app.company("siemens"), &job, "").code(403), "forbidden");
}
