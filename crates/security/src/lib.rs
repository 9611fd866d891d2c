//! The adapters for passwords, tokens and secrets.
//!
//! - [`BcryptHasher`] implements [`PasswordHasher`](repower_ports::accounts::PasswordHasher).
//! - [`EmbeddedPasswords`] implements [`CommonPasswords`](repower_ports::accounts::CommonPasswords).
//! - [`JwtSigner`] implements [`TokenSigner`](repower_ports::accounts::TokenSigner). The
//!   claims are in `tokens/claims.rs`.
//! - [`RandomSecrets`] implements [`SecretGenerator`](repower_ports::accounts::SecretGenerator).
//! - [`RequestDigest`] is the keyed digest of a request.
//!
//! The crate reads neither the system's clock nor the environment.

mod common_passwords;
mod hmac;
mod passwords;
mod requests;
mod secrets;
mod tokens;

pub use common_passwords::EmbeddedPasswords;
pub use passwords::{BcryptHasher, HasherError};
pub use requests::RequestDigest;
pub use secrets::RandomSecrets;
pub use tokens::{JwtSigner, SignerError};
