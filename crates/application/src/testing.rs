//! Shared by the tests of the use cases: actors, a fixed clock, sequential ids,
//! and builders of stored entities.
//!
//! Entities belong to one company and one technician unless their name is
//! different. Ids that a use case generates count from 1; those of stored
//! entities begin at 100, so that a test cannot confuse the two.

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
    RequestIds, Revision,
    accounts::{Actor, CompanyRole, Role, Side},
    admin::{AuditAct, AuditEvent},
    applications::{Application, ApplicationStatus},
    certification_types::{Classification, Course},
    chat::{Message, Thread},
    companies::{Company, CompanyProfile},
    compliance::Requirements,
    ids::{ApplicationId, CompanyId, JobId, TechnicianId, ThreadId, UserId},
    jobs::{ContractType, Job, JobDetails, JobState},
    technicians::{Certification, Discipline, Mobility, Technician, TechnicianProfile, Visibility},
    values::{Amount, Currency, DateRange, DayRateRange, Validity, YearsExperience},
};
use repower_ports::{
    Clock, IdGenerator, MockClock, MockIdGenerator, Page, PageRequest, Position, RepositoryError,
    chat::MessageRecord,
    companies::{CompanySummary, MockCompanyRepository},
    jobs::{JobRecord, ListedJob, MockJobRepository},
};
use uuid::Uuid;

use crate::CandidateAccess;

/// A page with one item, the last one of its list.
pub(crate) fn a_page<T>(item: T) -> Page<T> {
    Page::cut(vec![item], 20, |_| Position { at: earlier(), id: Uuid::nil() })
}

/// Asserts that a value matches a pattern; prints the value if it does not.
macro_rules! assert_matches {
    ($value:expr, $($pattern:tt)+) => {{
        let value = $value;
        assert!(matches!(value, $($pattern)+), "{value:?}");
    }};
}
pub(crate) use assert_matches;

/// The value with a change.
pub(crate) fn with<T>(mut value: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut value);
    value
}

pub(crate) fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(number).into()
}

pub(crate) fn value<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

pub(crate) fn amount(number: i64) -> Option<Amount> {
    Amount::try_from(number).ok()
}

/// The current time of every test, with a fraction of a second.
pub(crate) fn now() -> DateTime<Utc> {
    value("2026-11-22T06:43:00.123456Z")
}

/// The time when stored entities were created and last changed.
pub(crate) fn earlier() -> DateTime<Utc> {
    value("2026-11-01T08:00:00.654321Z")
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    let mut clock = MockClock::new();
    clock.expect_now().return_const(now());
    Arc::new(clock)
}

/// Generates `id(1)`, then `id(2)`, and so on.
pub(crate) fn ids() -> Arc<dyn IdGenerator> {
    let (mut ids, last) = (MockIdGenerator::new(), AtomicU64::new(0));
    ids.expect_generate().returning(move || id(u128::from(last.fetch_add(1, Ordering::Relaxed) + 1)));
    Arc::new(ids)
}

pub(crate) fn a_request() -> RequestIds {
    RequestIds::builder().own("5e6f".to_owned()).caller(Some("ticket-7".to_owned())).build()
}

/// The entry of the audit log for an act of now, in the request.
pub(crate) fn an_event(number: u128, actor_id: UserId, act: AuditAct) -> AuditEvent {
    AuditEvent::builder().id(id(number)).actor_id(actor_id).act(act).request(a_request()).created_at(now()).build()
}

pub(crate) fn unavailable() -> RepositoryError {
    RepositoryError::Unavailable("connection refused".into())
}

/// Access to candidates where no company must be verified.
pub(crate) fn open_access() -> CandidateAccess {
    // A mock without expectations panics at any call.
    CandidateAccess { companies: Arc::new(MockCompanyRepository::new()), requires_verification: false }
}

/// Access to candidates of the company, which must be verified, and is or is not.
pub(crate) fn access_if_verified(is_verified: bool) -> CandidateAccess {
    let mut companies = MockCompanyRepository::new();
    companies.expect_is_verified().withf(|id| *id == the_company()).returning(move |_| Ok(is_verified));
    CandidateAccess { companies: Arc::new(companies), requires_verification: true }
}

