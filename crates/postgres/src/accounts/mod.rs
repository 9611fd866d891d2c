mod known_addresses;
#[expect(clippy::ref_option_ref, reason = "the derived insert has such references")]
mod rows;
#[expect(clippy::ref_option_ref, reason = "the derived insert has such references")]
mod session_rows;
mod sessions;
mod throttle;
mod verified;

use self::rows::{AccountRow, ActorRow, CredentialsRow};
pub(crate) use self::rows::{NewUserRow, UserRow};
pub use self::sessions::PgSessionRepository;
pub(crate) use self::sessions::end_all as end_all_sessions;
pub use self::throttle::PgThrottleRepository;
pub(crate) use self::throttle::count_all;
use self::verified::lock_verified;
use crate::{
    Database,
    companies::{CompanyColumns, CompanyRow, MemberRow},
    schema::{companies, company_members, kept_answers, sessions as session_table, technicians, users},
    session_records::EndReason,
    technicians::{TechnicianColumns, TechnicianRow},
};
use diesel::prelude::*;
use repower_domain::{
    accounts::{Account, Actor, Attachment, KnownAddress, LiveSessions, Registration},
    ids::{SessionId, UserId},
    values::Email,
};
use repower_ports::{
    RepositoryError,
    accounts::{AccountRepository, Bearer, Credentials, PasswordChange, RegisterError, VerifiedPassword},
};
use uuid::Uuid;

/// [`AccountRepository`] on PostgreSQL.
pub struct PgAccountRepository {
    database: Database,
}

impl PgAccountRepository {
    /// Creates the repository of this database's accounts.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

impl AccountRepository for PgAccountRepository {
    fn register(&self, registration: &Registration) -> Result<(), RegisterError> {
        let insert = |connection: &mut PgConnection| insert_account(connection, registration);
        self.database.write(insert).map_err(|failure| match failure.violated_constraint() {
            Some(EMAIL_KEY) => RegisterError::EmailTaken,
            Some(_) | None => RegisterError::Repository(failure.into()),
        })?;
        count_begun(&self.database, registration);
        Ok(())
    }

    fn find_credentials(&self, email: &Email) -> Result<Option<Credentials>, RepositoryError> {
        let row = self.database.read(|connection| load_credentials(connection, CredentialsKey::Email(email)))?;
        row.map(Credentials::try_from).transpose()
    }

    fn find_credentials_of(&self, id: UserId) -> Result<Option<Credentials>, RepositoryError> {
        let row = self.database.read(|connection| load_credentials(connection, CredentialsKey::User(id)))?;
        row.map(Credentials::try_from).transpose()
    }

    fn change_password(
        &self,
        PasswordChange { session, old_hash, new_hash, known_address }: &PasswordChange,
    ) -> Result<(), RepositoryError> {
        let (user, now) = (session.user_id, session.created_at);
        let change = |connection: &mut PgConnection| {
            let Some(_locked) = lock_verified(connection, user, old_hash)? else { return Ok(None) };
            // A deactivation or a removal since has ended the sessions for good.
            if !load_account(connection, user)?.is_some_and(|row| row.has_access()) {
                return Ok(None);
            }
            let ended = end_all_sessions(connection, user, now)?;
            diesel::update(users::table.find(user.uuid()))
                .set((users::password_hash.eq(new_hash.as_str()), users::updated_at.eq(now)))
                .execute(connection)?;
            forget_addresses_and_responses(connection, user)?;
            if let Some(address) = known_address {
                known_addresses::upsert(connection, address)?;
            }
            sessions::insert(connection, session)?;
            Ok(Some(ended))
        };
        let ended = self.database.write_actor(user, change)?.ok_or(RepositoryError::Stale)?;
        self.database.sessions.count_ended(EndReason::Password, ended);
        self.database.sessions.count_begun();
        Ok(())
    }

    fn find_account(&self, id: UserId) -> Result<Option<Account>, RepositoryError> {
        let row = self.database.read(|connection| load_account(connection, id))?;
        Ok(row.map(AccountRow::into_account).transpose()?.flatten())
    }

    fn sign_in(
        &self,
        VerifiedPassword { hash, known_address, session, live }: &VerifiedPassword,
    ) -> Result<Option<Account>, RepositoryError> {
        let user = session.user_id;
        let address = match known_address {
            Some(address) if !self.is_remembered(address)? => Some(address),
            Some(_) | None => None,
        };
        let sign_in = |connection: &mut PgConnection| {
            let Some(_locked) = lock_verified(connection, user, hash)? else { return Ok(None) };
            let Some(row) = load_account(connection, user)?.filter(AccountRow::has_access) else { return Ok(None) };
            if let Some(address) = address {
                known_addresses::upsert_bounded(connection, address)?;
            }
            let removed = sessions::insert_bounded(connection, session, live)?;
            Ok(Some((row, removed)))
        };
        let Some((row, removed)) = self.database.write_actor(user, sign_in)? else { return Ok(None) };
        self.database.sessions.count_ended(EndReason::Login, removed);
        self.database.sessions.count_begun();
        row.into_account()
    }

