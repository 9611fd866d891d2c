use std::sync::Arc;

use repower_domain::{
    accounts::{SessionLimits, ThrottleLimits},
    quotas::Quotas,
};
use repower_ports::{
    Clock, IdGenerator,
    accounts::{
        AccountRepository, CommonPasswords, PasswordHasher, RateCounter, SecretGenerator, SessionRepository,
        SessionUses, ThrottleRepository, TokenSigner,
    },
    admin::AdminRepository,
    applications::ApplicationRepository,
    availability::AvailabilityRepository,
    chat::ChatRepository,
    companies::{CompanyRepository, InvitationRepository},
    compliance::ComplianceRepository,
    jobs::JobRepository,
    technicians::TechnicianRepository,
    trust::TrustRepository,
};

use crate::{
    accounts::AccountService,
    admin::AdminService,
    applications::ApplicationService,
    availability::AvailabilityService,
    candidates::CandidateAccess,
    chat::ChatService,
    companies::{CompanyService, MemberService},
    compliance::ComplianceService,
    jobs::JobService,
    technicians::TechnicianService,
    trust::TrustService,
};

/// The ports of all services.
#[derive(Clone)]
pub struct Ports {
    /// Stores accounts.
    pub accounts: Arc<dyn AccountRepository>,
    /// Administers the marketplace.
    pub admin: Arc<dyn AdminRepository>,
    /// Stores applications.
    pub applications: Arc<dyn ApplicationRepository>,
    /// Stores what technicians say about their time.
    pub availability: Arc<dyn AvailabilityRepository>,
    /// Stores threads and messages.
    pub chats: Arc<dyn ChatRepository>,
    /// Stores companies and their members.
    pub companies: Arc<dyn CompanyRepository>,
    /// Loads what the rules of compliance compare.
    pub compliance: Arc<dyn ComplianceRepository>,
    /// Stores invitations.
    pub invitations: Arc<dyn InvitationRepository>,
    /// Stores jobs.
    pub jobs: Arc<dyn JobRepository>,
    /// Lists and ends sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// Keeps the uses of sessions until they are stored.
    pub session_uses: Arc<dyn SessionUses>,
    /// Stores technicians and their passports.
    pub technicians: Arc<dyn TechnicianRepository>,
    /// Stores the judgements of certifications.
    pub trust: Arc<dyn TrustRepository>,
    /// Counts attempts.
    pub throttle: Arc<dyn ThrottleRepository>,
    /// Counts by the minute.
    pub rates: Arc<dyn RateCounter>,
    /// Hashes and verifies passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// The commonest passwords.
    pub common_passwords: Arc<dyn CommonPasswords>,
    /// Generates secrets.
    pub secrets: Arc<dyn SecretGenerator>,
    /// Signs tokens.
    pub tokens: Arc<dyn TokenSigner>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Generates ids.
    pub ids: Arc<dyn IdGenerator>,
}

/// The settings of the services.
#[derive(Debug, Clone, Copy)]
pub struct ServiceSettings {
    /// The limits of attempts; without limits, attempts are not counted.
    pub limits: Option<ThrottleLimits>,
    /// The most things of each kind that an owner has at once.
    pub quotas: Quotas,
    /// Whether a company must be verified to see technicians who have not turned to it.
    pub require_verified_company: bool,
    /// How long sessions are live.
    pub session_limits: SessionLimits,
}

/// The services of all features.
#[derive(Clone)]
pub struct Services {
    /// Registration, login and authentication.
    pub accounts: Arc<AccountService>,
    /// Administration.
    pub admin: Arc<AdminService>,
    /// Applications.
    pub applications: Arc<ApplicationService>,
    /// Availability.
    pub availability: Arc<AvailabilityService>,
    /// Chat.
    pub chats: Arc<ChatService>,
    /// Companies.
    pub companies: Arc<CompanyService>,
    /// Compliance.
    pub compliance: Arc<ComplianceService>,
    /// Members and invitations.
    pub members: Arc<MemberService>,
    /// Jobs.
    pub jobs: Arc<JobService>,
    /// Technicians and their passports.
    pub technicians: Arc<TechnicianService>,
    /// The judgement of certifications.
    pub trust: Arc<TrustService>,
}