/// A repository that finds this job once, or no job.
pub(crate) fn jobs_with(job: Option<JobBuilder>) -> MockJobRepository {
    let mut jobs = MockJobRepository::new();
    jobs.expect_find().once().withf(|id| *id == the_job()).return_once(move |_| Ok(job.map(JobBuilder::record)));
    jobs
}

/// As [`jobs_with`], for the public.
pub(crate) fn public_jobs_with(job: Option<JobBuilder>) -> MockJobRepository {
    let mut jobs = MockJobRepository::new();
    jobs.expect_find_public().once().withf(|id| *id == the_job()).return_once(move |_| Ok(job.map(JobBuilder::record)));
    jobs
}

pub(crate) fn unavailable_jobs() -> MockJobRepository {
    let mut jobs = MockJobRepository::new();
    jobs.expect_find().once().return_once(|_| Err(unavailable()));
    jobs
}

pub(crate) const FIRST_PAGE: PageRequest = PageRequest { limit: 20, after: None };

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

pub(crate) fn user_id_of(role: Role) -> UserId {
    id(match role {
        Role::Technician => 600,
        Role::CompanyAdmin => 601,
        Role::CompanyManager => 602,
        Role::CompanyRecruiter => 603,
        Role::CompanyViewer => 604,
        Role::SuperAdmin => 605,
    })
}

/// The technician, a member of the company, or a super admin.
pub(crate) fn actor_with(role: Role) -> Actor {
    let user_id = user_id_of(role);
    match (role, role.in_company()) {
        (_, Some(role)) => Actor::Member { user_id, company_id: the_company(), role },
        (Role::Technician, None) => Actor::Technician { user_id, technician_id: the_technician() },
        (_, None) => Actor::SuperAdmin { user_id },
    }
}

pub(crate) fn technician() -> Actor {
    actor_with(Role::Technician)
}

/// A member of the company. The role does not matter: the route table checks it.
pub(crate) fn member() -> Actor {
    actor_with(Role::CompanyViewer)
}

pub(crate) fn super_admin() -> Actor {
    actor_with(Role::SuperAdmin)
}

pub(crate) fn member_of_another_company() -> Actor {
    Actor::Member { user_id: id(611), company_id: another_company(), role: CompanyRole::Admin }
}

pub(crate) fn both_sides() -> [Actor; 2] {
    [technician(), member()]
}

pub(crate) fn actors_without_a_company() -> [Actor; 2] {
    [technician(), super_admin()]
}

pub(crate) fn actors_without_a_passport() -> [Actor; 2] {
    [member(), super_admin()]
}

/// Actors who are neither the technician nor a member of the company.
pub(crate) fn outsiders() -> [Actor; 3] {
    let another_technician = Actor::Technician { user_id: id(610), technician_id: id(201) };
    [another_technician, member_of_another_company(), super_admin()]
}

pub(crate) fn a_company() -> Company {
    Company::builder()
        .id(the_company())
        .profile(a_company_profile())
        .verified_at(None)
        .revision(Revision::stored(4))
        .created_at(earlier())
        .updated_at(earlier())
        .build()
}

pub(crate) fn a_company_profile() -> CompanyProfile {
    CompanyProfile::builder()
        .name(value("Nordwind"))
        .country(value("DK"))
        .website(Some(value("https://nordwind.example")))
        .description(None)
        .build()
}

pub(crate) fn a_company_summary() -> CompanySummary {
    CompanySummary { id: the_company(), name: value("Nordwind"), country: value("DK") }
}

/// A certification of the technician, in force from 2024-01-31 to 2034-01-30.
pub(crate) fn a_certification() -> Certification {
    Certification::builder()
        .id(id(70))
        .technician_id(the_technician())
        .name(value("GWO Working at Heights"))
        .provider(value("Falck Safety"))
        .classification(Some(Classification { type_code: value("GWO_WAH"), course: Course::Initial }))
        .validity(Validity::new(value("2024-01-31"), Some(value("2034-01-30"))).unwrap())
        .document_url(None)
        .build()
}

