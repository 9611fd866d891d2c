//! Puts the parts together: the only place that names the adapters.

use std::{io, sync::Arc, thread};

use actix_web::web::{Data, ServiceConfig};
use chrono::TimeDelta;
use repower_application::{
    accounts::AccountService,
    admin::AdminService,
    applications::ApplicationService,
    chat::ChatService,
    companies::{CompanyService, MemberService},
    jobs::JobService,
    technicians::TechnicianService,
};
use repower_domain::accounts::Actor;
use repower_ports::{
    Clock, IdGenerator,
    accounts::{SecretGenerator, ThrottleRepository},
    companies::{CompanyRepository, InvitationRepository},
    jobs::JobRepository,
    operation::PoolProbe,
};
use repower_postgres::{
    Database, PgAccountRepository, PgAdminRepository, PgApplicationRepository, PgChatRepository, PgCompanyRepository,
    PgIdempotencyRepository, PgInvitationRepository, PgJobRepository, PgTechnicianRepository, PgThrottleRepository,
};
use repower_security::{
    BcryptHasher, HasherError, JwtSigner, RandomSecrets, RequestDigest, SignerError, ThrottledVerifier,
};
use thiserror::Error;

use crate::{
    accounts, admin, applications, chat, companies,
    environment::{SystemClock, UuidGenerator},
    http::{ApiError, Connections, Gate, Health, Identify, Lanes, Metrics, Pages, Repeats, Route, operation_routes},
    jobs,
    server::Api,
    settings::{Secret, Settings},
    technicians,
};

