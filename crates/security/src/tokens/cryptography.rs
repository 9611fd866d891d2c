//! The cryptography of the library of tokens: HS256 alone, so that the program contains no
//! other algorithm.

use hmac::Mac;
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
    signature::{self, Signer, Verifier},
};

use crate::hmac::{HmacSha256, keyed};

static HS256_ALONE: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key: &EncodingKey| match hs256(*algorithm, key.family(), key.as_bytes()) {
        Ok(hs256) => Ok(Box::new(hs256)),
        Err(error) => Err(error),
    },
    verifier_factory: |algorithm, key: &DecodingKey| match hs256(*algorithm, key.family(), key.try_get_as_bytes()?) {
        Ok(hs256) => Ok(Box::new(hs256)),
        Err(error) => Err(error),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes this the cryptography of the library in this process, unless there is one.
pub(super) fn install() {
    let _there_is_one = HS256_ALONE.install_default();
}

fn hs256(algorithm: Algorithm, family: AlgorithmFamily, key: &[u8]) -> Result<Hs256, Error> {
    match (algorithm, family) {
        (Algorithm::HS256, AlgorithmFamily::Hmac) => Ok(Hs256(keyed(key))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

struct Hs256(HmacSha256);

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.0.clone().chain_update(message).finalize().into_bytes().to_vec())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    /// Compares in constant time.
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        self.0.clone().chain_update(message).verify_slice(signature).map_err(signature::Error::from_source)
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;

    #[test]
    fn no_other_algorithm_and_no_key_of_another_family_signs_or_verifies() {
        install();
        let sign = |algorithm, key: &EncodingKey| jsonwebtoken::crypto::sign(b"message", key, algorithm);
        let verify = |algorithm, key: &DecodingKey| jsonwebtoken::crypto::verify("c2ln", b"message", key, algorithm);
        let (own, other) = (EncodingKey::from_secret(b"secret"), EncodingKey::from_rsa_der(b"secret"));
        let (own_verifying, other_verifying) =
            (DecodingKey::from_secret(b"secret"), DecodingKey::from_rsa_der(b"secret"));
        assert!(sign(Algorithm::HS256, &own).is_ok());
        assert_eq!(verify(Algorithm::HS256, &own_verifying), Ok(false));
        for algorithm in [Algorithm::HS384, Algorithm::HS512, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
            assert!(sign(algorithm, &own).is_err(), "{algorithm:?}");
            assert!(verify(algorithm, &own_verifying).is_err(), "{algorithm:?}");
        }
        assert!(sign(Algorithm::HS256, &other).is_err());
        assert!(verify(Algorithm::HS256, &other_verifying).is_err());
    }

    /// RFC 7515, appendix A.1: a token of another program.
    #[test]
    fn the_signature_of_the_rfc_is_made_and_verified() {
        install();
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let message = b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9\
            .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let secret = URL_SAFE_NO_PAD.decode(secret).unwrap();
        let key = EncodingKey::from_secret(&secret);
        assert_eq!(jsonwebtoken::crypto::sign(message, &key, Algorithm::HS256).unwrap(), signature);
        let key = DecodingKey::from_secret(&secret);
        for (signature, is_valid) in [(signature, true), (&signature[..42], false), ("", false)] {
            let verified = jsonwebtoken::crypto::verify(signature, message, &key, Algorithm::HS256);
            assert_eq!(verified.unwrap_or(false), is_valid, "{signature}");
        }
    }
}
