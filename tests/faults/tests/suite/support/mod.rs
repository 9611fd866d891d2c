//! What the tests share.

mod client;
mod cluster;
mod person;
mod proxy;
mod server;
mod wait;

pub(crate) use client::{Client, Reply};
pub(crate) use cluster::Cluster;
pub(crate) use person::{Person, a_job};
pub(crate) use proxy::{Mode, Proxy};
pub(crate) use server::Server;
pub(crate) use wait::{PATIENCE, free_port, signal, until, wait_for};
