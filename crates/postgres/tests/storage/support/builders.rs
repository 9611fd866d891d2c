use std::{
    fmt::Debug,
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use repower_domain::{
    RequestIds, Revision,
    accounts::{LiveSessions, NewUser, Registration, Session, SessionClient, SessionLimits, Side},
    admin::{AuditAct, AuditEvent},
    applications::{Application, ApplicationStatus},
    chat::{NewMessage, Thread},
    companies::{Company, CompanyProfile},
    ids::{CompanyId, JobId, TechnicianId, UserId},
    jobs::{ContractType, Job, JobDetails, JobState},
    quotas::OpenJobs,
    technicians::{Certification, Discipline, Evaluation, Mobility, Skill, Technician, TechnicianProfile, Visibility},
    values::{
        Amount, Currency, DateRange, DayRateRange, PasswordHash, Rating, RatingSummary, RatingTotals, UserAgent,
        Validity, YearsExperience,
    },
};
use repower_ports::{
    Page, PageRequest,
    accounts::{Bearer, TokenKind},
    companies::InvitationLimits,
};
use uuid::Uuid;

/// The value with a change.
pub(crate) fn with<T>(mut value: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut value);
    value
}

/// A new unique id, greater than all earlier ones.
pub(crate) fn new_id<T: From<Uuid>>() -> T {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u128(NUMBER.fetch_add(1, Ordering::Relaxed).into()).into()
}

/// A limit that no test reaches.
pub(crate) const NO_LIMIT: u32 = u32::MAX;

/// A quota of open jobs that no test reaches.
pub(crate) const NO_QUOTA: OpenJobs = OpenJobs { verified: NO_LIMIT, unverified: NO_LIMIT };

/// Limits of invitations that no test reaches.
pub(crate) static UNLIMITED: InvitationLimits = InvitationLimits { pending: NO_LIMIT, daily: None };

pub(crate) fn value<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

pub(crate) fn amount(number: i64) -> Amount {
    Amount::try_from(number).unwrap()
}

/// The time `second` seconds after the start of the tests' clock.
pub(crate) fn at(second: i64) -> DateTime<Utc> {
    value::<DateTime<Utc>>("2026-11-22T06:43:00.123456Z") + TimeDelta::seconds(second)
}

/// An audit event of this second.
pub(crate) fn an_event(actor_id: UserId, act: AuditAct, second: i64) -> AuditEvent {
    let request = RequestIds::builder().own(format!("own-{second}")).caller(Some(format!("caller-{second}"))).build();
    AuditEvent::builder().id(new_id()).actor_id(actor_id).act(act).request(request).created_at(at(second)).build()
}

pub(crate) const fn first_page(limit: u16) -> PageRequest {
    PageRequest { limit, after: None }
}

/// All rows of a list, read in pages of `limit` rows.
pub(crate) fn all_pages<T, E: Debug>(limit: u16, list: impl Fn(PageRequest) -> Result<Page<T>, E>) -> Vec<T> {
    let mut all = Vec::new();
    let mut request = first_page(limit);
    loop {
        let page = list(request).unwrap();
        assert!(page.items.len() <= usize::from(limit));
        all.extend(page.items);
        match page.next {
            Some(next) => request.after = Some(next),
            None => return all,
        }
    }
}

pub(crate) fn a_user() -> NewUser {
    let id: UserId = new_id();
    let email = value(&format!("user.{}@example.com", id.uuid().as_u128()));
    NewUser::builder().id(id).email(email).password_hash(PasswordHash::new("hash")).now(at(0)).build()
}

/// How long the sessions of the tests are live: a week.
pub(crate) const SESSION_LIMITS: SessionLimits = SessionLimits { lifetime: TimeDelta::days(7), idle: None };

/// A session of a user that begins at this second.
pub(crate) fn a_session(user: UserId, second: i64) -> Session {
    let client = SessionClient { address: [198, 51, 100, 7].into(), user_agent: UserAgent::of_header("curl/8.5") };
    SESSION_LIMITS.begin(new_id(), user, client, at(second))
}

/// The sessions that are live at this second.
pub(crate) fn live(second: i64) -> LiveSessions {
    SESSION_LIMITS.live_at(at(second))
}

/// The bearer of a token of a session.
pub(crate) fn bearer(session: &Session) -> Bearer {
    Bearer { user_id: session.user_id, token: TokenKind::OfSession(session.id) }
}

/// The bearer of a token without a session, of the latest generation.
pub(crate) fn sessionless(user_id: UserId) -> Bearer {
    Bearer { user_id, token: TokenKind::Sessionless(DateTime::<Utc>::MAX_UTC) }
}

