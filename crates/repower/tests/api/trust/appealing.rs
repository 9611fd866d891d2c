//! `POST /api/technicians/me/certifications/{id}/appeal`

use serde_json::{Value, json};

use super::{CERTIFICATIONS, QUEUE, acts, appeal, certify, judge, own, queue, read_by_company, revoke};
use crate::support::{App, each, text};

#[test]
fn an_appeal_is_shown_to_verifiers_until_they_judge_again() {
    let app = App::start();
    let (tanja, root) = (app.technician("tanja"), app.super_admin());
    let (one, other) = (certify(&app, &tanja, &json!({})), certify(&app, &tanja, &json!({"provider": "Ghost"})));
    judge(&app, &root, &one, &json!({"trust": "REJECTED", "note": "Not in WINDA"})).data(200);
    revoke(&app, &root, "ghost").data(201);
    for (certification, trust) in [(&one, "REJECTED"), (&other, "REVOKED")] {
        let reply = appeal(&app, &tanja, certification, "It is there since March");
        assert_eq!(reply.header("Location"), Some(&*format!("{CERTIFICATIONS}/{}", text(&certification["id"]))));
        let appealed = reply.data(201);
        assert_eq!((&appealed["appeal"], &appealed["trust"]), (&json!("It is there since March"), &json!(trust)));
        assert_eq!(own(&app, &tanja, certification), appealed);
    }
    let open = || each(&queue(&app, &root, "?appealed=true"), "id");
    assert_eq!(open(), [&one, &other].map(|one| text(&one["id"])));
    assert_eq!(queue(&app, &root, "?trust=REJECTED")[0]["appeal"], "It is there since March");
    // The same verdict again answers it too.
    judge(&app, &root, &one, &json!({"trust": "REJECTED", "note": "Not in WINDA"})).data(200);
    judge(&app, &root, &other, &json!({"trust": "VERIFIED"})).data(200);
    assert_eq!(open(), [""; 0]);
    assert_eq!(own(&app, &tanja, &one)["appeal"], Value::Null);
}

#[test]
fn another_appeal_takes_the_place_of_the_open_one_and_both_are_recorded() {
    let app = App::start();
    let (tanja, root) = (app.technician("tanja"), app.super_admin());
    let one = certify(&app, &tanja, &json!({}));
    judge(&app, &root, &one, &json!({"trust": "REJECTED", "note": "Blurred"})).data(200);
    appeal(&app, &tanja, &one, "It is not").data(201);
    appeal(&app, &tanja, &one, "See page 2").data(201);
    assert_eq!(own(&app, &tanja, &one)["appeal"], "See page 2");
    let recorded = |before: Value, after: &str| json!([tanja.user_id, "CERTIFICATION_APPEALED", {"appeal": before}, {"appeal": after}]);
    let expected = [recorded(Value::Null, "It is not"), recorded(json!("It is not"), "See page 2")];
    assert_eq!(acts(&app, &root)[1..], expected);
}

#[test]
fn only_the_technician_appeals_and_only_against_a_rejection_or_revocation() {
    let app = App::start();
    let (tanja, tom, root) = (app.technician("tanja"), app.technician("tom"), app.super_admin());
    let one = certify(&app, &tanja, &json!({}));
    assert_eq!(appeal(&app, &tanja, &one, "No").code(409), "not_appealable");
    judge(&app, &root, &one, &json!({"trust": "VERIFIED"})).data(200);
    assert_eq!(appeal(&app, &tanja, &one, "No").code(409), "not_appealable");
    judge(&app, &root, &one, &json!({"trust": "REJECTED", "note": "Blurred"})).data(200);
    assert_eq!(appeal(&app, &tom, &one, "No").code(404), "not_found");
    let path = format!("{CERTIFICATIONS}/{}/appeal", text(&one["id"]));
    for (body, expected) in [
        (json!({}), "text: required"),
        (json!({"text": " "}), "text: required"),
        (json!({"text": "x".repeat(2_001)}), "text: too_long"),
        (json!({"text": 5}), "text: wrong_type"),
    ] {
        assert_eq!(app.post(&path).bearer(&tanja.token).json(&body).send().fields(), [expected]);
    }
    assert_eq!(own(&app, &tanja, &one)["appeal"], Value::Null);
}

#[test]
fn no_company_sees_the_note_of_a_verifier_or_an_open_appeal() {
    let app = App::start();
    let (tanja, company, root) = (app.technician("tanja"), app.company("vestas"), app.super_admin());
    let verified = certify(&app, &tanja, &json!({"typeCode": "GWO_WAH"}));
    let (rejected, revoked) = (certify(&app, &tanja, &json!({})), certify(&app, &tanja, &json!({"provider": "Ghost"})));
    judge(&app, &root, &verified, &json!({"trust": "VERIFIED", "note": "Seen in WINDA"})).data(200);
    judge(&app, &root, &rejected, &json!({"trust": "REJECTED", "note": "The scan is blurred"})).data(200);
    revoke(&app, &root, "ghost").data(201);
    appeal(&app, &tanja, &rejected, "It is readable").data(201);
    appeal(&app, &tanja, &revoked, "It was three days").data(201);
    let words = ["Seen in WINDA", "The scan is blurred", "Invented records", "It is readable", "It was three days"];
    let texts = || words.iter().chain(&["\"note\"", "\"appeal\""]);
    for (path, person) in [("/api/technicians/me/passport", &tanja), (QUEUE, &root)] {
        let shown = app.get(path).bearer(&person.token).send().text;
        assert!(texts().all(|text| shown.contains(text)), "{path} lacks one: {shown}");
    }
    for (path, shown) in read_by_company(&app, &company, &tanja, &verified) {
        for hidden in texts() {
            assert!(!shown.contains(hidden), "{path} has {hidden}");
        }
    }
    let passport = app.get(&format!("/api/technicians/{}/passport", tanja.id)).bearer(&company.token).send().data(200);
    let mut trusts = each(&passport["certifications"], "trust");
    trusts.sort_unstable();
    assert_eq!(trusts, ["REJECTED", "REVOKED", "VERIFIED"], "the decisions are seen");
}
