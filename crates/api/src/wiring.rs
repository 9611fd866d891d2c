//! Puts the parts together: the only place that names the adapters.

use std::{sync::Arc, thread};

use actix_web::web::{Data, ServiceConfig};
use chrono::TimeDelta;
use repower_application::{
    accounts::AccountService, applications::ApplicationService, chat::ChatService, companies::CompanyService,
    jobs::JobService, technicians::TechnicianService,
};
use repower_domain::accounts::Actor;
use repower_ports::{Clock, IdGenerator, companies::CompanyRepository, jobs::JobRepository};
use repower_postgres::{
    Database, PgAccountRepository, PgApplicationRepository, PgChatRepository, PgCompanyRepository, PgJobRepository,
    PgTechnicianRepository,
};
use repower_security::{BcryptHasher, HasherError, JwtSigner, SignerError};
use thiserror::Error;

use crate::{
    accounts, applications, chat, companies,
    environment::{SystemClock, UuidGenerator},
    http::{ApiError, Gate, Health, Identify, Lanes, Route},
    jobs,
    server::Api,
    settings::Settings,
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
    /// Jobs.
    pub jobs: Arc<JobService>,
    /// Applications for jobs.
    pub applications: Arc<ApplicationService>,
    /// Chats.
    pub chats: Arc<ChatService>,
}

impl Services {
    /// The use cases on this database.
    pub fn new(settings: &Settings, database: &Database) -> Result<Self, WiringError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let ids: Arc<dyn IdGenerator> = Arc::new(UuidGenerator);
        let companies: Arc<dyn CompanyRepository> = Arc::new(PgCompanyRepository::new(database.clone()));
        let jobs: Arc<dyn JobRepository> = Arc::new(PgJobRepository::new(database.clone()));
        let accounts = AccountService {
            accounts: Arc::new(PgAccountRepository::new(database.clone())),
            companies: Arc::clone(&companies),
            hasher: Arc::new(BcryptHasher::new(settings.bcrypt_cost)?),
            tokens: Arc::new(JwtSigner::new(settings.jwt_secret.reveal())?),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            token_lifetime: TimeDelta::from_std(settings.jwt_expires_in)
                .map_err(|_out_of_range| WiringError::TokenLifetime)?,
        };
        let technicians = TechnicianService {
            technicians: Arc::new(PgTechnicianRepository::new(database.clone())),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
        };
        let applications = ApplicationService {
            applications: Arc::new(PgApplicationRepository::new(database.clone())),
            jobs: Arc::clone(&jobs),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
        };
        let chats = ChatService {
            chats: Arc::new(PgChatRepository::new(database.clone())),
            jobs: Arc::clone(&jobs),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
        };
        Ok(Self {
            accounts: Arc::new(accounts),
            technicians: Arc::new(technicians),
            companies: Arc::new(CompanyService { companies: Arc::clone(&companies), clock: Arc::clone(&clock) }),
            jobs: Arc::new(JobService { jobs, companies, clock, ids }),
            applications: Arc::new(applications),
            chats: Arc::new(chats),
        })
    }

    fn hand_over(&self, config: &mut ServiceConfig) {
        config
            .app_data(Data::from(Arc::clone(&self.accounts)))
            .app_data(Data::from(Arc::clone(&self.technicians)))
            .app_data(Data::from(Arc::clone(&self.companies)))
            .app_data(Data::from(Arc::clone(&self.jobs)))
            .app_data(Data::from(Arc::clone(&self.applications)))
            .app_data(Data::from(Arc::clone(&self.chats)));
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
    tables.into_iter().chain([applications::routes::ROUTES, chat::routes::ROUTES]).flatten().collect()
}

/// The whole API on this database.
pub fn api(settings: &Settings, database: &Database, services: Services) -> Api {
    let connections = usize::try_from(settings.database_pool_size).unwrap_or(usize::MAX);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let identify = Arc::new(Accounts(Arc::clone(&services.accounts)));
    Api {
        gate: Data::new(Gate::new(identify, Lanes::new(connections, cores))),
        health: Data::new(Health::new(Arc::new(database.clone()))),
        cors: settings.cors.clone(),
        routes: routes(),
        services: Arc::new(move |config| services.hand_over(config)),
    }
}