    fn find_actor(&self, bearer: &Bearer, live: &LiveSessions) -> Result<Option<Actor>, RepositoryError> {
        // No session has the nil id.
        let session = bearer.session().map_or_else(Uuid::nil, SessionId::uuid);
        let query = |connection: &mut PgConnection| {
            // No index serves the second comparison: that of the first reads one row.
            let is_live = session_table::id
                .eq(session)
                .and(session_table::user_id.is_not_distinct_from(users::id))
                .and(session_table::expires_at.gt(live.at))
                .and(session_table::last_used_at.gt(sessions::used_after(live)));
            users::table
                .left_join(technicians::table)
                .left_join(company_members::table)
                .left_join(session_table::table.on(is_live))
                .filter(users::id.eq(bearer.user_id.uuid()))
                .select((
                    users::role,
                    users::active,
                    users::tokens_valid_from,
                    technicians::id.nullable(),
                    company_members::company_id.nullable(),
                    session_table::id.nullable(),
                ))
                .first::<ActorRow>(connection)
                .optional()
        };
        self.database.find_actor(bearer, || {
            Ok(self.database.read(query)?.map(|row| row.into_actor(bearer)).transpose()?.flatten())
        })
    }

    fn is_known(&self, address: &KnownAddress) -> Result<bool, RepositoryError> {
        let since = address.used_at - KnownAddress::LIFETIME;
        Ok(self.database.read(|connection| known_addresses::was_used_since(connection, address, since))?)
    }
}

impl PgAccountRepository {
    /// Whether a use of the address that is precise enough is remembered.
    fn is_remembered(&self, address: &KnownAddress) -> Result<bool, RepositoryError> {
        let since = address.used_at - KnownAddress::PRECISION;
        Ok(self.database.read(|connection| known_addresses::was_used_since(connection, address, since))?)
    }
}

/// Name of the constraint that an email of another user violates.
pub(crate) const EMAIL_KEY: &str = "users_email_key";

/// Counts the session of an account that was inserted.
pub(crate) fn count_begun(database: &Database, registration: &Registration) {
    if registration.session.is_some() {
        database.sessions.count_begun();
    }
}

/// Inserts an account with its attachment and its session. Must run in a transaction.
pub(crate) fn insert_account(connection: &mut PgConnection, registration: &Registration) -> QueryResult<()> {
    diesel::insert_into(users::table).values(NewUserRow::of(registration)).execute(connection)?;
    if let Some(address) = registration.known_address {
        let user = &registration.account.user;
        known_addresses::upsert(
            connection,
            &KnownAddress::builder().user_id(user.id).address(address).used_at(user.created_at).build(),
        )?;
    }
    if let Some(session) = &registration.session {
        sessions::insert(connection, session)?;
    }
    insert_attachment(connection, registration)
}

/// Removes the known client addresses of a user, and the responses stored for their
/// idempotency keys.
pub(crate) fn forget_addresses_and_responses(connection: &mut PgConnection, user: UserId) -> QueryResult<()> {
    known_addresses::forget(connection, user)?;
    diesel::delete(kept_answers::table.filter(kept_answers::owner.eq(user.to_string()))).execute(connection)?;
    Ok(())
}

fn load_account(connection: &mut PgConnection, id: UserId) -> QueryResult<Option<AccountRow>> {
    users::table
        .left_join(technicians::table)
        .left_join(company_members::table.inner_join(companies::table))
        .filter(users::id.eq(id.uuid()))
        .select((
            UserRow::as_select(),
            Option::<TechnicianRow>::as_select(),
            Option::<(MemberRow, CompanyRow)>::as_select(),
        ))
        .first(connection)
        .optional()
}

/// The key of a lookup of credentials.
#[derive(Clone, Copy)]
enum CredentialsKey<'a> {
    Email(&'a Email),
    User(UserId),
}

fn load_credentials(connection: &mut PgConnection, key: CredentialsKey<'_>) -> QueryResult<Option<CredentialsRow>> {
    let query = users::table
        .left_join(technicians::table)
        .left_join(company_members::table.inner_join(companies::table))
        .select((
            users::password_hash,
            (
                UserRow::as_select(),
                Option::<TechnicianRow>::as_select(),
                Option::<(MemberRow, CompanyRow)>::as_select(),
            ),
        ))
        .into_boxed();
    let query = match key {
        CredentialsKey::Email(email) => query.filter(users::email.eq(email.as_str())),
        CredentialsKey::User(id) => query.filter(users::id.eq(id.uuid())),
    };
    query.first(connection).optional()
}

fn insert_attachment(connection: &mut PgConnection, registration: &Registration) -> QueryResult<()> {
    match &registration.account.attachment {
        Attachment::Technician(technician) => {
            diesel::insert_into(technicians::table).values(TechnicianColumns::new(technician)).execute(connection)?;
        }
        Attachment::Member { company, member } => {
            if registration.creates_company {
                diesel::insert_into(companies::table).values(CompanyColumns::new(company)).execute(connection)?;
            }
            diesel::insert_into(company_members::table).values(MemberRow::new(member)).execute(connection)?;
        }
        Attachment::Nothing => {}
    }
    Ok(())
}
