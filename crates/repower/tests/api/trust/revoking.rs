//! `/api/admin/revocations`

use repower_domain::trust::Revocation;
use serde_json::{Value, json};

use super::{REVOCATIONS, acts, certify, edit, judge, own, queue, revoke, undo};
use crate::support::{App, a_moment, each, text};

#[test]
fn a_revocation_is_of_the_provider_in_any_spelling_and_of_its_days() {
    let app = App::start();
    let (tanja, tom, root) = (app.technician("tanja"), app.technician("tom"), app.super_admin());
    let of =
        |person, provider: &str, day: &str| certify(&app, person, &json!({"provider": provider, "validFrom": day}));
    let covered = [
        of(&tanja, "Århus Training", "2025-01-01"),
        of(&tom, "AARHUS  training", "2025-06-30"),
        of(&tom, "arhus Training", "2025-03-01"),
    ];
    let spared = [
        of(&tom, "Århus Training", "2024-12-31"),
        of(&tanja, "Århus Training", "2025-07-01"),
        of(&tom, "Aarhus", "2025-03-01"),
    ];
    let reply = revoke(&app, &root, "århus training");
    assert_eq!(reply.header("Location"), Some(REVOCATIONS));
    let made = reply.data(201);
    a_moment(&made["createdAt"]);
    let expected = json!({
        "id": made["id"], "provider": "århus training", "issuedFrom": "2025-01-01", "issuedUntil": "2025-06-30",
        "reason": "Invented records", "count": 3, "undoneAt": null, "undoneCount": null, "createdAt": made["createdAt"],
    });
    assert_eq!(made, expected);
    let mut revoked = each(&queue(&app, &root, "?trust=REVOKED"), "id");
    let mut ids = covered.each_ref().map(|one| text(&one["id"])).to_vec();
    revoked.sort_unstable();
    ids.sort_unstable();
    assert_eq!(revoked, ids);
    assert_eq!(own(&app, &tanja, &covered[0])["note"], "Invented records");
    assert_eq!(own(&app, &tanja, &spared[1]), spared[1]);
    let terms = json!({
        "provider": "århus training", "issuedFrom": "2025-01-01", "issuedUntil": "2025-06-30", "reason": "Invented records",
    });
    assert_eq!(acts(&app, &root), [json!([root.user_id, "REVOCATION_CREATED", {}, terms])]);
}

#[test]
fn the_end_of_a_revocation_restores_what_is_still_as_it_left_it() {
    let app = App::start();
    let (tanja, root) = (app.technician("tanja"), app.super_admin());
    let ghost = json!({"provider": "Ghost", "typeCode": "GWO_WAH"});
    let [kept, verified, edited, judged] = [(); 4].map(|()| certify(&app, &tanja, &ghost));
    judge(&app, &root, &verified, &json!({"trust": "VERIFIED", "note": "Seen"})).data(200);
    let made = revoke(&app, &root, "Ghost").data(201);
    // The name of one with a type is no evidence, and the document is.
    edit(&app, &tanja, &verified, &json!({"name": "Heights"})).data(200);
    edit(&app, &tanja, &edited, &json!({"documentUrl": "https://certificates.example/8"})).data(200);
    judge(&app, &root, &judged, &json!({"trust": "REVOKED", "note": "This one too"})).data(200);
    let alone = acts(&app, &root).pop().unwrap();
    assert_eq!([&alone[2]["revocationId"], &alone[3]["revocationId"]], [&made["id"], &Value::Null]);
    let undone = undo(&app, &root, &made).data(200);
    a_moment(&undone["undoneAt"]);
    assert_eq!((&undone["count"], &undone["undoneCount"]), (&json!(4), &json!(2)));
    let states = [&kept, &verified, &edited, &judged].map(|one| own(&app, &tanja, one));
    let states = states.each_ref().map(|one| (one["trust"].as_str().unwrap(), one["note"].as_str()));
    let expected = [
        ("EVIDENCE_ATTACHED", None),
        ("VERIFIED", Some("Seen")),
        ("REVOKED", Some("Invented records")),
        ("REVOKED", Some("This one too")),
    ];
    assert_eq!(states, expected);
    // Again, it changes nothing.
    assert_eq!(undo(&app, &root, &made).data(200), undone);
    let listed = app.get(REVOCATIONS).bearer(&root.token).send().data(200);
    assert_eq!(listed, json!([undone]));
    let last = acts(&app, &root).pop().unwrap();
    assert_eq!((&last[1], &last[2]["provider"], &last[3]), (&json!("REVOCATION_UNDONE"), &json!("Ghost"), &json!({})));
}

