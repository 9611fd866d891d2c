//! What the tests share.

mod balancer;
mod client;
mod cluster;
mod person;
mod proxy;
mod raw;
mod server;
mod wait;

use std::env;

pub(crate) use balancer::Balancer;
pub(crate) use client::{Client, Lost, Reply};
pub(crate) use cluster::Cluster;
pub(crate) use person::{Person, a_job, technician};
pub(crate) use proxy::{Mode, Proxy};
pub(crate) use raw::Raw;
pub(crate) use server::{Server, Setup};
pub(crate) use wait::{free_port, signal, until, wait_for};

/// How often something is done, which the environment may change.
pub(crate) fn times(name: &str, unless_set: usize) -> usize {
    env::var(name).map_or(unless_set, |times| times.parse().unwrap())
}
