//! Jobs that companies post.

mod docs;
pub mod dto;
pub mod routes;
