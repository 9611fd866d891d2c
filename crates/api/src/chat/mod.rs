//! Chats between companies and technicians.

pub mod dto;
pub mod routes;
