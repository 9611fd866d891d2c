//! Warns of the age of the last look for known vulnerabilities. Fails if it is more than 30
//! days old.

use std::{env, fs, process::ExitCode, time::SystemTime};

use repower_tools::look::{Day, Look, TOO_OLD};

const SECONDS_OF_A_DAY: u64 = 86_400;

fn main() -> ExitCode {
    let Some(path) = env::args().nth(1) else {
        eprintln!("usage: last-look FILE");
        return ExitCode::from(2);
    };
    let look = fs::read_to_string(&path).ok().and_then(|text| Look::parse(&text));
    #[expect(clippy::disallowed_methods, reason = "the age of a look is counted to the day of the check")]
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let today = Day { number: i64::try_from(since.as_secs() / SECONDS_OF_A_DAY).unwrap_or(i64::MAX) };
    let Some((look, age)) = look.and_then(|look| look.age(today).map(|age| (look, age))) else {
        eprintln!("error: {path} has no past day of a look, or no day of its database");
        return ExitCode::FAILURE;
    };
    let ((looked, _), (database, _)) = (&look.looked, &look.database);
    eprintln!("WARNING: no look for known vulnerabilities now: the advisory database cannot be fetched");
    eprintln!("WARNING: the last look was on {looked}, {age} days ago, into a database of {database}");
    if age < TOO_OLD {
        return ExitCode::SUCCESS;
    }
    eprintln!(
        "error: that is more than {} days: run `make lint` where it can be fetched, and renew {path}",
        TOO_OLD - 1
    );
    ExitCode::FAILURE
}
