//! The measurements of the server and its yardsticks.

pub(crate) mod bare;
pub(crate) mod pgbench;
pub(crate) mod rounds;
pub(crate) mod script;
pub(crate) mod wrk;
