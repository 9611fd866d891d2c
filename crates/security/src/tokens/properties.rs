use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::Mac;
use proptest::prelude::*;
use repower_domain::accounts::Role;
use repower_ports::accounts::{TokenClaims, TokenSigner};
use uuid::Uuid;

use super::JwtSigner;
use crate::hmac::keyed;

const SECRET: &str = "the secret of the tests";

fn signer() -> JwtSigner {
    JwtSigner::new(SECRET).unwrap()
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn token() -> String {
    let claims = TokenClaims {
        user_id: Uuid::from_u128(10).into(),
        role: Role::Technician,
        technician_id: Some(Uuid::from_u128(11).into()),
        company_id: None,
        session: Uuid::from_u128(12).into(),
        issued_at: at(0),
        expires_at: at(60),
    };
    signer().sign(&claims).unwrap()
}

/// A token of these texts, signed with the secret.
fn signed(header: &str, claims: &str) -> String {
    let message = [header, claims].map(|text| URL_SAFE_NO_PAD.encode(text)).join(".");
    let signature = keyed(SECRET.as_bytes()).chain_update(&message).finalize().into_bytes();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

proptest! {
    #[test]
    fn a_random_text_is_rejected(text in prop_oneof!["\\PC{0,200}", "([A-Za-z0-9_-]{0,60}\\.){0,4}[A-Za-z0-9_=-]{0,60}"]) {
        prop_assert!(signer().verify(&text, at(0)).is_err());
    }

    #[test]
    fn a_token_with_one_changed_character_is_rejected(place: prop::sample::Index, letter in "[A-Za-z0-9_=.-]") {
        let valid = token();
        let index = place.index(valid.len());
        let changed = format!("{}{letter}{}", &valid[..index], &valid[index + 1..]);
        prop_assert_eq!(signer().verify(&changed, at(0)).is_ok(), changed == valid);
    }

    #[test]
    fn a_truncated_or_extended_token_is_rejected(place: prop::sample::Index, more in "[A-Za-z0-9_=.-]{1,9}") {
        let valid = token();
        prop_assert!(signer().verify(&valid[..place.index(valid.len())], at(0)).is_err());
        prop_assert!(signer().verify(&(valid + &more), at(0)).is_err());
    }

    #[test]
    fn no_signed_text_panics(
        header in prop_oneof![Just(r#"{"alg":"HS256"}"#.to_owned()), "\\PC{0,40}"],
        claims in prop_oneof!["\\PC{0,80}", r#"\{"sub":"[0-9a-f-]{36}","iat":-?[0-9]{1,20},"exp":-?[0-9]{1,20}(\.[0-9])?\}"#],
        now in -9_000_000_000_i64..9_000_000_000,
    ) {
        let _ = signer().verify(&signed(&header, &claims), at(now));
    }
}