pub(crate) fn a_technician() -> Technician {
    Technician::builder()
        .id(the_technician())
        .user_id(user_id_of(Role::Technician))
        .profile(a_technician_profile())
        .revision(Revision::stored(2))
        .created_at(earlier())
        .updated_at(earlier())
        .build()
}

pub(crate) fn a_technician_profile() -> TechnicianProfile {
    TechnicianProfile::builder()
        .full_name(value("Anna Holm"))
        .country(value("SE"))
        .primary_discipline(Discipline::BladeRepair)
        .years_experience(YearsExperience::try_from(7).unwrap())
        .bio(Some(value("Leading edges are my trade")))
        .mobility(Mobility::Global)
        .visibility(Visibility::Companies)
        .day_rate(DayRateRange::new(amount(400), amount(600), Currency::default()).unwrap())
        .availability_from(None)
        .build()
}

/// Builds a job of the company; it begins as a draft.
#[derive(Clone)]
pub(crate) struct JobBuilder(Job);

pub(crate) fn a_job() -> JobBuilder {
    JobBuilder(
        Job::builder()
            .id(the_job())
            .company_id(the_company())
            .details(job_details())
            .state(JobState::Draft)
            .revision(Revision::stored(3))
            .created_at(earlier())
            .updated_at(earlier())
            .build(),
    )
}

pub(crate) fn job_details() -> JobDetails {
    JobDetails::builder()
        .title(value("Blade repair"))
        .description(value("Leading edges of twelve turbines"))
        .location(value("Esbjerg"))
        .country(value("DK"))
        .project_name(Some(value("Horns Rev")))
        .discipline(Discipline::BladeRepair)
        .contract_type(ContractType::DayRate)
        .day_rate(DayRateRange::new(amount(300), amount(500), Currency::default()).unwrap())
        .days(DateRange::new(value("2026-12-01"), None).unwrap())
        .build()
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
        Self(with(self.0, |job| job.state = state))
    }

    pub(crate) fn of_another_company(self) -> Self {
        Self(with(self.0, |job| job.company_id = another_company()))
    }

    pub(crate) fn requiring(self, requirements: Requirements) -> Self {
        Self(with(self.0, |job| job.requirements = requirements))
    }

    pub(crate) fn build(self) -> Job {
        self.0
    }

    pub(crate) fn record(self) -> JobRecord {
        let company = CompanySummary { id: self.0.company_id, ..a_company_summary() };
        JobRecord { job: self.0, company }
    }

    pub(crate) fn listed(self) -> ListedJob {
        let JobRecord { job, company } = self.record();
        ListedJob { job: job.listed(), company }
    }
}

/// The technician's application for the job, with a message to either side.
pub(crate) fn an_application(status: ApplicationStatus) -> Application {
    Application::builder()
        .id(the_application())
        .job_id(the_job())
        .company_id(the_company())
        .technician_id(the_technician())
        .status(status)
        .message_to_company(Some(value("I know these blades")))
        .message_to_technician(Some(value("We will call")))
        .confirmed_at(None)
        .revision(Revision::stored(5))
        .created_at(earlier())
        .updated_at(earlier())
        .build()
}

pub(crate) fn a_thread() -> Thread {
    Thread::builder()
        .id(the_thread())
        .company_id(the_company())
        .technician_id(the_technician())
        .job_id(None)
        .created_at(earlier())
        .build()
}

/// A message that the technician sent into the thread.
pub(crate) fn a_message(text: &str) -> MessageRecord {
    let message = Message::builder()
        .id(id(700))
        .thread_id(the_thread())
        .seq(7)
        .sender(Side::Technician)
        .sender_user_id(user_id_of(Role::Technician))
        .text(value(text))
        .client_message_id(Some(value("m-1")))
        .created_at(earlier())
        .build();
    MessageRecord { message, sender_name: value("Anna Holm") }
}
