//! `/api/certification-types`: the catalogue.

use serde_json::{Value, json};

use crate::support::App;

const TYPES: &str = "/api/certification-types";

/// The type with a code, without its source.
fn of_code(types: &Value, code: &str) -> Value {
    let mut found = types.as_array().unwrap().iter().find(|one| one["code"] == code).unwrap().clone();
    assert!(!found["source"].as_str().unwrap().is_empty());
    found.as_object_mut().unwrap().remove("source");
    found
}

#[test]
fn the_catalogue_has_the_rules_of_each_type() {
    let types = App::start().get(TYPES).send().data(200);
    let heights = json!({
        "code": "GWO_WAH", "name": "Working at Heights", "issuer": "Global Wind Organisation",
        "aliases": ["WAH", "WAHR"], "refresherAliases": ["WAHR"], "expiry": 24, "renewalWindow": {"months": 2},
        "lateRefresher": "VOID", "satisfies": [], "retiredOn": null,
    });
    assert_eq!(of_code(&types, "GWO_WAH"), heights);
    let level_3 = of_code(&types, "IRATA_L3");
    assert_eq!((&level_3["expiry"], &level_3["renewalWindow"]), (&json!(36), &json!({"days": 180})));
    assert_eq!(
        (&level_3["lateRefresher"], &level_3["satisfies"]),
        (&json!("ALLOWED"), &json!(["IRATA_L1", "IRATA_L2"]))
    );
    assert_eq!(of_code(&types, "GWO_ART_SR")["retiredOn"], "2026-03-02");
    for (code, expiry) in [("GWO_BR", "NEVER"), ("BOSIET", "AS_PRINTED")] {
        let found = of_code(&types, code);
        assert_eq!((&found["expiry"], &found["renewalWindow"]), (&json!(expiry), &json!(null)), "{code}");
    }
    assert!(of_code(&types, "GWO_EFA")["satisfies"].as_array().unwrap().is_empty());
}

#[test]
fn the_catalogue_has_every_type_of_the_contract() {
    let types = App::start().get(TYPES).send().data(200);
    for code in [
        "GWO_WAH",
        "GWO_FA",
        "GWO_MH",
        "GWO_FAW",
        "GWO_SS",
        "GWO_EFA",
        "GWO_ART_H",
        "GWO_ART_N",
        "GWO_ART_SR",
        "GWO_COHE_B",
        "GWO_WLA_ON",
        "GWO_WLA_OFF",
        "GWO_BTT_M",
        "GWO_BTT_E",
        "GWO_BTT_H",
        "GWO_BTT_I",
        "GWO_BTT_BT",
        "GWO_BR",
        "GWO_CH",
        "GWO_SLS",
        "GWO_SLU",
        "IRATA_L1",
        "IRATA_L2",
        "IRATA_L3",
        "MEDICAL_OFFSHORE",
        "BOSIET",
        "HUET",
        "STCW_PST",
        "ELECTRICAL_AUTHORISED",
    ] {
        of_code(&types, code);
    }
}

#[test]
fn caches_keep_the_catalogue_for_an_hour_and_ask_with_its_tag() {
    let app = App::start();
    let reply = app.get(TYPES).send();
    assert_eq!(reply.header("cache-control"), Some("public, max-age=3600"));
    let tag = reply.header("etag").unwrap().to_owned();
    let again = app.get(TYPES).header("If-None-Match", &tag).send();
    assert_eq!((again.status.as_u16(), again.text.len()), (304, 0));
    assert_eq!(app.get(&format!("{TYPES}?code=GWO_WAH")).send().code(400), "validation_failed");
}
