use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{EMAIL, a_company, a_technician, register};
use crate::support::{App, assert_id, assert_timestamp, claims_of, with};

#[test]
fn a_technician_gets_a_token_and_a_profile_with_defaults() {
    let app = App::start();
    let reply = register(&app, &a_technician());
    let data = reply.data(201);
    let (user, profile) = (&data["user"], &data["profile"]);
    for id in [&user["id"], &profile["id"]] {
        assert_id(id);
    }
    for moment in [&data["expiresAt"], &user["createdAt"], &user["updatedAt"], &profile["createdAt"]] {
        assert_timestamp(moment);
    }
    let whole = json!({
        "success": true,
        "message": reply.body()["message"],
        "data": {
            "token": data["token"],
            "expiresAt": data["expiresAt"],
            "user": {
                "id": user["id"], "email": EMAIL, "role": "TECHNICIAN",
                "createdAt": user["createdAt"], "updatedAt": user["createdAt"],
            },
            "profile": {
                "id": profile["id"], "userId": user["id"], "fullName": "Tanja", "country": "DK",
                "primaryDiscipline": "OTHER", "yearsExperience": 0, "bio": null, "mobility": "LOCAL",
                "visibility": "COMPANIES",
                "dayRateMin": null, "dayRateMax": null, "currency": "EUR", "availabilityFrom": null,
                "windaId": null, "irataNumber": null,
                "createdAt": user["createdAt"], "updatedAt": user["createdAt"],
            },
            "company": null,
            "membership": null,
        },
    });
    assert_eq!(reply.body(), whole);
}

#[test]
fn a_technician_can_register_with_the_optional_fields() {
    let app = App::start();
    let more = json!({"primaryDiscipline": "ROPE_ACCESS", "yearsExperience": 7.0, "mobility": "GLOBAL"});
    let profile = &register(&app, &with(&a_technician(), &more)).data(201)["profile"];
    assert_eq!(profile["primaryDiscipline"], "ROPE_ACCESS");
    assert_eq!((&profile["yearsExperience"], &profile["mobility"]), (&json!(7), &json!("GLOBAL")));
}

#[test]
fn a_company_is_created_with_its_first_administrator() {
    let app = App::start();
    let reply = register(&app, &a_company());
    let data = reply.data(201);
    let (user, company, membership) = (&data["user"], &data["company"], &data["membership"]);
    for id in [&user["id"], &company["id"], &membership["id"]] {
        assert_id(id);
    }
    assert_timestamp(&user["createdAt"]);
    let whole = json!({
        "token": data["token"],
        "expiresAt": data["expiresAt"],
        "user": {
            "id": user["id"], "email": "admin@vestas.example", "role": "COMPANY_ADMIN",
            "createdAt": user["createdAt"], "updatedAt": user["createdAt"],
        },
        "profile": null,
        "company": {
            "id": company["id"], "name": "Vestas", "country": "DK", "website": null, "description": null, "verifiedAt": null,
            "createdAt": user["createdAt"], "updatedAt": user["createdAt"],
        },
        "membership": {
            "id": membership["id"], "userId": user["id"], "email": "admin@vestas.example",
            "fullName": "admin", "role": "ADMIN", "createdAt": user["createdAt"],
        },
    });
    assert_eq!(data, whole);
}

#[test]
fn the_first_administrator_may_give_a_name() {
    let app = App::start();
    let data = register(&app, &with(&a_company(), &json!({"fullName": " Hanne Rask "}))).data(201);
    assert_eq!(data["membership"]["fullName"], "Hanne Rask");
    let own = app.get("/api/users/me").bearer(data["token"].as_str().unwrap()).send().data(200);
    assert_eq!(own["membership"], data["membership"]);
}

#[test]
fn the_token_names_its_user_and_its_expiry() {
    let app = App::start();
    let technician = register(&app, &a_technician()).data(201);
    let company = register(&app, &a_company()).data(201);
    let lifetime = 7 * 24 * 60 * 60;
    for (data, role, name, id) in [
        (&technician, "TECHNICIAN", "technicianId", &technician["profile"]["id"]),
        (&company, "COMPANY_ADMIN", "companyId", &company["company"]["id"]),
    ] {
        let claims = claims_of(data["token"].as_str().unwrap());
        let issued_at = claims["iat"].as_i64().unwrap();
        let registered_at = seconds(&data["user"]["createdAt"]);
        let whole = json!({
            "sub": data["user"]["id"], "sid": claims["sid"], "role": role, name: id, "iat": issued_at,
            "exp": issued_at + lifetime,
        });
        assert_eq!(claims, whole);
        assert_id(&claims["sid"]);
        assert_eq!(seconds(&data["expiresAt"]), issued_at + lifetime);
        assert!((0..=30).contains(&(issued_at - registered_at)), "{issued_at} {registered_at}");
    }
}

#[test]
fn the_lifetime_of_a_token_is_a_setting() {
    let app = App::start_with(&[("JWT_EXPIRES_IN", "90m")]);
    let claims = claims_of(register(&app, &a_technician()).data(201)["token"].as_str().unwrap());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 90 * 60);
}

#[test]
fn the_routes_of_its_role_accept_the_token() {
    let app = App::start();
    for (body, path, id) in
        [(a_technician(), "/api/technicians/me", "profile"), (a_company(), "/api/companies/me", "company")]
    {
        let data = register(&app, &body).data(201);
        let shown = app.get(path).bearer(data["token"].as_str().unwrap()).send().data(200);
        assert_eq!(shown, data[id]);
    }
}

#[test]
fn an_email_is_unique_in_any_case_and_for_both_roles() {
    let app = App::start();
    register(&app, &a_technician()).data(201);
    let before = app.database.contents();
    for email in [EMAIL, "TANJA@Technicians.Example", "  tanja@technicians.EXAMPLE "] {
        for body in [a_technician(), a_company()] {
            let rejected = register(&app, &with(&body, &json!({"email": email})));
            assert_eq!(rejected.code(409), "email_taken");
            assert_eq!(rejected.body()["details"], Value::Null);
        }
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn an_email_is_trimmed_and_stored_in_lower_case() {
    let app = App::start();
    let data = register(&app, &with(&a_technician(), &json!({"email": " Tanja@Technicians.EXAMPLE\n"}))).data(201);
    assert_eq!(data["user"]["email"], EMAIL);
}

#[test]
fn no_password_is_stored_or_returned() {
    let app = App::start();
    let reply = register(&app, &a_technician());
    assert!(!reply.text.contains("assword") && !reply.text.contains("correct horse"), "{}", reply.text);
    assert!(app.database.contents().iter().all(|row| !row.contains("correct horse")));
}

fn seconds(moment: &Value) -> i64 {
    moment.as_str().unwrap().parse::<DateTime<Utc>>().unwrap().timestamp()
}
