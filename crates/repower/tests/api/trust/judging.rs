//! `GET /api/admin/certifications` and `PATCH /api/admin/certifications/{id}`.

use serde_json::{Value, json};

use super::{acts, appeal, certify, edit, judge, own, queue};
use crate::support::{App, each, encoded, text, with};

#[test]
fn the_queue_has_what_a_verifier_needs_oldest_first() {
    let app = App::start();
    let (tanja, tom, root) = (app.technician("tanja"), app.technician("tom"), app.super_admin());
    let card = json!({"windaId": "ta123456dk", "irataNumber": "3/12345"});
    app.patch("/api/technicians/me").bearer(&tanja.token).json(&card).send().data(200);
    let refresher = json!({"typeCode": "WAHR", "validUntil": "2034-01-30"});
    let first = certify(&app, &tanja, &refresher);
    let second = certify(&app, &tom, &json!({}));
    certify(&app, &tom, &json!({"documentUrl": null}));
    let listed = queue(&app, &root, "?trust=EVIDENCE_ATTACHED");
    assert_eq!(each(&listed, "id"), [&first, &second].map(|one| text(&one["id"])));
    let technician = json!({"id": tanja.id, "fullName": "tanja", "windaId": "TA123456DK", "irataNumber": "3/12345"});
    assert_eq!(listed[0], with(&first, &json!({"revision": 1, "technician": technician})));
    assert_eq!(listed[0]["warnings"], json!(["REFRESHER_WITHOUT_PREDECESSOR", "DIFFERS_FROM_PROPOSAL"]));
    assert_eq!(listed[1]["technician"]["windaId"], Value::Null);
    assert_eq!(queue(&app, &root, "").as_array().unwrap().len(), 3);
}

#[test]
fn the_queue_is_paged_and_a_cursor_is_of_its_filter() {
    let app = App::start();
    let (tanja, root) = (app.technician("tanja"), app.super_admin());
    let all: Vec<_> = (0..5).map(|_| text(&certify(&app, &tanja, &json!({}))["id"])).collect();
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let path = format!("/api/admin/certifications?trust=EVIDENCE_ATTACHED&limit=2&cursor={cursor}");
        let body = app.get(&path).bearer(&root.token).send().body();
        seen.extend(each(&body["data"], "id"));
        let Some(next) = body["meta"]["nextCursor"].as_str() else { break };
        cursor = encoded(next);
        // A row that leaves the list moves no other.
        judge(&app, &root, &json!({"id": seen[0]}), &json!({"trust": "VERIFIED"})).data(200);
    }
    assert_eq!(seen, all);
    let other = format!("/api/admin/certifications?trust=VERIFIED&cursor={cursor}");
    assert_eq!(app.get(&other).bearer(&root.token).send().code(400), "invalid_cursor");
}

#[test]
fn a_reading_of_the_queue_is_recorded_with_its_filter() {
    let app = App::start();
    let root = app.super_admin();
    queue(&app, &root, "?trust=REJECTED");
    let log = app.get("/api/admin/audit?action=CERTIFICATIONS_LISTED").bearer(&root.token).send().data(200);
    let shown = ["subjectType", "subjectId", "before", "after"].map(|field| &log[0][field]);
    assert_eq!(
        shown,
        [&json!("CERTIFICATION"), &Value::Null, &json!({}), &json!({"trust": "REJECTED", "appealed": null})]
    );
    queue(&app, &root, "?appealed=true");
    let log = app.get("/api/admin/audit?action=CERTIFICATIONS_LISTED").bearer(&root.token).send().data(200);
    assert_eq!(log[0]["after"], json!({"trust": null, "appealed": true}));
}

