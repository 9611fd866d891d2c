//! How passwords are kept and how tokens are signed: the ports
//! [`PasswordHasher`](repower_ports::accounts::PasswordHasher) with bcrypt and
//! [`TokenSigner`](repower_ports::accounts::TokenSigner) with JSON Web Tokens.
//!
//! Neither reads a clock or the environment. To add a claim, write it in
//! `tokens/claims.rs`.

mod passwords;
mod tokens;

pub use passwords::{BcryptHasher, HasherError};
pub use tokens::{JwtSigner, SignerError};
