//! Helpers of the tests: clusters, servers, proxies, clients and waiting.

mod client;
mod cluster;
mod load_balancer;
mod person;
mod raw_connection;
mod server;
mod tcp_proxy;
mod wait;

use std::env;

pub(crate) use client::{Client, Request, Response, TransportError};
pub(crate) use cluster::Cluster;
pub(crate) use load_balancer::LoadBalancer;
pub(crate) use person::{Person, a_job, credentials, technician_registration};
pub(crate) use raw_connection::RawConnection;
pub(crate) use server::{Server, ServerConfig};
pub(crate) use tcp_proxy::{ProxyMode, TcpProxy};
pub(crate) use wait::{free_port, signal, until, wait_for};

/// The number of iterations of a test: an environment variable, or the default.
pub(crate) fn iterations(variable: &str, default: usize) -> usize {
    env::var(variable).map_or(default, |value| value.parse().unwrap())
}
