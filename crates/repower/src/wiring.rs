//! Wires adapters to ports. No other module names an adapter.

use std::sync::Arc;

use repower_application::{Ports, ServiceSettings, Services};
use repower_http::IdempotencyStore;
use repower_postgres::{
    Database, PgAccountRepository, PgAdminRepository, PgApplicationRepository, PgAvailabilityRepository,
    PgChatRepository, PgCompanyRepository, PgComplianceRepository, PgIdempotencyRepository, PgInvitationRepository,
    PgJobRepository, PgSessionRepository, PgTechnicianRepository, PgThrottleRepository, PgTrustRepository,
};
use repower_security::{
    BcryptHasher, EmbeddedPasswords, HasherError, JwtSigner, RandomSecrets, RequestDigest, SignerError,
};
use thiserror::Error;

use crate::{
    environment::{SystemClock, UuidGenerator},
    rates::MemoryRates,
    settings::Settings,
};

/// The error of creating the services.
#[derive(Debug, Error)]
pub enum WiringError {
    /// Passwords cannot be hashed.
    #[error(transparent)]
    Hasher(#[from] HasherError),
    /// Tokens cannot be signed.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

/// The database of the settings.
pub fn database(settings: &Settings) -> Database {
    let (url, size) = (settings.database_url.reveal(), settings.database_pool_size);
    let database = match &settings.database_direct_url {
        None => Database::new(url, size),
        Some(direct) => Database::behind_pooler(url, direct.reveal(), size),
    };
    match &settings.database_replica_url {
        None => database,
        Some(replica) => database.with_replica(replica.reveal(), size, settings.replica_max_lag),
    }
}

/// The services on this database.
///
/// # Errors
///
/// [`WiringError`], where a setting does not suit an adapter.
pub fn services(settings: &Settings, database: &Database) -> Result<Services, WiringError> {
    let settings_of_services = ServiceSettings {
        limits: settings.rate_limits(),
        quotas: settings.quotas(),
        require_verified_company: settings.require_verified_company,
        session_limits: settings.session_limits(),
    };
    Ok(Services::new(&ports(settings, database)?, settings_of_services))
}

fn ports(settings: &Settings, database: &Database) -> Result<Ports, WiringError> {
    Ok(Ports {
        accounts: Arc::new(PgAccountRepository::new(database.clone())),
        admin: Arc::new(PgAdminRepository::new(database.clone())),
        applications: Arc::new(PgApplicationRepository::new(database.clone())),
        availability: Arc::new(PgAvailabilityRepository::new(database.clone())),
        chats: Arc::new(PgChatRepository::new(database.clone())),
        companies: Arc::new(PgCompanyRepository::new(database.clone())),
        compliance: Arc::new(PgComplianceRepository::new(database.clone())),
        invitations: Arc::new(PgInvitationRepository::new(database.clone())),
        jobs: Arc::new(PgJobRepository::new(database.clone())),
        sessions: Arc::new(PgSessionRepository::new(database.clone())),
        session_uses: Arc::new(database.clone()),
        technicians: Arc::new(PgTechnicianRepository::new(database.clone())),
        trust: Arc::new(PgTrustRepository::new(database.clone())),
        throttle: Arc::new(PgThrottleRepository::new(database.clone())),
        rates: Arc::new(MemoryRates::default()),
        hasher: Arc::new(BcryptHasher::new(settings.bcrypt_cost)?),
        common_passwords: Arc::new(EmbeddedPasswords),
        secrets: Arc::new(RandomSecrets),
        tokens: Arc::new(JwtSigner::new(settings.jwt_secret.reveal())?),
        clock: Arc::new(SystemClock),
        ids: Arc::new(UuidGenerator),
    })
}

/// The store of responses to requests with an `Idempotency-Key`. All instances
/// with the same secret share it.
pub(crate) fn idempotency_store(settings: &Settings, database: &Database) -> IdempotencyStore {
    let digest = RequestDigest::new(settings.jwt_secret.reveal());
    IdempotencyStore {
        responses: Arc::new(PgIdempotencyRepository::new(database.clone())),
        fingerprint: Arc::new(move |parts: &[&[u8]]| digest.of(parts)),
        clock: Arc::new(SystemClock),
        limit: settings.max_kept_answers,
    }
}
