//! Passwords, hashed with bcrypt.

use std::ops::RangeInclusive;

use bcrypt::{BcryptError, HashParts};
use repower_domain::values::{Password, PasswordAttempt, PasswordHash};
use repower_ports::accounts::{HashingError, PasswordHasher};
use thiserror::Error;

/// What is verified where there is nothing to verify. Knowing it opens nothing:
/// the answer is `false` all the same.
const DUMMY_PASSWORD: &str = "nobody has this password";

/// Hashes passwords with bcrypt at one cost, as `$2b$` texts.
///
/// bcrypt reads 72 bytes of a key and repeats a shorter one after a U+0000;
/// [`Password`] admits neither a longer text nor that character, so that a
/// password verifies only itself.
#[derive(Debug, Clone)]
pub struct BcryptHasher {
    cost: u32,
    dummy_hash: PasswordHash,
}

impl BcryptHasher {
    /// The costs that can be had: the time doubles with each. More than 15
    /// would take seconds a login.
    pub const COSTS: RangeInclusive<u32> = 4..=15;

    /// A hasher at this cost.
    ///
    /// Once the cost was changed, logins of those whose hash has the old cost
    /// take the old time until they set a new password.
    pub fn new(cost: u32) -> Result<Self, HasherError> {
        if !Self::COSTS.contains(&cost) {
            return Err(HasherError::Cost(cost));
        }
        Ok(Self { cost, dummy_hash: dummy_hash(cost) })
    }

    /// Whether the attempt is the password behind the hash: exactly one bcrypt,
    /// of the dummy where there is no hash or the attempt cannot be a password.
    /// Not for others: whoever verifies has to count.
    pub(crate) fn verify(&self, attempt: &PasswordAttempt, hash: Option<&PasswordHash>) -> Result<bool, HashingError> {
        let plausible = attempt.plausible();
        let (text, hash, counts) = match (&plausible, hash) {
            (Some(password), Some(hash)) => (password.reveal(), hash, true),
            _ => (DUMMY_PASSWORD, &self.dummy_hash, false),
        };
        let matches = matches(text, hash)?;
        Ok(matches && counts)
    }
}

impl PasswordHasher for BcryptHasher {
    fn hash(&self, password: &Password) -> Result<PasswordHash, HashingError> {
        hash(password.reveal(), self.cost)
    }
}

/// A hash of this cost of which nobody knows the password: its salt and its
/// digest are all zeros. Verifying it takes as long as any other.
fn dummy_hash(cost: u32) -> PasswordHash {
    PasswordHash::new(format!("$2b${cost:02}${:.<53}", ""))
}

fn hash(text: &str, cost: u32) -> Result<PasswordHash, HashingError> {
    bcrypt::hash(text, cost).map(PasswordHash::new).map_err(failed)
}

/// Whether the text is the one behind the hash: exactly one bcrypt. A hash that
/// would keep a processor busy for hours is refused like a malformed one.
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

/// Why there is no hasher.
#[derive(Debug, Error)]
pub enum HasherError {
    /// The cost is none of [`BcryptHasher::COSTS`].
    #[error("the cost of bcrypt must be 4 to 15, not {0}")]
    Cost(u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher() -> BcryptHasher {
        BcryptHasher::new(4).unwrap()
    }

    fn hash_of(text: &str) -> PasswordHash {
        hasher().hash(&text.parse().unwrap()).unwrap()
    }

    fn opens(attempt: &str, hash: &PasswordHash) -> bool {
        hasher().verify(&attempt.parse().unwrap(), Some(hash)).unwrap()
    }

    #[test]
    fn a_password_verifies_only_itself() {
        let hash = hash_of("Correct horsé");
        assert!(opens("Correct horsé", &hash));
        for other in [
            "correct horsé",
            "Correct horse",
            "Correct horse\u{301}",
            "Correct horsé ",
            " Correct horsé",
            "Correct hors",
        ] {
            assert!(!opens(other, &hash), "{other:?}");
        }
    }

    #[test]
    fn a_password_has_another_hash_each_time() {
        assert_ne!(hash_of("correct horse"), hash_of("correct horse"));
    }

    #[test]
    fn a_hash_is_of_the_newest_kind_and_the_cost_asked_for() {
        assert!(hash_of("correct horse").as_str().starts_with("$2b$04$"));
    }

    #[test]
    fn the_longest_passwords_count_to_their_last_byte() {
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
            assert!(opens(text, &hash), "{text}");
            assert!(!opens(&other, &hash), "{other} opens {text}");
        }
    }

    #[test]
    fn a_password_repeated_after_a_nul_does_not_verify() {
        let hash = hash_of("correct horse");
        assert!(
            bcrypt::verify("correct horse\0correct horse", hash.as_str()).unwrap(),
            "bcrypt no longer repeats keys"
        );
        assert!(!opens("correct horse\0correct horse", &hash));
        assert!(!opens("correct horse\0", &hash));
    }

    #[test]
    fn an_attempt_that_cannot_be_a_password_is_false() {
        let hash = hash_of("correct horse");
        for attempt in ["", "short", &"a".repeat(73), &"a".repeat(100_000)] {
            assert!(!opens(attempt, &hash));
        }
    }

    #[test]
    fn without_a_hash_every_attempt_is_false() {
        for attempt in ["correct horse", "short", "", DUMMY_PASSWORD] {
            assert!(!hasher().verify(&attempt.parse().unwrap(), None).unwrap(), "{attempt}");
        }
    }

    #[test]
    fn the_dummy_is_of_the_same_cost_and_really_verified() {
        let broken = BcryptHasher { cost: 4, dummy_hash: PasswordHash::new("broken") };
        let dummy = hasher().dummy_hash;
        assert!(dummy.as_str().starts_with("$2b$04$"));
        assert_eq!(matches("correct horse", &dummy).ok(), Some(false));
        assert!(broken.verify(&"correct horse".parse().unwrap(), None).is_err());
        assert!(broken.verify(&"short".parse().unwrap(), Some(&hash_of("correct horse"))).is_err());
        assert!(broken.verify(&"correct horse".parse().unwrap(), Some(&hash_of("correct horse"))).unwrap());
    }

    #[test]
    fn the_dummys_password_does_not_open_the_dummy_with_an_implausible_attempt() {
        let hash = hash_of(DUMMY_PASSWORD);
        assert!(!opens("short", &hash));
        assert!(opens(DUMMY_PASSWORD, &hash));
    }

    #[test]
    fn a_hash_of_another_kind_or_cost_still_verifies() {
        let published = "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC";
        assert!(opens("abcdefghijklmnopqrstuvwxyz", &PasswordHash::new(published)));
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
            let verified =
                hasher().verify(&"correct horse".parse().unwrap(), Some(&PasswordHash::new(stored.as_str())));
            assert!(verified.is_err(), "{stored}");
        }
    }

    #[test]
    fn a_stored_hash_of_an_unbearable_cost_is_an_error_at_once() {
        let stored = PasswordHash::new(hash_of("correct horse").as_str().replacen("$04$", "$31$", 1));
        assert!(hasher().verify(&"correct horse".parse().unwrap(), Some(&stored)).is_err());
    }

    #[test]
    fn only_a_bearable_cost_makes_a_hasher() {
        for cost in [0, 3, 16, 31, u32::MAX] {
            assert!(matches!(BcryptHasher::new(cost), Err(HasherError::Cost(told)) if told == cost), "{cost}");
        }
        assert!(BcryptHasher::new(5).is_ok());
    }

    #[test]
    fn a_debug_text_shows_no_hash() {
        assert!(!format!("{:?}", hasher()).contains("$2b$"));
    }
}