#[test]
fn revocations_are_listed_newest_first_in_pages() {
    let app = App::start();
    let root = app.super_admin();
    let mut made: Vec<_> =
        ["A", "B", "C"].map(|provider| text(&revoke(&app, &root, provider).data(201)["id"])).to_vec();
    made.reverse();
    let first = app.get(&format!("{REVOCATIONS}?limit=2")).bearer(&root.token).send().body();
    let next = first["meta"]["nextCursor"].as_str().unwrap();
    let second = app.get(&format!("{REVOCATIONS}?limit=2&cursor={next}")).bearer(&root.token).send().body();
    assert_eq!([each(&first["data"], "id"), each(&second["data"], "id")].concat(), made);
    assert_eq!(second["meta"]["nextCursor"], Value::Null);
}

#[test]
fn a_repeated_request_with_its_key_revokes_once() {
    let app = App::start();
    let (tanja, root) = (app.technician("tanja"), app.super_admin());
    certify(&app, &tanja, &json!({"provider": "Ghost"}));
    let body = json!({"provider": "Ghost", "issuedFrom": "2025-01-01", "issuedUntil": "2025-06-30", "reason": "Invented records"});
    let send = || app.post(REVOCATIONS).bearer(&root.token).header("Idempotency-Key", "k").json(&body).send().data(201);
    let first = send();
    assert_eq!((&first["count"], &send()), (&json!(1), &first));
    assert_eq!(app.database.rows("revocations"), 1);
}

#[test]
fn a_revocation_of_too_many_certifications_is_409_with_the_limit_and_changes_nothing() {
    let app = App::start();
    let (tanja, root) = (app.technician("tanja"), app.super_admin());
    app.database.run(&format!(
        "INSERT INTO certifications (id, technician_id, name, search_name, provider, search_provider, valid_from, valid_until) \
         SELECT gen_random_uuid(), '{}', 'n', 'n', 'Ghost', 'ghost', '2025-01-01', '2030-01-01' \
         FROM generate_series(1, {} + 1)",
        tanja.id,
        Revocation::MAX
    ));
    let reply = revoke(&app, &root, "Ghost");
    assert_eq!(reply.code(409), "limit_reached");
    assert_eq!(reply.body()["details"], json!({"limit": Revocation::MAX}));
    assert_eq!(
        (app.database.rows("certifications WHERE decision IS NOT NULL"), app.database.rows("revocations")),
        (0, 0)
    );
}

#[test]
fn every_wrong_field_of_a_revocation_is_reported() {
    let app = App::start();
    let root = app.super_admin();
    for (body, expected) in [
        (json!({}), vec!["provider: required", "issuedFrom: required", "issuedUntil: required", "reason: required"]),
        (
            json!({"provider": "Ghost", "issuedFrom": "2025-01-02", "issuedUntil": "2025-01-01", "reason": " "}),
            vec!["issuedUntil: inconsistent", "reason: required"],
        ),
        (
            json!({"provider": "x".repeat(121), "issuedFrom": "2025", "issuedUntil": "2025-01-01", "reason": "x".repeat(1_001)}),
            vec!["provider: too_long", "issuedFrom: invalid_format", "reason: too_long"],
        ),
    ] {
        assert_eq!(app.post(REVOCATIONS).bearer(&root.token).json(&body).send().fields(), expected, "{body}");
    }
    let unknown = json!({"id": "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11"});
    assert_eq!(undo(&app, &root, &unknown).code(404), "not_found");
    assert_eq!(app.database.rows("revocations"), 0);
}
