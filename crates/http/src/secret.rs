use std::fmt;

use repower_domain::wire::{Described, ToWire};
use serde::Serialize;

/// A secret that one response shows. Its debug text hides it.
#[derive(Serialize)]
#[serde(transparent)]
pub struct OneTimeSecret(String);

impl From<String> for OneTimeSecret {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for OneTimeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeSecret(…)")
    }
}

impl ToWire for OneTimeSecret {
    const WRITTEN: Described = String::WRITTEN;
}
