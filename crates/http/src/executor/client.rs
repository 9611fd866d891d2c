//! The clients of an executor, each with its share.

use std::net::IpAddr;

/// The client of a job. An unknown address or account has no share of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Client {
    /// The client address.
    pub address: Option<IpAddr>,
    /// The account: the number of its id, or a hash of its email.
    pub account: Option<u128>,
}

/// An address or an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Holder {
    Address(IpAddr),
    Account(u128),
}

impl Client {
    pub(super) fn holders(self) -> impl Iterator<Item = Holder> {
        self.address.map(Holder::Address).into_iter().chain(self.account.map(Holder::Account))
    }
}
