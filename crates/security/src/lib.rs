//! What keeps secrets: passwords with bcrypt, behind a count of the failures
//! ([`PasswordHasher`](repower_ports::accounts::PasswordHasher),
//! [`PasswordVerifier`](repower_ports::accounts::PasswordVerifier)), JSON Web
//! Tokens ([`TokenSigner`](repower_ports::accounts::TokenSigner)), secrets that
//! are handed out once
//! ([`SecretGenerator`](repower_ports::accounts::SecretGenerator)), and the
//! digest of a request.
//!
//! Nothing here reads the system's clock or the environment. To add a claim,
//! write it in `tokens/claims.rs`.

mod passwords;
mod requests;
mod secrets;
mod throttling;
mod tokens;

pub use passwords::{BcryptHasher, HasherError};
pub use requests::RequestDigest;
pub use secrets::RandomSecrets;
pub use throttling::ThrottledVerifier;
pub use tokens::{JwtSigner, SignerError};
