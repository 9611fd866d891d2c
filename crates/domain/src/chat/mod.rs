//! Chats between companies and technicians.

mod thread;

pub use thread::{Message, NewMessage, Thread};
