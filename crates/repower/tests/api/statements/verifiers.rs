//! The statements of verdicts, appeals and revocations. Each has the entry in the audit log.

use serde_json::{Value, json};

use super::{ACTOR, EDIT, Scene, filling::MANY};
use crate::support::Request;

const ENTRY: usize = 1;
/// The lock of revocations, whether there are too many certifications, the revocation, and the
/// certifications.
const REVOKE: usize = 4;
/// The number of certifications of a revocation.
const COUNT: usize = 1;
/// Whether it stands, the lock of revocations, its terms, the later ones of that provider, the
/// certifications, and its end.
const UNDO: usize = 6;

impl Scene {
    /// Sends a request that costs these statements beside that of the actor, and succeeds.
    fn costs(&self, request: Request, expected: usize) -> Value {
        let (method, path, _) = request.parts();
        self.log.take();
        let reply = request.send();
        let statements = self.log.take();
        assert!(reply.status.is_success(), "{method} {path}: {}", reply.text);
        assert_eq!(statements.len(), ACTOR + expected, "{method} {path}: {statements:#?}");
        reply.body()["data"].clone()
    }

    fn revoke(&self, provider: &str) -> Request {
        let terms = json!({
            "provider": provider, "issuedFrom": "2026-01-01", "issuedUntil": "2026-12-31", "reason": "Invented records",
        });
        self.app.post("/api/admin/revocations").bearer(&self.root.token).json(&terms)
    }

    fn undo(&self, revocation: &Value) -> Request {
        let path = format!("/api/admin/revocations/{}", revocation["id"].as_str().unwrap());
        self.app.delete(&path).bearer(&self.root.token)
    }
}

#[test]
fn a_verdict_and_an_appeal_cost_a_read_a_change_and_an_entry() {
    let scene = Scene::new();
    let certification = scene.certification();
    let judged = format!("/api/admin/certifications/{certification}");
    let judge = |verdict| scene.app.patch(&judged).bearer(&scene.root.token).json(&verdict);
    scene.costs(judge(json!({"trust": "REJECTED", "note": "Blurred"})), EDIT + ENTRY);
    let appeal = scene.app.post(&format!("/api/technicians/me/certifications/{certification}/appeal"));
    scene.costs(appeal.bearer(&scene.technician.token).json(&json!({"text": "It is readable"})), EDIT + ENTRY);
    scene.costs(judge(json!({"trust": "VERIFIED"})), EDIT + ENTRY);
    // The same again is a reading.
    scene.costs(judge(json!({"trust": "VERIFIED"})), 1 + ENTRY);
}

#[test]
fn a_revocation_and_its_end_cost_the_same_for_any_number_of_certifications() {
    let scene = Scene::new();
    let made = scene.costs(scene.revoke("gwo"), REVOKE + COUNT + ENTRY);
    assert_eq!(made["count"], 2 * MANY);
    let undone = scene.costs(scene.undo(&made), UNDO + ENTRY);
    assert_eq!(undone["undoneCount"], 2 * MANY);
    // Again, it is a reading.
    scene.costs(scene.undo(&made), 1);
}

#[test]
fn a_later_revocation_of_the_same_days_costs_the_end_of_an_earlier_one_a_statement() {
    let scene = Scene::new();
    let first = scene.costs(scene.revoke("GWO"), REVOKE + COUNT + ENTRY);
    // Those that are revoked already are left out.
    let later = [(); 2].map(|()| scene.costs(scene.revoke("GWO"), REVOKE + ENTRY));
    // The first of them takes over all, and none is left for the second.
    let undone = scene.costs(scene.undo(&first), UNDO + later.len() + COUNT + ENTRY);
    assert_eq!(undone["undoneCount"], 0);
    scene.costs(scene.undo(&later[1]), UNDO + ENTRY);
    assert_eq!(scene.costs(scene.undo(&later[0]), UNDO + ENTRY)["undoneCount"], 2 * MANY);
}
