use std::{error::Error, net::Ipv4Addr, str::FromStr};

use chrono::TimeDelta;
use repower_application::{
    Services,
    accounts::{NewCredentials, Registrant},
};
use repower_domain::{
    RequestIds,
    accounts::{Account, SessionClient},
    values::{CalendarDate, Email, Invalid, Password, UserAgent},
};

/// The password of every demo account.
pub const DEMO_PASSWORD: &str = "wind-of-change";

/// The error of any use case.
pub(super) type Failure = Box<dyn Error + Send + Sync>;

/// The progress of loading the demo data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoProgress<'a> {
    /// A part begins.
    Part {
        /// The name of the part.
        name: &'static str,
        /// Its number, from 1.
        number: usize,
        /// The number of parts.
        total: usize,
    },
    /// The next of [`DEMO_ITEMS`](crate::DEMO_ITEMS) items begins; its name.
    Item(&'a str),
}

/// The use cases and the day for which the demo data is loaded.
pub(super) struct Demo<'a> {
    pub(super) services: &'a Services,
    pub(super) today: CalendarDate,
    pub(super) progress: &'a dyn Fn(DemoProgress<'_>),
}

impl Demo<'_> {
    /// The ids of no request, for the audit log.
    pub(super) fn request() -> RequestIds {
        RequestIds::builder().own("demo".to_owned()).caller(None).build()
    }

    /// The client of the sessions of the registrations, whose tokens are lost.
    pub(super) fn client() -> SessionClient {
        SessionClient { address: Ipv4Addr::LOCALHOST.into(), user_agent: UserAgent::of_header("repower demo") }
    }

    /// Reports that an item begins.
    pub(super) fn begin_item(&self, name: &str) {
        (self.progress)(DemoProgress::Item(name));
    }

    /// Returns the account with this email. Calls `register` if there is none.
    pub(super) fn account(
        &self,
        email: &str,
        register: impl FnOnce(NewCredentials) -> Result<Account, Failure>,
    ) -> Result<Account, Failure> {
        let email: Email = parse(email)?;
        match self.services.accounts.find_by_email(&email)? {
            Some(account) => Ok(account),
            None => register(NewCredentials { email, password: parse(DEMO_PASSWORD)? }),
        }
    }

    /// Registers a technician or a company.
    pub(super) fn register(&self, registrant: Registrant, password: Password) -> Result<Account, Failure> {
        let accounts = &self.services.accounts;
        let password = accounts.accept_password(password, &registrant.own_words())?;
        Ok(accounts.register(registrant, accounts.hash(&password)?, Self::client())?.account)
    }

    /// The day this number of days after today; before it if negative.
    pub(super) fn day(&self, days: i64) -> Result<CalendarDate, Failure> {
        let day = self.today.day().checked_add_signed(TimeDelta::days(days));
        Ok(day.ok_or("the day is out of range")?.try_into()?)
    }
}

/// Parses a text as the API does.
pub(super) fn parse<T: FromStr<Err = Invalid>>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|invalid| format!("{text:?} {invalid}").into())
}

/// Converts a number as the API does.
pub(super) fn number<T: TryFrom<i64, Error = Invalid>>(number: i64) -> Result<T, Failure> {
    T::try_from(number).map_err(|invalid| format!("{number} {invalid}").into())
}
