//! Jobs that companies post.

pub mod dto;
pub mod routes;
