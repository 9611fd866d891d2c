use repower_domain::{accounts::OwnWords, values::CalendarDate};
use repower_ports::{
    Clock,
    bulk::{BulkProgress, BulkStage},
};
use repower_postgres::Database;
use repower_sample_data::{LoadPlan, Volume, load_data};

use super::{
    args::LoadData,
    migrate,
    output::{CommandResult, print},
    progress::Progress,
};
use crate::{
    environment::SystemClock,
    settings::{Environment, Settings},
    wiring,
};

/// One of the loaded users.
const ADMIN: &str = "admin@load.example";
/// The password of every loaded user.
const PASSWORD: &str = "load-data-1";

/// Loads the data, and prints its numbers and some logins.
pub(super) fn load(settings: &Settings, database: &Database, arguments: &LoadData) -> CommandResult {
    if settings.app_env == Environment::Production {
        return Err("this data has a known password and is not loaded where APP_ENV is production".into());
    }
    migrate::run(database)?;
    let accounts = wiring::services(settings, database)?.accounts;
    let password = accounts.accept_password(PASSWORD.parse()?, &OwnWords::of(&ADMIN.parse()?))?;
    let plan = LoadPlan {
        volume: volume(arguments),
        seed: arguments.seed,
        today: CalendarDate::of(SystemClock.now()),
        password_hash: accounts.hash(&password)?,
    };
    let progress = Progress::of("loading");
    load_data(&plan, database, &mut |step| match step {
        BulkProgress::Stage { stage, total } => {
            progress.stage(stage.name(), stage.number(), BulkStage::ALL.len(), total);
        }
        BulkProgress::Completed(count) => progress.advance(count),
    })?;
    drop(progress);
    print_summary(&plan.volume)
}

fn volume(arguments: &LoadData) -> Volume {
    Volume {
        companies: arguments.scale.of(arguments.companies),
        technicians: arguments.scale.of(arguments.technicians),
        certifications: arguments.scale.of(arguments.certifications),
        jobs: arguments.scale.of(arguments.jobs),
        applications: arguments.scale.of(arguments.applications),
        threads: arguments.scale.of(arguments.threads),
        messages: arguments.scale.of(arguments.messages),
    }
}

fn print_summary(volume: &Volume) -> CommandResult {
    let Volume { companies, technicians, certifications, jobs, applications, threads, messages } = *volume;
    print("Loaded:")?;
    for (name, count) in [
        ("companies", companies),
        ("technicians", technicians),
        ("certifications", certifications),
        ("jobs", jobs),
        ("applications", applications),
        ("threads", threads),
        ("messages", messages),
    ] {
        print(&format!("  {name:<15} {count:>9}"))?;
    }
    print(&format!("Logins (the password of all is {PASSWORD}):"))?;
    print(&format!("  {ADMIN:<24} SUPER_ADMIN"))?;
    for (kind, role, count) in [("company", "COMPANY_ADMIN", companies), ("technician", "TECHNICIAN", technicians)] {
        for number in 1..=count.min(2) {
            print(&format!("  {:<24} {role}", format!("{kind}{number}@load.example")))?;
        }
        if count > 2 {
            print(&format!("  ... to {kind}{count}@load.example"))?;
        }
    }
    Ok(())
}
