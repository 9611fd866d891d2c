//! What the tests of the use cases share: who asks, a clock that stands still,
//! identities in sequence, and builders of what is stored.
//!
//! All of it belongs to one company and one technician unless its name says
//! otherwise. Identities that a use case generates count from 1, and those of
//! stored things begin at 100, so that the two are never taken for each other.

use std::{
    fmt::Debug,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use repower_domain::{
    Revision,
    accounts::{Actor, CompanyRole, Role, Side},
    applications::{Application, ApplicationStatus},
    chat::{Message, Thread},
    companies::{Company, CompanyProfile},
    ids::{ApplicationId, CompanyId, JobId, TechnicianId, ThreadId, UserId},
    jobs::{ContractType, Job, JobDetails, JobState},
    technicians::{Discipline, Mobility, Technician, TechnicianProfile},
    values::{Amount, Currency, DateRange, DayRateRange, YearsExperience},
};
use repower_ports::{
    Clock, IdGenerator, MockClock, MockIdGenerator, PageRequest, RepositoryError, companies::CompanySummary,
    jobs::JobRecord,
};
use uuid::Uuid;

/// Asserts that something has this shape, and shows it where it has not.
macro_rules! assert_matches {
    ($answer:expr, $($pattern:tt)+) => {{
        let answer = $answer;
        assert!(matches!(answer, $($pattern)+), "{answer:?}");
    }};
}
pub(crate) use assert_matches;

pub(crate) fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(number).into()
}

pub(crate) fn value<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

pub(crate) fn amount(number: i64) -> Option<Amount> {
    Amount::try_from(number).ok()
}

/// The present moment of every test, with a fraction of a second.
pub(crate) fn now() -> DateTime<Utc> {
    value("2026-11-22T06:43:00.123456Z")
}

/// When stored things were made and last changed.
pub(crate) fn earlier() -> DateTime<Utc> {
    value("2026-11-01T08:00:00.654321Z")
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    let mut clock = MockClock::new();
    clock.expect_now().return_const(now());
    Arc::new(clock)
}

/// The first identity is `id(1)`, the next `id(2)`.
pub(crate) fn ids() -> Arc<dyn IdGenerator> {
    let (mut ids, last) = (MockIdGenerator::new(), AtomicU64::new(0));
    ids.expect_generate().returning(move || id(u128::from(last.fetch_add(1, Ordering::Relaxed) + 1)));
    Arc::new(ids)
}

pub(crate) fn unavailable() -> RepositoryError {
    RepositoryError::Unavailable("connection refused".into())
}

pub(crate) const FIRST_PAGE: PageRequest = PageRequest { limit: 20, after: None };

pub(crate) const TECHNICIANS: &[Role] = &[Role::Technician];
pub(crate) const EDITORS: &[Role] = &[Role::CompanyAdmin, Role::CompanyManager];
pub(crate) const RECRUITERS: &[Role] = &[Role::CompanyAdmin, Role::CompanyManager, Role::CompanyRecruiter];
pub(crate) const MEMBERS: &[Role] =
    &[Role::CompanyAdmin, Role::CompanyManager, Role::CompanyRecruiter, Role::CompanyViewer];
pub(crate) const BOTH_SIDES: &[Role] =
    &[Role::Technician, Role::CompanyAdmin, Role::CompanyManager, Role::CompanyRecruiter];

pub(crate) fn the_company() -> CompanyId {
    id(100)
}

pub(crate) fn another_company() -> CompanyId {
    id(101)
}

pub(crate) fn the_technician() -> TechnicianId {
    id(200)
}

pub(crate) fn the_job() -> JobId {
    id(300)
}

pub(crate) fn the_application() -> ApplicationId {
    id(400)
}

pub(crate) fn the_thread() -> ThreadId {
    id(500)
}

pub(crate) fn user_who_is(role: Role) -> UserId {
    id(match role {
        Role::Technician => 600,
        Role::CompanyAdmin => 601,
        Role::CompanyManager => 602,
        Role::CompanyRecruiter => 603,
        Role::CompanyViewer => 604,
        Role::SuperAdmin => 605,
    })
}

/// The technician, a member of the company, or who runs the marketplace.
pub(crate) fn actor_who_is(role: Role) -> Actor {
    let user_id = user_who_is(role);
    match (role, role.in_company()) {
        (_, Some(role)) => Actor::Member { user_id, company_id: the_company(), role },
        (Role::Technician, None) => Actor::Technician { user_id, technician_id: the_technician() },
        (_, None) => Actor::SuperAdmin { user_id },
    }
}

pub(crate) fn technician() -> Actor {
    actor_who_is(Role::Technician)
}

pub(crate) fn recruiter() -> Actor {
    actor_who_is(Role::CompanyRecruiter)
}

pub(crate) fn another_technician() -> Actor {
    Actor::Technician { user_id: id(610), technician_id: id(201) }
}

pub(crate) fn member_elsewhere(role: CompanyRole) -> Actor {
    Actor::Member { user_id: id(611), company_id: another_company(), role }
}

