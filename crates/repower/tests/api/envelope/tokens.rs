use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::Hmac;
use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};
use sha2::{Sha384, Sha512};

use crate::support::UNKNOWN_ID;
use crate::support::{App, JWT_SECRET, Reply, claims_of, signed, signed_as, signed_with, with};

const ME: &str = "/api/technicians/me";

/// Sends a header to routes that need a token and to one that accepts a token.
/// All of them reject an invalid token.
fn replies_to(app: &App, header: &str) -> [Reply; 3] {
    let lines = [
        format!("GET {ME}"),
        format!("GET /api/jobs/{UNKNOWN_ID}"),
        "DELETE /api/technicians/me/certifications/5".into(),
    ];
    lines.map(|line| app.wire(&format!("{line} HTTP/1.1\n{header}"), b""))
}

#[track_caller]
fn assert_rejected(app: &App, header: &str) {
    for reply in replies_to(app, header) {
        assert_eq!(reply.code(401), "unauthenticated", "{header}");
        assert_eq!(reply.body()["details"], Value::Null);
        assert_eq!(reply.header("WWW-Authenticate"), Some("Bearer"), "{header}");
    }
}

#[test]
fn a_header_that_is_not_one_bearer_token_is_rejected() {
    let app = App::start();
    let token = app.technician("tanja").token;
    for header in [
        "Authorization:".to_owned(),
        "Authorization: Bearer".to_owned(),
        format!("Authorization: {token}"),
        format!("Authorization: Basic {token}"),
        format!("Authorization: Token {token}"),
        format!("Authorization: Bearer {token} {token}"),
        format!("Authorization: Bearer {token}, Bearer {token}"),
        format!("Authorization: Bearer {token}\nAuthorization: Bearer {token}"),
        format!("Authorization: Bearer: {token}"),
        "Authorization: Bearer \u{e6}".to_owned(),
    ] {
        assert_rejected(&app, &header);
    }
    let by_any_case = app.wire(&format!("GET {ME} HTTP/1.1\nauthorization: bearer {token}"), b"");
    by_any_case.data(200);
}

#[test]
fn a_modified_token_is_rejected() {
    let app = App::start();
    let token = app.technician("tanja").token;
    let parts: Vec<_> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("{token}") };
    let other_claims = URL_SAFE_NO_PAD.encode(with(&claims_of(&token), &json!({"role": "SUPER_ADMIN"})).to_string());
    for bad in [
        "garbage".to_owned(),
        "a.b.c".to_owned(),
        "..".to_owned(),
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{signature}.{signature}"),
        format!("{header}.{other_claims}.{signature}"),
        format!("{header}.{claims}.{}", signature.chars().rev().collect::<String>()),
        format!("{token}="),
        token.to_uppercase(),
        "x".repeat(20_000),
    ] {
        assert_rejected(&app, &format!("Authorization: Bearer {bad}"));
    }
}

#[test]
fn a_token_with_another_algorithm_or_secret_is_rejected() {
    let app = App::start();
    let claims = claims_of(&app.technician("tanja").token);
    let unsigned = |header: Value| {
        let [header, claims] = [header, claims.clone()].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        format!("{header}.{claims}.")
    };
    for bad in [
        unsigned(json!({"alg": "none", "typ": "JWT"})),
        unsigned(json!({"alg": "None"})),
        unsigned(json!({"typ": "JWT"})),
        unsigned(json!({"alg": "HS256", "typ": "JWT"})),
        signed_as::<Hmac<Sha384>>("HS384", JWT_SECRET, &claims),
        signed_as::<Hmac<Sha512>>("HS512", JWT_SECRET, &claims),
        signed_with("another secret", &claims),
        signed_with(&format!("{JWT_SECRET} "), &claims),
    ] {
        assert_rejected(&app, &format!("Authorization: Bearer {bad}"));
    }
    app.get(ME).bearer(&signed(&claims)).send().data(200);
}

#[test]
fn a_token_with_missing_or_invalid_claims_is_rejected() {
    let app = App::start();
    let claims = claims_of(&app.technician("tanja").token);
    let (issued, expires) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    for wrong in [
        json!({"exp": issued - 1}),
        json!({"exp": 0}),
        json!({"exp": null}),
        json!({"exp": expires.to_string()}),
        json!({"iat": null}),
        json!({"iat": "x"}),
        json!({"iat": 0, "sid": null}),
        json!({"generation": 0, "sid": null}),
        json!({"sid": 5}),
        json!({"sid": "tanja"}),
        json!({"sid": UNKNOWN_ID}),
        json!({"sub": null}),
        json!({"sub": 5}),
        json!({"sub": "tanja"}),
        json!({"sub": UNKNOWN_ID}),
        json!({"nbf": expires}),
    ] {
        assert_rejected(&app, &format!("Authorization: Bearer {}", signed(&with(&claims, &wrong))));
    }
    for missing in ["sub", "exp"] {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(missing);
        assert_rejected(&app, &format!("Authorization: Bearer {}", signed(&claims)));
    }
    assert_rejected(&app, &format!("Authorization: Bearer {}", signed(&json!([claims]))));
}

#[test]
fn a_token_is_rejected_after_its_expiry() {
    let app = App::start();
    let claims = claims_of(&app.technician("tanja").token);
    let now = claims["iat"].as_i64().unwrap();
    let ends_at = |exp: i64| app.get(ME).bearer(&signed(&with(&claims, &json!({"exp": exp})))).send();
    ends_at(now + 600).data(200);
    assert_eq!(ends_at(now - 6).code(401), "unauthenticated");
}

#[test]
fn claims_other_than_the_subject_have_no_effect() {
    let app = App::start();
    let (technician, company) = (app.technician("tanja"), app.company("vestas"));
    let viewer = app.member(&company, CompanyRole::Viewer);
    let other = app.company("siemens");
    let upwards = json!({"role": "COMPANY_ADMIN", "companyId": company.id});
    let forged = signed(&with(&claims_of(&technician.token), &upwards));
    assert_eq!(app.get("/api/companies/me").bearer(&forged).send().code(403), "forbidden");
    assert_eq!(app.get(ME).bearer(&forged).send().data(200)["id"], technician.id);
    let elsewhere = json!({"role": "COMPANY_ADMIN", "companyId": other.id});
    let forged = signed(&with(&claims_of(&viewer.token), &elsewhere));
    assert_eq!(app.get("/api/companies/me").bearer(&forged).send().data(200)["id"], company.id);
    let edit = app.patch("/api/companies/me").bearer(&forged).json(&json!({"name": "x"})).send();
    assert_eq!(edit.code(403), "forbidden");
    let downwards = signed(&with(&claims_of(&company.token), &json!({"role": "COMPANY_VIEWER"})));
    app.patch("/api/companies/me").bearer(&downwards).json(&json!({})).send().data(200);
}

#[test]
fn the_public_list_health_and_login_ignore_tokens() {
    let app = App::start();
    let technician = app.technician("tanja");
    app.wire("GET /api/jobs HTTP/1.1\nAuthorization: Bearer garbage", b"").data(200);
    app.wire("GET /health/live HTTP/1.1\nAuthorization: nonsense", b"").data(200);
    let credentials = json!({"email": technician.email, "password": "correct horse"});
    app.post("/api/auth/login").bearer("garbage").json(&credentials).send().data(200);
}
