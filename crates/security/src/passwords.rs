//! Hashing and verification of passwords with bcrypt.

use std::ops::RangeInclusive;

use bcrypt::{BcryptError, HashParts};
use repower_domain::{
    accounts::AcceptablePassword,
    values::{PasswordAttempt, PasswordHash},
};
use repower_ports::accounts::{HashingError, PasswordHasher};
use thiserror::Error;

/// The password that is verified against the dummy hash. The result is `false` in any
/// case.
const DUMMY_PASSWORD: &str = "a dummy password";

/// Hashes passwords with bcrypt at one cost, as `$2b$` texts.
///
/// bcrypt reads 72 bytes of a key and repeats a shorter key after a U+0000. A
/// [`Password`](repower_domain::values::Password) is not longer and has no U+0000, so no two passwords share a hash.
#[derive(Debug, Clone)]
pub struct BcryptHasher {
    cost: u32,
    dummy_hash: PasswordHash,
}

impl BcryptHasher {
    /// The accepted costs. Each step doubles the time of a login; a cost above 15 would
    /// need seconds.
    pub const COSTS: RangeInclusive<u32> = 4..=15;

    /// Creates a hasher with a cost.
    ///
    /// An existing hash is verified at its own cost. A new cost therefore applies to a
    /// user from the next change of the password on.
    ///
    /// # Errors
    ///
    /// [`HasherError::Cost`] if the cost is not in [`Self::COSTS`].
    pub fn new(cost: u32) -> Result<Self, HasherError> {
        if !Self::COSTS.contains(&cost) {
            return Err(HasherError::Cost(cost));
        }
        Ok(Self { cost, dummy_hash: dummy_hash(cost) })
    }
}

impl PasswordHasher for BcryptHasher {
    fn hash(&self, password: &AcceptablePassword) -> Result<PasswordHash, HashingError> {
        hash(password.reveal(), self.cost)
    }

    /// Computes bcrypt exactly once: of the dummy without a hash, or if the attempt
    /// cannot be a password.
    fn verify(&self, attempt: &PasswordAttempt, hash: Option<PasswordHash>) -> Result<bool, HashingError> {
        match (attempt.plausible(), hash) {
            (Some(password), Some(hash)) => matches(password.reveal(), &hash),
            _ => matches(DUMMY_PASSWORD, &self.dummy_hash).map(|_matches| false),
        }
    }
}

/// A hash of this cost whose salt and digest are zeros. Its verification takes as long
/// as that of any other hash of the cost.
fn dummy_hash(cost: u32) -> PasswordHash {
    PasswordHash::new(format!("$2b${cost:02}${:.<53}", ""))
}

fn hash(text: &str, cost: u32) -> Result<PasswordHash, HashingError> {
    bcrypt::hash(text, cost).map(PasswordHash::new).map_err(failed)
}

/// Whether the text has this hash. It computes bcrypt exactly once. A hash with a cost
/// outside [`BcryptHasher::COSTS`] is rejected, because it could need hours.
fn matches(text: &str, hash: &PasswordHash) -> Result<bool, HashingError> {
    let cost = hash.as_str().parse::<HashParts>().map_err(failed)?.get_cost();
    if !BcryptHasher::COSTS.contains(&cost) {
        return Err(failed(BcryptError::CostNotAllowed(cost)));
    }
    bcrypt::verify(text, hash.as_str()).map_err(failed)
}

fn failed(error: BcryptError) -> HashingError {
    HashingError(Box::new(error))
}

/// The reason why a hasher is not created.
#[derive(Debug, Error)]
pub enum HasherError {
    /// The cost is not in [`BcryptHasher::COSTS`].
    #[error("the cost of bcrypt must be 4 to 15, not {0}")]
    Cost(u32),
}

#[cfg(test)]
mod tests {
    use repower_domain::accounts::OwnWords;

    use super::*;

    fn hasher() -> BcryptHasher {
        BcryptHasher::new(4).unwrap()
    }

    fn hash_of(text: &str) -> PasswordHash {
        let own = OwnWords::of(&"ana@example.com".parse().unwrap());
        hasher().hash(&AcceptablePassword::new(text.parse().unwrap(), &own, |_| false).unwrap()).unwrap()
    }

    fn has_hash(attempt: &str, hash: &PasswordHash) -> bool {
        hasher().verify(&attempt.parse().unwrap(), Some(hash.clone())).unwrap()
    }

    #[test]
    fn only_the_same_password_has_the_hash() {
        let hash = hash_of("Correct horsé");
        assert!(has_hash("Correct horsé", &hash));
        for other in
            ["correct horsé", "Correct horse", "Correct horsè", "Correct horsé ", " Correct horsé", "Correct hors"]
        {
            assert!(!has_hash(other, &hash), "{other:?}");
        }
    }

