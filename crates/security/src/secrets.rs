//! Random secrets, which are returned once.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use repower_ports::accounts::{GeneratedSecret, HashingError, SecretDigest, SecretGenerator};
use sha2::{Digest, Sha256};

/// Generates secrets of 256 random bits, as 43 characters that are safe in a URL.
///
/// They cannot be guessed, so a SHA-256 without a key suffices as their digest.
#[derive(Debug, Clone, Copy)]
pub struct RandomSecrets;

impl SecretGenerator for RandomSecrets {
    fn generate(&self) -> Result<GeneratedSecret, HashingError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| HashingError(Box::new(error)))?;
        let text = URL_SAFE_NO_PAD.encode(bytes);
        let digest = self.digest(&text);
        Ok(GeneratedSecret { text, digest })
    }

    fn digest(&self, text: &str) -> SecretDigest {
        SecretDigest(Sha256::digest(text).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_secret_has_256_bits_and_differs_from_the_others() {
        let [one, other] = [RandomSecrets.generate().unwrap(), RandomSecrets.generate().unwrap()];
        assert_eq!(URL_SAFE_NO_PAD.decode(&one.text).unwrap().len(), 32);
        assert_ne!(one.text, other.text);
    }

    #[test]
    fn the_digest_of_a_secret_is_the_sha_256_of_its_text() {
        let secret = RandomSecrets.generate().unwrap();
        assert_eq!(RandomSecrets.digest(&secret.text), secret.digest);
        let SecretDigest(abc) = RandomSecrets.digest("abc");
        assert_eq!(abc[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(abc[28..], [0xf2, 0x00, 0x15, 0xad]);
    }
}
