use repower_domain::accounts::{Account, Attachment};
use repower_postgres::Database;
use repower_sample_data::{DEMO_ITEMS, DEMO_PASSWORD, DemoProgress, load_demo};

use super::{
    migrate,
    output::{CommandResult, print},
    progress::Progress,
};
use crate::{
    environment::SystemClock,
    settings::{Environment, Settings},
    wiring,
};

/// Loads the demo data, and prints the logins.
pub(super) fn load(settings: &Settings, database: &Database) -> CommandResult {
    if settings.app_env == Environment::Production {
        return Err("demo data has known passwords and is not loaded where APP_ENV is production".into());
    }
    migrate::run(database)?;
    let services = wiring::services(settings, database)?;
    let progress = Progress::of("loading demo data");
    progress.expect(DEMO_ITEMS);
    let accounts = load_demo(&services, &SystemClock, &|step| match step {
        DemoProgress::Part { name, number, total } => progress.part(name, number, total),
        DemoProgress::Item(name) => progress.next(name),
    })?;
    drop(progress);
    print_logins(&accounts)
}

fn print_logins(accounts: &[Account]) -> CommandResult {
    print(&format!("Demo logins (the password of all is {DEMO_PASSWORD}):"))?;
    for account in accounts {
        let (email, role) = (account.user.email.as_str(), account.user.role.as_str());
        print(&format!("  {email:<37} {role:<18} {}", name_of(account)))?;
    }
    Ok(())
}

/// The name of the technician or the company.
fn name_of(account: &Account) -> String {
    match &account.attachment {
        Attachment::Technician(technician) => technician.profile.full_name.to_string(),
        Attachment::Member { company, .. } => company.profile.name.to_string(),
        Attachment::Nothing => String::new(),
    }
}