pub(crate) fn a_technician_profile() -> TechnicianProfile {
    TechnicianProfile::builder()
        .full_name(value("Ane Sørensen"))
        .country(value("DK"))
        .primary_discipline(Discipline::RopeAccess)
        .years_experience(YearsExperience::try_from(7).unwrap())
        .bio(Some(value("Twelve seasons offshore.")))
        .mobility(Mobility::Global)
        .visibility(Visibility::Companies)
        .day_rate(DayRateRange::new(Some(amount(300)), Some(amount(450)), Currency::default()).unwrap())
        .availability_from(Some(value("2027-01-15")))
        .build()
}

pub(crate) fn a_technician_registration() -> Registration {
    Registration::technician(a_user(), new_id(), a_technician_profile())
}

pub(crate) fn a_company_profile() -> CompanyProfile {
    CompanyProfile::builder()
        .name(value("Vestas Service"))
        .country(value("DK"))
        .website(Some(value("https://example.com/")))
        .description(Some(value("Keeps turbines turning.")))
        .build()
}

pub(crate) fn a_company_registration() -> Registration {
    Registration::company(a_user(), new_id(), new_id(), a_company_profile())
}

/// An open job that was created and published at this second.
pub(crate) fn an_open_job(company: &Company, second: i64) -> Job {
    with(a_draft(company, second), |job| job.state = JobState::Open { published_at: at(second) })
}

/// Three days that no other job has, so that a technician may accept both.
fn own_days() -> DateRange {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let first: NaiveDate = value("2027-03-01");
    let first = first + Days::new(3 * NUMBER.fetch_add(1, Ordering::Relaxed));
    DateRange::new(first.try_into().unwrap(), (first + Days::new(2)).try_into().ok()).unwrap()
}

pub(crate) fn a_draft(company: &Company, second: i64) -> Job {
    Job::builder()
        .id(new_id::<JobId>())
        .company_id(company.id)
        .details(
            JobDetails::builder()
                .title(value("Blade repair"))
                .description(value("Leading edges on twelve turbines."))
                .location(value("Esbjerg"))
                .country(value("DK"))
                .project_name(Some(value("Horns Rev")))
                .discipline(Discipline::BladeRepair)
                .contract_type(ContractType::DayRate)
                .day_rate(DayRateRange::new(Some(amount(350)), Some(amount(500)), Currency::default()).unwrap())
                .days(own_days())
                .build(),
        )
        .state(JobState::Draft)
        .revision(Revision::FIRST)
        .created_at(at(second))
        .updated_at(at(second))
        .build()
}

pub(crate) fn an_application(job: &Job, technician: &Technician, second: i64) -> Application {
    Application::builder()
        .id(new_id())
        .job_id(job.id)
        .company_id(job.company_id)
        .technician_id(technician.id)
        .status(ApplicationStatus::Applied)
        .message_to_company(Some(value("I know these turbines.")))
        .message_to_technician(None)
        .confirmed_at(None)
        .revision(Revision::FIRST)
        .created_at(at(second))
        .updated_at(at(second))
        .build()
}

pub(crate) fn a_skill(name: &str) -> Skill {
    Skill::builder().name(value(name)).level(value("EXPERT")).build()
}

pub(crate) fn a_certification(technician_id: TechnicianId, until: &str) -> Certification {
    Certification::builder()
        .id(new_id())
        .technician_id(technician_id)
        .name(value("GWO Working at Heights"))
        .provider(value("Falck"))
        .validity(Validity::new(value("2025-01-01"), Some(value(until))).unwrap())
        .document_url(Some(value("https://example.com/certificate.pdf")))
        .build()
}

pub(crate) fn an_evaluation(technician: &Technician, job: &Job, rating: i64, second: i64) -> Evaluation {
    Evaluation::builder()
        .id(new_id())
        .technician_id(technician.id)
        .company_id(job.company_id)
        .job_id(job.id)
        .rating(Rating::try_from(rating).unwrap())
        .comment(Some(value("Careful work.")))
        .answer(None)
        .created_at(at(second))
        .build()
}

/// The ratings of a technician by one company.
pub(crate) fn rated(count: u32, sum: u32) -> RatingSummary {
    RatingSummary::of([RatingTotals { count, sum }])
}

pub(crate) fn a_thread(company_id: CompanyId, technician_id: TechnicianId, job_id: Option<JobId>) -> Thread {
    Thread::builder()
        .id(new_id())
        .company_id(company_id)
        .technician_id(technician_id)
        .job_id(job_id)
        .created_at(at(0))
        .build()
}

pub(crate) fn a_message(sender: Side, sender_user_id: UserId, text: &str, second: i64) -> NewMessage {
    NewMessage::builder()
        .id(new_id())
        .sender(sender)
        .sender_user_id(sender_user_id)
        .text(value(text))
        .client_message_id(None)
        .created_at(at(second))
        .build()
}