#[test]
fn a_verdict_is_seen_by_the_technician_with_its_note_and_recorded_with_both_states() {
    let app = App::start();
    let (tanja, root) = (app.technician("tanja"), app.super_admin());
    let one = certify(&app, &tanja, &json!({}));
    assert_eq!(
        (&one["trust"], &one["note"], &one["appeal"]),
        (&json!("EVIDENCE_ATTACHED"), &Value::Null, &Value::Null)
    );
    let rejected = json!({"trust": "REJECTED", "note": "The scan is blurred", "voidedOn": "2026-06-01"});
    let judged = judge(&app, &root, &one, &rejected).data(200);
    assert_eq!((&judged["revision"], &judged["technician"]["fullName"]), (&json!(2), &json!("tanja")));
    assert_eq!(own(&app, &tanja, &one), with(&one, &with(&rejected, &json!({"status": judged["status"]}))));
    let verified = judge(&app, &root, &one, &json!({"trust": "VERIFIED", "voidedOn": null})).data(200);
    assert_eq!(
        (&verified["trust"], &verified["note"], &verified["voidedOn"]),
        (&json!("VERIFIED"), &Value::Null, &Value::Null)
    );
    let state = |trust: &str, note: Value, day: Value| json!({"trust": trust, "note": note, "voidedOn": day, "appeal": null, "revocationId": null});
    let states = [
        state("EVIDENCE_ATTACHED", Value::Null, Value::Null),
        state("REJECTED", json!("The scan is blurred"), json!("2026-06-01")),
        state("VERIFIED", Value::Null, Value::Null),
    ];
    let expected = [0, 1].map(|step| json!([root.user_id, "CERTIFICATION_JUDGED", states[step], states[step + 1]]));
    assert_eq!(acts(&app, &root), expected);
}

#[test]
fn a_decision_is_taken_back_to_the_trust_of_the_document() {
    let app = App::start();
    let (tanja, root) = (app.technician("tanja"), app.super_admin());
    for (document, back, wrong) in [
        (json!({}), "EVIDENCE_ATTACHED", "SELF_DECLARED"),
        (json!({"documentUrl": null}), "SELF_DECLARED", "EVIDENCE_ATTACHED"),
    ] {
        let one = certify(&app, &tanja, &document);
        // Without a document too: the verifier may have seen it elsewhere.
        judge(&app, &root, &one, &json!({"trust": "VERIFIED", "note": "Seen in WINDA"})).data(200);
        assert_eq!(judge(&app, &root, &one, &json!({"trust": wrong})).code(409), "invalid_transition");
        let undecided = judge(&app, &root, &one, &json!({"trust": back})).data(200);
        assert_eq!((&undecided["trust"], &undecided["note"]), (&json!(back), &Value::Null));
    }
}

#[test]
fn the_same_verdict_again_changes_nothing_and_is_a_reading() {
    let app = App::start();
    let (tanja, root) = (app.technician("tanja"), app.super_admin());
    let one = certify(&app, &tanja, &json!({}));
    let first = judge(&app, &root, &one, &json!({"trust": "VERIFIED", "note": "Seen"})).data(200);
    assert_eq!(judge(&app, &root, &one, &json!({"trust": "VERIFIED"})).data(200), first);
    let acts = acts(&app, &root);
    assert_eq!(acts[1..], [json!([root.user_id, "CERTIFICATION_READ", {}, {}])]);
}

#[test]
fn no_verdict_lands_on_a_revision_that_the_verifier_has_not_seen() {
    let app = App::start();
    let (tanja, root) = (app.technician("tanja"), app.super_admin());
    let one = certify(&app, &tanja, &json!({}));
    let seen = queue(&app, &root, "")[0]["revision"].clone();
    edit(&app, &tanja, &one, &json!({"documentUrl": "https://certificates.example/other"})).data(200);
    let verdict = |revision: &Value| json!({"trust": "VERIFIED", "revision": revision});
    assert_eq!(judge(&app, &root, &one, &verdict(&seen)).code(409), "conflict");
    assert_eq!(own(&app, &tanja, &one)["trust"], "EVIDENCE_ATTACHED");
    let seen = queue(&app, &root, "")[0]["revision"].clone();
    judge(&app, &root, &one, &verdict(&seen)).data(200);
    // Of two verifiers that have seen the same revision, the second one gets an error.
    assert_eq!(
        judge(&app, &root, &one, &json!({"trust": "REJECTED", "note": "No", "revision": seen})).code(409),
        "conflict"
    );
}

