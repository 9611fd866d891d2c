//! Chats between companies and technicians: threads and their messages.
//!
//! A [`Thread`] has two sides.
//!
//! ```
//! use repower_domain::{accounts::{Actor, Side}, chat::Thread};
//!
//! let thread = Thread::builder()
//!     .id("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11".parse()?)
//!     .company_id("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a12".parse()?)
//!     .technician_id("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a13".parse()?)
//!     .job_id(None)
//!     .created_at(chrono::DateTime::UNIX_EPOCH)
//!     .build();
//! let user_id = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a14".parse()?;
//! let technician = Actor::Technician { user_id, technician_id: thread.technician_id };
//! assert_eq!(thread.side_of(&technician), Some(Side::Technician));
//! assert_eq!(thread.side_of(&Actor::SuperAdmin { user_id }), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod thread;

pub use thread::{Message, NewMessage, Thread};