impl Services {
    /// Creates the services on these ports.
    pub fn new(ports: &Ports, settings: ServiceSettings) -> Self {
        Self {
            accounts: Arc::new(account_service(ports.clone(), settings)),
            admin: Arc::new(admin_service(ports.clone(), settings)),
            applications: Arc::new(application_service(ports.clone())),
            availability: Arc::new(AvailabilityService { availability: ports.availability.clone() }),
            chats: Arc::new(chat_service(ports.clone(), settings)),
            companies: Arc::new(company_service(ports.clone())),
            compliance: Arc::new(compliance_service(ports.clone(), settings)),
            members: Arc::new(member_service(ports.clone(), settings)),
            jobs: Arc::new(job_service(ports.clone(), settings.quotas)),
            technicians: Arc::new(technician_service(ports.clone(), settings)),
            trust: Arc::new(trust_service(ports.clone(), settings)),
        }
    }
}

fn account_service(ports: Ports, ServiceSettings { limits, session_limits, .. }: ServiceSettings) -> AccountService {
    let Ports { accounts, companies, invitations, sessions, session_uses, hasher, common_passwords, .. } = ports;
    let Ports { throttle, rates, secrets, tokens, clock, ids, .. } = ports;
    AccountService {
        accounts,
        companies,
        invitations,
        sessions,
        uses: session_uses,
        hasher,
        common_passwords,
        throttle,
        rates,
        limits,
        secrets,
        tokens,
        clock,
        ids,
        session_limits,
    }
}

fn admin_service(
    Ports { admin, companies, jobs, technicians, rates, clock, ids, .. }: Ports,
    ServiceSettings { limits, .. }: ServiceSettings,
) -> AdminService {
    AdminService { admin, companies, jobs, technicians, rates, limits, clock, ids }
}

fn application_service(Ports { applications, jobs, compliance, clock, ids, .. }: Ports) -> ApplicationService {
    ApplicationService { applications, jobs, compliance, clock, ids }
}

fn chat_service(
    Ports { chats, companies, technicians, jobs, rates, clock, ids, .. }: Ports,
    ServiceSettings { limits, require_verified_company, .. }: ServiceSettings,
) -> ChatService {
    let candidates = CandidateAccess { companies, requires_verification: require_verified_company };
    ChatService { chats, technicians, candidates, jobs, rates, limits, clock, ids }
}

fn company_service(Ports { companies, clock, ids, .. }: Ports) -> CompanyService {
    CompanyService { companies, clock, ids }
}

fn compliance_service(
    Ports { compliance, jobs, technicians, companies, throttle, clock, .. }: Ports,
    ServiceSettings { limits, require_verified_company, .. }: ServiceSettings,
) -> ComplianceService {
    let candidates = CandidateAccess { companies, requires_verification: require_verified_company };
    ComplianceService { compliance, jobs, technicians, candidates, throttle, limits, clock }
}

fn member_service(
    Ports { companies, admin, invitations, throttle, secrets, clock, ids, .. }: Ports,
    ServiceSettings { limits, quotas, .. }: ServiceSettings,
) -> MemberService {
    MemberService { companies, admin, invitations, throttle, secrets, clock, ids, quotas, limits }
}

fn job_service(Ports { jobs, technicians, clock, ids, .. }: Ports, quotas: Quotas) -> JobService {
    JobService { jobs, technicians, clock, ids, quotas }
}

fn technician_service(
    Ports { technicians, companies, jobs, throttle, clock, ids, .. }: Ports,
    ServiceSettings { limits, quotas, require_verified_company, .. }: ServiceSettings,
) -> TechnicianService {
    let candidates = CandidateAccess { companies, requires_verification: require_verified_company };
    TechnicianService { technicians, candidates, jobs, clock, throttle, limits, ids, quotas }
}

fn trust_service(
    Ports { trust, admin, technicians, rates, clock, ids, .. }: Ports,
    ServiceSettings { limits, .. }: ServiceSettings,
) -> TrustService {
    TrustService { trust, admin, technicians, rates, limits, clock, ids }
}