#[test]
fn every_wrong_field_of_a_verdict_is_reported() {
    let app = App::start();
    let (tanja, root) = (app.technician("tanja"), app.super_admin());
    let one = certify(&app, &tanja, &json!({}));
    for (body, expected) in [
        (json!({}), vec!["trust: required"]),
        (json!({"trust": "TRUSTED"}), vec!["trust: not_allowed"]),
        (json!({"trust": "REJECTED"}), vec!["note: required"]),
        (json!({"trust": "REVOKED", "note": null}), vec!["note: required"]),
        (json!({"trust": "REVOKED", "note": " "}), vec!["note: required"]),
        (json!({"trust": "VERIFIED", "note": "x".repeat(1_001)}), vec!["note: too_long"]),
        (
            json!({"trust": "VERIFIED", "voidedOn": "soon", "revision": 0}),
            vec!["voidedOn: invalid_format", "revision: out_of_range"],
        ),
        (json!({"trust": "VERIFIED", "verdict": true}), vec!["verdict: unknown_field"]),
    ] {
        assert_eq!(judge(&app, &root, &one, &body).fields(), expected, "{body}");
    }
    assert_eq!(own(&app, &tanja, &one), one);
    for query in ["?trust=ANY", "?appealed=perhaps"] {
        app.get(&format!("/api/admin/certifications{query}")).bearer(&root.token).send().code(400);
    }
}

#[test]
fn an_edit_answers_neither_a_rejection_nor_a_revocation() {
    let app = App::start();
    let (tanja, root) = (app.technician("tanja"), app.super_admin());
    for trust in ["REJECTED", "REVOKED"] {
        let one = certify(&app, &tanja, &json!({}));
        judge(&app, &root, &one, &json!({"trust": trust, "note": "Blurred"})).data(200);
        appeal(&app, &tanja, &one, "It is not").data(201);
        for changes in [json!({"name": "Heights"}), json!({"documentUrl": "https://certificates.example/better"})] {
            let edited = edit(&app, &tanja, &one, &changes).data(200);
            let judged = [&edited["trust"], &edited["note"], &edited["appeal"]];
            assert_eq!(judged, [&json!(trust), &json!("Blurred"), &json!("It is not")]);
        }
    }
}

#[test]
fn a_rejected_certification_is_found_by_no_search_and_counted_in_no_summary() {
    let app = App::start();
    let (tanja, company, root) = (app.technician("tanja"), app.company("vestas"), app.super_admin());
    let one = certify(&app, &tanja, &json!({}));
    let found = || app.get("/api/technicians?certification=heights").bearer(&company.token).send().data(200);
    let passport =
        || app.get(&format!("/api/technicians/{}/passport", tanja.id)).bearer(&company.token).send().data(200);
    assert_eq!((found().as_array().unwrap().len(), &passport()["summary"]["certifications"]["valid"]), (1, &json!(1)));
    judge(&app, &root, &one, &json!({"trust": "REJECTED", "note": "Blurred"})).data(200);
    assert_eq!((found(), &passport()["summary"]["certifications"]["valid"]), (json!([]), &json!(0)));
    let shown = &passport()["certifications"][0];
    // A company sees the decision, and not the note to the technician.
    assert_eq!((&shown["trust"], shown.get("note"), shown.get("appeal")), (&json!("REJECTED"), None, None));
    judge(&app, &root, &one, &json!({"trust": "VERIFIED"})).data(200);
    assert_eq!(found().as_array().unwrap().len(), 1);
}
