//! Chats between companies and technicians.

mod docs;
pub mod dto;
pub mod routes;
