//! Demo data: a small marketplace in which everything occurs, loaded through
//! the use cases. Loading it again adds only what is missing.

mod companies;
mod engagements;
mod jobs;
mod technicians;

use chrono::TimeDelta;
use repower_application::{Services, accounts::NewCredentials};
use repower_domain::{
    accounts::{Account, Attachment},
    values::{CalendarDate, Email, Invalid},
};
use repower_ports::Clock;
use repower_postgres::Database;

use companies::DemoCompany;

use super::{
    migrate,
    output::{Failure, Outcome, print},
    progress::Progress,
};
use crate::{
    environment::SystemClock,
    settings::{Environment, Settings},
    wiring,
};

/// The password of every demo account.
const PASSWORD: &str = "wind-of-change";

/// What the loading of each part needs.
struct Demo {
    services: Services,
    today: CalendarDate,
    progress: Progress,
}

/// The parts of the demo data, in the order of loading.
const PARTS: [&str; 4] = ["companies", "technicians", "jobs", "applications, chats and evaluations"];

/// Loads the demo data and prints the logins.
pub(super) fn load(settings: &Settings, database: &Database) -> Outcome {
    if settings.app_env == Environment::Production {
        return Err("demo data has known passwords and is not loaded where APP_ENV is production".into());
    }
    migrate::run(database)?;
    let services = wiring::services(settings, database)?;
    let (today, progress) = (CalendarDate::of(SystemClock.now()), Progress::of("loading demo data"));
    let demo = Demo { services, today, progress };
    demo.progress.expect(companies::COUNT + technicians::COUNT + jobs::COUNT + engagements::COUNT);
    demo.begin(0);
    let companies = companies::load(&demo)?;
    demo.begin(1);
    let technicians = technicians::load(&demo)?;
    demo.begin(2);
    let jobs = jobs::load(&demo, &companies)?;
    demo.begin(3);
    engagements::load(&demo, &companies, &technicians, &jobs)?;
    drop(demo);
    print_logins(&companies, &technicians)
}

impl Demo {
    /// Tells that a part begins.
    fn begin(&self, place: usize) {
        self.progress.part(PARTS.get(place).copied().unwrap_or_default(), place + 1, PARTS.len());
    }

    /// The account with this address; made by `register` where it is not there.
    fn account(
        &self,
        email: &str,
        register: impl FnOnce(NewCredentials) -> Result<Account, Failure>,
    ) -> Result<Account, Failure> {
        let email: Email = parse(email)?;
        match self.services.accounts.find_by_email(&email)? {
            Some(account) => Ok(account),
            None => register(NewCredentials { email, password: parse(PASSWORD)? }),
        }
    }

    /// A day counted from today.
    fn day(&self, days_from_today: i64) -> Result<CalendarDate, Failure> {
        let day = self.today.day().checked_add_signed(TimeDelta::days(days_from_today));
        Ok(CalendarDate::stored(day.ok_or("the calendar ends")?))
    }
}

/// Demo data goes through the same parsers as everybody's.
fn parse<T: std::str::FromStr<Err = Invalid>>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|invalid| format!("{text:?} {invalid}").into())
}

fn number<T: TryFrom<i64, Error = Invalid>>(number: i64) -> Result<T, Failure> {
    T::try_from(number).map_err(|invalid| format!("{number} {invalid}").into())
}

fn print_logins(companies: &[DemoCompany], technicians: &[Account]) -> Outcome {
    print(&format!("Demo logins (the password of all is {PASSWORD}):"))?;
    for account in companies.iter().flat_map(|company| &company.members).chain(technicians) {
        let (email, role) = (account.user.email.as_str(), account.user.role.as_str());
        print(&format!("  {email:<37} {role:<18} {}", name_of(account)))?;
    }
    Ok(())
}

/// Whose account it is, by name.
fn name_of(account: &Account) -> String {
    match &account.attachment {
        Attachment::Technician(technician) => technician.profile.full_name.to_string(),
        Attachment::Member { company, .. } => company.profile.name.to_string(),
        Attachment::Nothing => String::new(),
    }
}
