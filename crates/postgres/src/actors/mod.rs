//! The actors of requests in memory, while a listener hears of their changes.

mod kept;
mod listener;

pub(crate) use self::{
    kept::Actors,
    listener::{Source, listen},
};
