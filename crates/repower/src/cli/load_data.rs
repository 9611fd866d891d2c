use std::str::FromStr;

use repower_domain::values::{CalendarDate, Password};
use repower_ports::{Clock, accounts::PasswordHasher};
use repower_postgres::{Database, LoadPlan, LoadStep, Volume};
use repower_security::BcryptHasher;

use super::{
    args::LoadData,
    migrate,
    output::{Outcome, print},
    progress::Progress,
};
use crate::{
    environment::SystemClock,
    settings::{Environment, Settings},
};

/// The password of every loaded user.
const PASSWORD: &str = "load-data-1";

/// A positive factor with at most six decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    millionths: u64,
}

impl Scale {
    const WHOLE: u64 = 1_000_000;

    /// The number times the factor, rounded down; at least 1 where there is one.
    fn of(self, number: u64) -> u64 {
        let product = u128::from(number) * u128::from(self.millionths) / u128::from(Self::WHOLE);
        u64::try_from(product).unwrap_or(u64::MAX).max(number.min(1))
    }
}

impl FromStr for Scale {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "must be a number above 0, with a point and six decimals at most";
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        if !is_number(whole) || !is_number(decimals) || decimals.len() > 6 {
            return Err(WRONG);
        }
        let millionths = format!("{whole}{decimals:0<6}").parse().map_err(|_too_big| WRONG)?;
        if millionths == 0 { Err(WRONG) } else { Ok(Self { millionths }) }
    }
}

/// Loads the data and tells some of the logins.
pub(super) fn load(settings: &Settings, database: &Database, asked: &LoadData) -> Outcome {
    if settings.app_env == Environment::Production {
        return Err("this data has a known password and is not loaded where APP_ENV is production".into());
    }
    migrate::run(database)?;
    let password: Password = PASSWORD.parse()?;
    let plan = LoadPlan {
        volume: volume(asked),
        seed: asked.seed,
        today: CalendarDate::of(SystemClock.now()).day(),
        password_hash: BcryptHasher::new(settings.bcrypt_cost)?.hash(&password)?,
    };
    let progress = Progress::of("loading");
    database.load(&plan, |step| match step {
        LoadStep::Part { name, place, total, rows } => progress.stage(name, place, total, rows),
        LoadStep::Rows(rows) => progress.advance(rows),
    })?;
    drop(progress);
    tell(&plan.volume)
}

fn volume(asked: &LoadData) -> Volume {
    Volume {
        companies: asked.scale.of(asked.companies),
        technicians: asked.scale.of(asked.technicians),
        certifications: asked.scale.of(asked.certifications),
        jobs: asked.scale.of(asked.jobs),
        applications: asked.scale.of(asked.applications),
        threads: asked.scale.of(asked.threads),
        messages: asked.scale.of(asked.messages),
    }
}

fn tell(volume: &Volume) -> Outcome {
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
    print("  admin@load.example       SUPER_ADMIN")?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_multiplies_and_leaves_one_of_what_there_is() {
        let scaled = |scale: &str, number| scale.parse::<Scale>().unwrap().of(number);
        assert_eq!(scaled("0.01", 2_000), 20);
        assert_eq!(scaled("1", 2_000), 2_000);
        assert_eq!(scaled("2.5", 3), 7);
        assert_eq!(scaled("0.000001", 2_000), 1);
        assert_eq!(scaled("0.000001", 0), 0);
    }

    #[test]
    fn what_is_no_factor_is_refused() {
        for text in ["", "0", "0.0", "-1", ".5", "1.", "1e3", "0.0000001", "one", "99999999999999999999"] {
            assert!(text.parse::<Scale>().is_err(), "{text}");
        }
    }
}
