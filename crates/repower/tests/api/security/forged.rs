use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use hmac::Hmac;
use serde_json::{Value, json};
use sha2::{Sha384, Sha512};

use crate::support::{App, JWT_SECRET, claims_of, signature_of, signed, signed_as, signed_with, with};

const ME: &str = "/api/technicians/me";
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// A server with a valid token and its claims.
struct Forge {
    app: App,
    token: String,
    claims: Value,
}

impl Forge {
    fn open() -> Self {
        let app = App::start();
        let token = app.technician("tanja").token;
        Self { claims: claims_of(&token), app, token }
    }

    /// Asserts that all tokens are rejected, and that the valid one is still accepted.
    #[track_caller]
    fn assert_rejects<T: AsRef<str>>(&self, tokens: impl IntoIterator<Item = T>) {
        for token in tokens {
            let reply = self.app.get(ME).bearer(token.as_ref()).send();
            assert_eq!(reply.code(401), "unauthenticated", "{}", token.as_ref());
            assert_eq!(reply.header("WWW-Authenticate"), Some("Bearer"));
        }
        self.app.get(ME).bearer(&self.token).send().data(200);
    }

    fn claims_with(&self, changes: &Value) -> Value {
        with(&self.claims, changes)
    }
}

/// A token of a header and claims, with the signature of the server.
fn minted(header: &str, claims: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = signature_of(JWT_SECRET, &message);
    format!("{message}.{signature}")
}

#[test]
fn the_algorithm_none_is_rejected_in_any_spelling() {
    let forge = Forge::open();
    let claims = URL_SAFE_NO_PAD.encode(forge.claims.to_string());
    for name in ["none", "None", "NONE", "nOnE", "none ", " none", "", "null", "HS0"] {
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": name, "typ": "JWT"}).to_string());
        let message = format!("{header}.{claims}");
        let signature = signature_of(JWT_SECRET, &message);
        forge.assert_rejects([
            message.clone(),
            format!("{message}."),
            format!("{message}.{signature}"),
            format!("{message}.AA"),
        ]);
    }
}