    #[test]
    fn each_hash_of_a_password_has_another_salt() {
        assert_ne!(hash_of("correct horse"), hash_of("correct horse"));
    }

    #[test]
    fn a_hash_has_the_newest_version_and_the_given_cost() {
        assert!(hash_of("correct horse").as_str().starts_with("$2b$04$"));
    }

    #[test]
    fn the_longest_passwords_are_verified_to_their_last_byte() {
        let longest = "ø".repeat(36);
        let one_less = format!("{}a", "ø".repeat(35));
        assert_eq!((longest.len(), one_less.len()), (72, 71));
        for (text, other) in [
            (&longest, format!("{}å", "ø".repeat(35))),
            (&longest, one_less.clone()),
            (&longest, format!("{longest}a")),
            (&one_less, format!("{}b", "ø".repeat(35))),
            (&one_less, format!("{one_less}a")),
            (&one_less, longest.clone()),
        ] {
            let hash = hash_of(text);
            assert!(has_hash(text, &hash), "{text}");
            assert!(!has_hash(&other, &hash), "{other} has the hash of {text}");
        }
    }

    #[test]
    fn a_password_repeated_after_a_u_0000_does_not_verify() {
        let hash = hash_of("correct horse");
        assert!(
            bcrypt::verify("correct horse\0correct horse", hash.as_str()).unwrap(),
            "bcrypt no longer repeats keys"
        );
        assert!(!has_hash("correct horse\0correct horse", &hash));
        assert!(!has_hash("correct horse\0", &hash));
    }

    #[test]
    fn an_attempt_that_cannot_be_a_password_is_false() {
        let hash = hash_of("correct horse");
        for attempt in ["", "short", &"a".repeat(73), &"a".repeat(100_000)] {
            assert!(!has_hash(attempt, &hash));
        }
    }

    #[test]
    fn without_a_hash_every_attempt_is_false() {
        for attempt in ["correct horse", "short", "", DUMMY_PASSWORD] {
            assert!(!hasher().verify(&attempt.parse().unwrap(), None).unwrap(), "{attempt}");
        }
    }

    #[test]
    fn the_dummy_has_the_same_cost_and_is_verified() {
        let broken = BcryptHasher { cost: 4, dummy_hash: PasswordHash::new("broken") };
        let dummy = hasher().dummy_hash;
        assert!(dummy.as_str().starts_with("$2b$04$"));
        assert_eq!(matches("correct horse", &dummy).ok(), Some(false));
        assert!(broken.verify(&"correct horse".parse().unwrap(), None).is_err());
        assert!(broken.verify(&"short".parse().unwrap(), Some(hash_of("correct horse"))).is_err());
        assert!(broken.verify(&"correct horse".parse().unwrap(), Some(hash_of("correct horse"))).unwrap());
    }

    #[test]
    fn an_implausible_attempt_never_has_a_hash_even_of_the_dummy_password() {
        let hash = hash_of(DUMMY_PASSWORD);
        assert!(!has_hash("short", &hash));
        assert!(has_hash(DUMMY_PASSWORD, &hash));
    }

    #[test]
    fn a_hash_of_another_version_or_cost_is_verified() {
        let published = "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC";
        assert!(has_hash("abcdefghijklmnopqrstuvwxyz", &PasswordHash::new(published)));
    }

    #[test]
    fn a_malformed_stored_hash_is_an_error() {
        let whole = hash_of("correct horse");
        for stored in [
            String::new(),
            "correct horse".to_owned(),
            whole.as_str()[..59].to_owned(),
            format!("{}a", whole.as_str()),
            whole.as_str().replacen("$2b$", "$9z$", 1),
            whole.as_str().replacen("$04$", "$xx$", 1),
            whole.as_str().replacen("$04$", "$03$", 1),
            format!("{}!", &whole.as_str()[..59]),
            "ø".repeat(30),
        ] {
            let verified = hasher().verify(&"correct horse".parse().unwrap(), Some(PasswordHash::new(stored.as_str())));
            assert!(verified.is_err(), "{stored}");
        }
    }

    #[test]
    fn a_stored_hash_with_too_high_a_cost_is_an_error_before_hashing() {
        let stored = PasswordHash::new(hash_of("correct horse").as_str().replacen("$04$", "$31$", 1));
        assert!(hasher().verify(&"correct horse".parse().unwrap(), Some(stored)).is_err());
    }

    #[test]
    fn a_hasher_is_created_for_an_accepted_cost_only() {
        for cost in [0, 3, 16, 31, u32::MAX] {
            assert!(matches!(BcryptHasher::new(cost), Err(HasherError::Cost(rejected)) if rejected == cost), "{cost}");
        }
        assert!(BcryptHasher::new(5).is_ok());
    }

    #[test]
    fn the_debug_text_contains_no_hash() {
        assert!(!format!("{:?}", hasher()).contains("$2b$"));
    }
}