pub(crate) fn actors(roles: &[Role]) -> impl Iterator<Item = Actor> {
    roles.iter().copied().map(actor_who_is)
}

pub(crate) fn all_but(roles: &[Role]) -> impl Iterator<Item = Actor> {
    Role::ALL.iter().filter(|role| !roles.contains(role)).copied().map(actor_who_is)
}

/// Those whose role goes far enough, and whose things these are not.
pub(crate) fn strangers() -> [Actor; 4] {
    let [admin, manager, recruiter] =
        [CompanyRole::Admin, CompanyRole::Manager, CompanyRole::Recruiter].map(member_elsewhere);
    [another_technician(), admin, manager, recruiter]
}

pub(crate) fn a_company() -> Company {
    Company {
        id: the_company(),
        profile: a_company_profile(),
        revision: Revision::stored(4),
        created_at: earlier(),
        updated_at: earlier(),
    }
}

pub(crate) fn a_company_profile() -> CompanyProfile {
    CompanyProfile {
        name: value("Nordwind"),
        country: value("DK"),
        website: Some(value("https://nordwind.example")),
        description: None,
    }
}

pub(crate) fn a_company_summary() -> CompanySummary {
    CompanySummary { id: the_company(), name: value("Nordwind"), country: value("DK") }
}

pub(crate) fn a_technician() -> Technician {
    Technician {
        id: the_technician(),
        user_id: user_who_is(Role::Technician),
        profile: a_technician_profile(),
        revision: Revision::stored(2),
        created_at: earlier(),
        updated_at: earlier(),
    }
}

pub(crate) fn a_technician_profile() -> TechnicianProfile {
    TechnicianProfile {
        full_name: value("Anna Holm"),
        country: value("SE"),
        primary_discipline: Discipline::BladeRepair,
        years_experience: YearsExperience::try_from(7).unwrap(),
        bio: Some(value("Leading edges are my trade")),
        mobility: Mobility::Global,
        day_rate: DayRateRange::new(amount(400), amount(600), Currency::default()).unwrap(),
        availability_from: None,
    }
}

/// A job of the company, a draft unless it is told otherwise.
#[derive(Clone)]
pub(crate) struct JobBuilder(Job);

pub(crate) fn a_job() -> JobBuilder {
    JobBuilder(Job {
        id: the_job(),
        company_id: the_company(),
        details: job_details(),
        state: JobState::Draft,
        revision: Revision::stored(3),
        created_at: earlier(),
        updated_at: earlier(),
    })
}

pub(crate) fn job_details() -> JobDetails {
    JobDetails {
        title: value("Blade repair"),
        description: value("Leading edges of twelve turbines"),
        location: value("Esbjerg"),
        country: value("DK"),
        project_name: Some(value("Horns Rev")),
        discipline: Discipline::BladeRepair,
        contract_type: ContractType::DayRate,
        day_rate: DayRateRange::new(amount(300), amount(500), Currency::default()).unwrap(),
        days: DateRange::new(value("2026-12-01"), None).unwrap(),
    }
}

impl JobBuilder {
    pub(crate) fn open(self) -> Self {
        self.in_state(JobState::Open { published_at: earlier() })
    }

    pub(crate) fn closed(self) -> Self {
        self.in_state(JobState::Closed { published_at: Some(earlier()) })
    }

    pub(crate) fn closed_unpublished(self) -> Self {
        self.in_state(JobState::Closed { published_at: None })
    }

    pub(crate) fn in_state(self, state: JobState) -> Self {
        Self(Job { state, ..self.0 })
    }

    pub(crate) fn of_another_company(self) -> Self {
        Self(Job { company_id: another_company(), ..self.0 })
    }

    pub(crate) fn build(self) -> Job {
        self.0
    }

    pub(crate) fn record(self) -> JobRecord {
        let company = CompanySummary { id: self.0.company_id, ..a_company_summary() };
        JobRecord { job: self.0, company }
    }
}

/// The technician's application for the job, with a message to each side.
pub(crate) fn an_application(status: ApplicationStatus) -> Application {
    Application {
        id: the_application(),
        job_id: the_job(),
        company_id: the_company(),
        technician_id: the_technician(),
        status,
        message_to_company: Some(value("I know these blades")),
        message_to_technician: Some(value("We will call")),
        revision: Revision::stored(5),
        created_at: earlier(),
        updated_at: earlier(),
    }
}

pub(crate) fn a_thread() -> Thread {
    Thread {
        id: the_thread(),
        company_id: the_company(),
        technician_id: the_technician(),
        job_id: None,
        created_at: earlier(),
    }
}

/// A message that the technician sent into the thread.
pub(crate) fn a_message(text: &str) -> Message {
    Message {
        id: id(700),
        thread_id: the_thread(),
        seq: 7,
        sender: Side::Technician,
        sender_user_id: user_who_is(Role::Technician),
        text: value(text),
        client_message_id: Some(value("m-1")),
        created_at: earlier(),
    }
}