#[test]
fn other_algorithms_with_the_right_secret_are_rejected() {
    let forge = Forge::open();
    forge.assert_rejects([
        signed_as::<Hmac<Sha384>>("HS384", JWT_SECRET, &forge.claims),
        signed_as::<Hmac<Sha512>>("HS512", JWT_SECRET, &forge.claims),
    ]);
    let names = [
        "RS256", "RS384", "RS512", "ES256", "ES384", "PS256", "PS512", "EdDSA", "HS384", "HS512", "HS1", "hs256",
        "Hs256", "HS256 ", "HS-256", "HMAC", "A128GCM", "dir",
    ];
    forge.assert_rejects(names.map(|name| minted(&json!({"alg": name}).to_string(), &forge.claims.to_string())));
    let shapes = [json!(null), json!(256), json!(["HS256"]), json!({"name": "HS256"}), json!(true)];
    forge.assert_rejects(shapes.map(|alg| minted(&json!({"alg": alg}).to_string(), &forge.claims.to_string())));
    forge.assert_rejects([minted(r#"{"typ":"JWT"}"#, &forge.claims.to_string())]);
}

/// The server ignores keys that a token names, and verifies with its own secret.
#[test]
fn a_key_that_a_token_names_is_ignored() {
    let forge = Forge::open();
    let own = URL_SAFE_NO_PAD.encode("attackers own key, long enough to be one");
    let naming = [
        json!({"kid": "../../../../dev/null"}),
        json!({"kid": "' OR 1=1 --"}),
        json!({"jku": "http://127.0.0.1:1/keys"}),
        json!({"x5u": "http://127.0.0.1:1/certificate"}),
        json!({"jwk": {"kty": "oct", "k": own}}),
        json!({"x5c": ["MIIB"]}),
    ];
    for names in naming {
        let header = with(&json!({"alg": "HS256", "typ": "JWT"}), &names).to_string();
        let message =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(&header), URL_SAFE_NO_PAD.encode(forge.claims.to_string()));
        for key in ["attackers own key, long enough to be one", "\0", "{}"] {
            forge.assert_rejects([format!("{message}.{}", signature_of(key, &message))]);
        }
    }
    forge.assert_rejects([
        minted(r#"{"alg":"HS256","crit":["exp"]}"#, &forge.claims.to_string()),
        minted(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#, &forge.claims.to_string()),
        minted(r#"{"alg":"HS256","crit":[]}"#, &forge.claims.to_string()),
    ]);
}

#[test]
fn a_signature_of_another_token_or_secret_is_rejected() {
    let forge = Forge::open();
    let other = forge.app.technician("anders").token;
    let parts = |token: &str| -> [String; 3] {
        let parts: Vec<_> = token.split('.').map(str::to_owned).collect();
        parts.try_into().unwrap()
    };
    let ([header, claims, signature], [_, other_claims, other_signature]) = (parts(&forge.token), parts(&other));
    forge.assert_rejects([
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        format!("{header}.{claims}.{other_signature}"),
        format!("{header}.{other_claims}.{signature}"),
        format!("{header}..{signature}"),
        format!(".{claims}.{signature}"),
        format!("{header}.{claims}.{}", &signature[..signature.len() - 1]),
        format!("{header}.{claims}.{}", &signature[..signature.len() - 4]),
        format!("{header}.{claims}.{signature}{signature}"),
        format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode([0; 32])),
        format!("{claims}.{header}.{signature}"),
    ]);
    let secrets = ["", "secret", "change-me-to-at-least-32-random-bytes", &JWT_SECRET.to_uppercase(), &JWT_SECRET[1..]];
    forge.assert_rejects(
        secrets.iter().filter(|secret| !secret.is_empty()).map(|secret| signed_with(secret, &forge.claims)),
    );
}

#[test]
fn invalid_times_of_a_token_are_rejected() {
    let forge = Forge::open();
    let [issued, expires] = ["iat", "exp"].map(|claim| forge.claims[claim].as_i64().unwrap());
    let wrong = [
        json!(expires.to_string()),
        json!(0),
        json!(-1),
        json!(-expires),
        json!(i64::MIN),
        json!(issued - 1),
        json!(1e300),
        json!([expires]),
        json!({"at": expires}),
        json!(true),
        json!(null),
        json!(""),
        json!("never"),
    ];
    forge.assert_rejects(wrong.map(|exp| signed(&forge.claims_with(&json!({"exp": exp})))));
    let raw = |exp: &str| minted(HEADER, &format!(r#"{{"sub":{},"iat":{issued},"exp":{exp}}}"#, forge.claims["sub"]));
    forge.assert_rejects(
        ["1e10", "9999999999.5", "99999999999999999999999", "-0", "0x7fffffff", "NaN", "+9999999999"].map(raw),
    );
    let iat =
        [json!(null), json!("x"), json!(issued.to_string()), json!(1.5), json!(i64::MAX), json!(i64::MIN), json!(0)];
    forge.assert_rejects(iat.map(|iat| signed(&forge.claims_with(&json!({"iat": iat, "sid": null})))));
    let valid_from = "SELECT (extract(epoch FROM tokens_valid_from) * 1000000)::bigint FROM users";
    let generation = forge.app.database.number(valid_from);
    let earlier = [json!(generation - 1), json!(-1), json!(i64::MIN), json!(i64::MAX), json!("x"), json!(1.5)];
    forge.assert_rejects(
        earlier.map(|earlier| signed(&forge.claims_with(&json!({"sid": null, "generation": earlier})))),
    );
    let nbf = [json!(expires), json!("x"), json!(1.5), json!(i64::MAX), json!([])];
    forge.assert_rejects(nbf.map(|nbf| signed(&forge.claims_with(&json!({"nbf": nbf})))));
    // A token of another server, whose clock is ahead.
    forge.app.get(ME).bearer(&signed(&forge.claims_with(&json!({"iat": issued + 600})))).send().data(200);
}

/// A token names a session that is live, and that is one of its user.
#[test]
fn a_session_that_is_none_of_the_users_is_rejected() {
    let forge = Forge::open();
    let other = claims_of(&forge.app.technician("anders").token);
    let sid = forge.claims["sid"].as_str().unwrap();
    let wrong = [
        json!(5),
        json!([sid]),
        json!({"id": sid}),
        json!(""),
        json!(true),
        other["sid"].clone(),
        forge.claims["sub"].clone(),
        json!("00000000-0000-0000-0000-000000000000"),
        json!(format!("{sid}' OR '1'='1")),
        json!(format!("{sid}\0")),
    ];
    forge.assert_rejects(wrong.map(|sid| signed(&forge.claims_with(&json!({"sid": sid})))));
    forge.assert_rejects([signed(&forge.claims_with(&json!({"sub": other["sub"]})))]);
    let twice = format!(
        r#"{{"sub":{},"sid":{},"sid":{},"iat":{},"exp":{}}}"#,
        forge.claims["sub"], other["sid"], forge.claims["sid"], forge.claims["iat"], forge.claims["exp"]
    );
    forge.assert_rejects([minted(HEADER, &twice)]);
}

#[test]
fn a_subject_that_is_not_a_user_is_rejected() {
    let forge = Forge::open();
    let sub = forge.claims["sub"].as_str().unwrap();
    let wrong = [
        json!(null),
        json!(5),
        json!([sub]),
        json!({"id": sub}),
        json!(""),
        json!("tanja@technicians.example"),
        json!("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11"),
        json!("00000000-0000-0000-0000-000000000000"),
        json!(format!("{sub}' OR '1'='1")),
        json!(format!("{sub}\0")),
        json!(format!("{sub} {sub}")),
        json!(forge.claims["technicianId"]),
    ];
    forge.assert_rejects(wrong.map(|sub| signed(&forge.claims_with(&json!({"sub": sub})))));
    forge.assert_rejects([
        signed(&json!({"exp": forge.claims["exp"], "iat": forge.claims["iat"]})),
        signed(&json!({})),
        signed(&json!([])),
    ]);
    forge.assert_rejects(
        [json!("repower"), json!(["repower"]), json!([]), json!(5)]
            .map(|aud| signed(&forge.claims_with(&json!({"aud": aud})))),
    );
}

#[test]
fn a_token_with_duplicate_claims_is_rejected() {
    let forge = Forge::open();
    let other = claims_of(&forge.app.technician("anders").token);
    let [sub, iat, exp] = ["sub", "iat", "exp"].map(|claim| forge.claims[claim].to_string());
    let twice = [
        format!(r#"{{"sub":{sub},"iat":{iat},"exp":1,"exp":{exp}}}"#),
        format!(r#"{{"sub":{sub},"iat":{iat},"exp":{exp},"exp":1}}"#),
        format!(r#"{{"sub":{sub},"sub":{},"iat":{iat},"exp":{exp}}}"#, other["sub"]),
        format!(r#"{{"sub":{sub},"iat":{iat},"iat":{iat},"exp":{exp}}}"#),
        format!(r#"{{"sub":{sub},"s\u0075b":{},"iat":{iat},"exp":{exp}}}"#, other["sub"]),
        format!(r#"{{"sub":{sub},"iat":{iat},"exp":{exp}}}{{}}"#),
        format!(r#"{{"sub":{sub},"iat":{iat},"exp":{exp}"#),
        format!("[{sub},{iat},{exp}]"),
        "null".to_owned(),
        String::new(),
    ];
    forge.assert_rejects(twice.iter().map(|claims| minted(HEADER, claims)));
    let headers =
        [r#"{"alg":"HS256","alg":"none"}"#, r#"{"alg":"none","alg":"HS256"}"#, "[]", "null", "", r#""HS256""#];
    forge.assert_rejects(headers.map(|header| minted(header, &forge.claims.to_string())));
}

/// Only base64url without padding is accepted, so that a token has one form.
#[test]
fn other_encodings_of_a_token_are_rejected() {
    let forge = Forge::open();
    let parts: Vec<_> = forge.token.split('.').collect();
    let claims = forge.claims.to_string();
    // Claims whose encoding differs in both alphabets and has padding.
    let odd = with(&forge.claims, &json!({"x": "ÿÿÿ>>>???", "y": "~~"})).to_string();
    let message = |header: String, claims: String| {
        let message = format!("{header}.{claims}");
        let signature = signature_of(JWT_SECRET, &message);
        format!("{message}.{signature}")
    };
    forge.assert_rejects([
        message(STANDARD.encode(r#"{"alg":"HS256" }"#), STANDARD.encode(format!("{odd} "))),
        message(URL_SAFE.encode(r#"{"alg":"HS256" }"#), URL_SAFE_NO_PAD.encode(&claims)),
        message(URL_SAFE_NO_PAD.encode(HEADER), format!("{}=", URL_SAFE_NO_PAD.encode(&claims))),
        format!("{}=", forge.token),
        format!("{}.{}.{}==", parts[0], parts[1], parts[2]),
        format!("{}.{}%2E{}", parts[0], parts[1], parts[2]),
        forge.token.replacen('.', "", 1),
        forge.token.replace('.', ","),
        format!("\"{}\"", forge.token),
        format!("{};", forge.token),
        format!("{}.", forge.token),
        format!(".{}", forge.token),
        minted(HEADER, &format!("\u{feff}{claims}")),
        minted(&format!("\u{feff}{HEADER}"), &claims),
        "x".repeat(30_000),
        format!("{}.{}", forge.token, "A".repeat(20_000)),
        minted(HEADER, &with(&forge.claims, &json!({"padding": "x".repeat(9_000)})).to_string()),
        ".".repeat(7_000),
    ]);
}

#[test]
fn a_token_is_accepted_in_one_header_only() {
    let forge = Forge::open();
    let token = &forge.token;
    let assert_rejected = |line: &str, headers: &str| {
        let reply = forge.app.wire(&format!("{line} HTTP/1.1{headers}"), b"");
        assert_eq!(reply.status, 401, "{line} {headers}: {reply:?}");
        assert_eq!(reply.code(401), "unauthenticated");
    };
    for name in ["token", "access_token", "jwt", "authorization", "bearer_token"] {
        assert_rejected(&format!("GET {ME}?{name}={token}"), "");
        assert_rejected(&format!("GET {ME}"), &format!("\nCookie: {name}={token}"));
        assert_rejected(&format!("GET {ME}"), &format!("\nX-{name}: {token}"));
    }
    for headers in [
        format!("\nAuthorization: Bearer {token}\nAuthorization: Bearer {token}"),
        format!("\nAuthorization: Bearer x\nAuthorization: Bearer {token}"),
        format!("\nAuthorization: Bearer {token}\nAuthorization: Basic eDp4"),
        format!("\nProxy-Authorization: Bearer {token}"),
        format!("\nX-Authorization: Bearer {token}"),
        format!("\nAuthorization: Bearer,{token}"),
        format!("\nAuthorization: BearerX {token}"),
        format!("\nAuthorization: Bearer={token}"),
        format!("\nAuthorization: {token} Bearer"),
        format!("\nAuthorization: Negotiate {token}"),
    ] {
        assert_rejected(&format!("GET {ME}"), &headers);
    }
    // RFC 9110 section 11.1: the scheme is case-insensitive.
    for scheme in ["bearer", "BEARER", "bEaReR"] {
        forge.app.wire(&format!("GET {ME} HTTP/1.1\nAuthorization: {scheme}  {token} "), b"").data(200);
    }
}
