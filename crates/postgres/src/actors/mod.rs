//! The actors of requests in memory and the version of public data, while a listener hears of
//! their changes.

mod kept;
mod listener;
mod public_version;

use std::time::Instant;

pub(crate) use self::listener::{Source, listen};
use self::{kept::Actors, public_version::PublicVersion};

/// All whose changes the listener hears of.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) actors: Actors,
    pub(crate) public: PublicVersion,
}

impl Heard {
    /// Starts anew: changes of before this moment may be unheard.
    fn restart(&self) {
        self.actors.forget_all();
        self.public.advance();
    }

    /// Lets all be used: all changes of before this moment have been heard of.
    fn extend(&self, heard_until: Instant) {
        self.actors.extend(heard_until);
        self.public.extend(heard_until);
    }

    /// Ends the use of all until the next [`Self::extend`].
    fn suspend(&self) {
        self.actors.suspend();
        self.public.suspend();
    }
}