/// Why the parts do not fit together.
#[derive(Debug, Error)]
pub enum WiringError {
    /// Passwords cannot be hashed.
    #[error(transparent)]
    Hasher(#[from] HasherError),
    /// Tokens cannot be signed.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// Tokens would hold longer than the calendar goes.
    #[error("JWT_EXPIRES_IN is out of range")]
    TokenLifetime,
    /// The system has no threads.
    #[error(transparent)]
    Threads(#[from] io::Error),
    /// Two metrics contradict each other.
    #[error(transparent)]
    Metrics(#[from] prometheus::Error),
}

/// The database that the settings name.
pub fn database(settings: &Settings) -> Database {
    let (url, size) = (settings.database_url.reveal(), settings.database_pool_size);
    match &settings.database_direct_url {
        None => Database::new(url, size),
        Some(direct) => Database::behind_pooler(url, direct.reveal(), size),
    }
}

/// The use cases, each with its ports.
#[derive(Clone)]
pub struct Services {
    /// Registering and signing in.
    pub accounts: Arc<AccountService>,
    /// Technicians and their passports.
    pub technicians: Arc<TechnicianService>,
    /// Companies and their members.
    pub companies: Arc<CompanyService>,
    /// Members and invitations.
    pub members: Arc<MemberService>,
    /// Jobs.
    pub jobs: Arc<JobService>,
    /// Applications for jobs.
    pub applications: Arc<ApplicationService>,
    /// Chats.
    pub chats: Arc<ChatService>,
    /// Running the marketplace.
    pub admin: Arc<AdminService>,
}

/// What several use cases share.
struct Shared<'a> {
    settings: &'a Settings,
    database: &'a Database,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    companies: Arc<dyn CompanyRepository>,
    invitations: Arc<dyn InvitationRepository>,
    jobs: Arc<dyn JobRepository>,
    secrets: Arc<dyn SecretGenerator>,
}

impl<'a> Shared<'a> {
    fn new(settings: &'a Settings, database: &'a Database) -> Self {
        Self {
            settings,
            database,
            clock: Arc::new(SystemClock),
            ids: Arc::new(UuidGenerator),
            companies: Arc::new(PgCompanyRepository::new(database.clone())),
            invitations: Arc::new(PgInvitationRepository::new(database.clone())),
            jobs: Arc::new(PgJobRepository::new(database.clone())),
            secrets: Arc::new(RandomSecrets),
        }
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    fn ids(&self) -> Arc<dyn IdGenerator> {
        Arc::clone(&self.ids)
    }

    fn jobs(&self) -> Arc<dyn JobRepository> {
        Arc::clone(&self.jobs)
    }

    fn accounts(&self) -> Result<AccountService, WiringError> {
        let settings = self.settings;
        let hasher = BcryptHasher::new(settings.bcrypt_cost)?;
        let throttle: Arc<dyn ThrottleRepository> = Arc::new(PgThrottleRepository::new(self.database.clone()));
        let (limits, verifying) = (settings.rate_limits, Arc::clone(&throttle));
        let verifier = ThrottledVerifier { hasher: hasher.clone(), throttle: verifying, clock: self.clock(), limits };
        Ok(AccountService {
            accounts: Arc::new(PgAccountRepository::new(self.database.clone())),
            companies: Arc::clone(&self.companies),
            invitations: Arc::clone(&self.invitations),
            hasher: Arc::new(hasher),
            verifier: Arc::new(verifier),
            throttle,
            limits,
            secrets: Arc::clone(&self.secrets),
            tokens: Arc::new(JwtSigner::new(settings.jwt_secret.reveal())?),
            clock: self.clock(),
            ids: self.ids(),
            token_lifetime: TimeDelta::from_std(settings.jwt_expires_in)
                .map_err(|_out_of_range| WiringError::TokenLifetime)?,
        })
    }

    fn members(&self) -> MemberService {
        MemberService {
            companies: Arc::clone(&self.companies),
            invitations: Arc::clone(&self.invitations),
            secrets: Arc::clone(&self.secrets),
            clock: self.clock(),
            ids: self.ids(),
        }
    }

    fn technicians(&self) -> TechnicianService {
        let technicians = Arc::new(PgTechnicianRepository::new(self.database.clone()));
        TechnicianService { technicians, jobs: self.jobs(), clock: self.clock(), ids: self.ids() }
    }

    fn applications(&self) -> ApplicationService {
        let applications = Arc::new(PgApplicationRepository::new(self.database.clone()));
        ApplicationService { applications, jobs: self.jobs(), clock: self.clock(), ids: self.ids() }
    }

    fn chats(&self) -> ChatService {
        let chats = Arc::new(PgChatRepository::new(self.database.clone()));
        ChatService { chats, jobs: self.jobs(), clock: self.clock(), ids: self.ids() }
    }

    fn admin(&self) -> AdminService {
        let admin = Arc::new(PgAdminRepository::new(self.database.clone()));
        AdminService { admin, jobs: self.jobs(), clock: self.clock(), ids: self.ids() }
    }
}

impl Services {
    /// The use cases on this database.
    pub fn new(settings: &Settings, database: &Database) -> Result<Self, WiringError> {
        let shared = Shared::new(settings, database);
        let companies = CompanyService { companies: Arc::clone(&shared.companies), clock: shared.clock() };
        let jobs = JobService {
            jobs: shared.jobs(),
            companies: Arc::clone(&shared.companies),
            clock: shared.clock(),
            ids: shared.ids(),
        };
        Ok(Self {
            accounts: Arc::new(shared.accounts()?),
            technicians: Arc::new(shared.technicians()),
            companies: Arc::new(companies),
            members: Arc::new(shared.members()),
            jobs: Arc::new(jobs),
            applications: Arc::new(shared.applications()),
            chats: Arc::new(shared.chats()),
            admin: Arc::new(shared.admin()),
        })
    }

    fn hand_over(&self, config: &mut ServiceConfig) {
        config
            .app_data(Data::from(Arc::clone(&self.accounts)))
            .app_data(Data::from(Arc::clone(&self.technicians)))
            .app_data(Data::from(Arc::clone(&self.companies)))
            .app_data(Data::from(Arc::clone(&self.members)))
            .app_data(Data::from(Arc::clone(&self.jobs)))
            .app_data(Data::from(Arc::clone(&self.applications)))
            .app_data(Data::from(Arc::clone(&self.chats)))
            .app_data(Data::from(Arc::clone(&self.admin)));
    }
}

/// Who is asking is a question for the accounts.
struct Accounts(Arc<AccountService>);

impl Identify for Accounts {
    fn actor(&self, token: &str) -> Result<Actor, ApiError> {
        Ok(self.0.actor(token)?)
    }
}

/// The routes of all features.
pub fn routes() -> Vec<&'static Route> {
    let tables =
        [accounts::routes::ROUTES, technicians::routes::ROUTES, companies::routes::ROUTES, jobs::routes::ROUTES];
    tables
        .into_iter()
        .chain([applications::routes::ROUTES, chat::routes::ROUTES, admin::routes::ROUTES])
        .flatten()
        .collect()
}

/// Everything that is served, the routes of operation included.
pub fn all_routes() -> impl Iterator<Item = &'static Route> {
    routes().into_iter().chain(operation_routes())
}

/// The whole API on this database.
pub fn api(settings: &Settings, database: &Database, services: Services) -> Result<Api, WiringError> {
    let pool_size = usize::try_from(settings.database_pool_size).unwrap_or(usize::MAX);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let lanes = Lanes::new(pool_size, cores, settings.max_connections)?;
    let metrics_token = settings.metrics_token.as_ref().map(Secret::reveal);
    let pool: Arc<dyn PoolProbe> = Arc::new(database.clone());
    let pages = Pages::new(settings.page_cache_bytes);
    let connections = Arc::new(Connections::new(settings.max_connections));
    let metrics = Metrics::new(&lanes, &pool, &pages, &connections, metrics_token)?;
    let identify = Arc::new(Accounts(Arc::clone(&services.accounts)));
    let repeats = repeats(settings, database);
    Ok(Api {
        gate: Data::new(Gate::new(identify, lanes, pages, repeats, settings.trusted_proxies.clone())),
        metrics: Data::new(metrics),
        connections,
        health: Data::new(Health::new(Arc::new(database.clone()))),
        cors: settings.cors.clone(),
        routes: routes(),
        services: Arc::new(move |config| services.hand_over(config)),
    })
}

/// By what requests with an `Idempotency-Key` are known again, on all instances
/// with the same secret.
fn repeats(settings: &Settings, database: &Database) -> Repeats {
    let digest = RequestDigest::new(settings.jwt_secret.reveal());
    Repeats {
        kept: Arc::new(PgIdempotencyRepository::new(database.clone())),
        digest: Arc::new(move |parts: &[&[u8]]| digest.of(parts)),
        clock: Arc::new(SystemClock),
    }
}
