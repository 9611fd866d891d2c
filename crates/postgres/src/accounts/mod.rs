mod known_addresses;
#[expect(clippy::ref_option_ref, reason = "the derived insert has such references")]
mod rows;
mod throttle;

use self::rows::{AccountRow, CredentialsRow, IdentityRow};
pub(crate) use self::rows::{NewUserRow, UserRow};
pub use self::throttle::PgThrottleRepository;
pub(crate) use self::throttle::count_all;
use crate::{
    Database,
    companies::{CompanyColumns, CompanyRow, MemberRow},
    lists,
    schema::{companies, company_members, kept_answers, technicians, users},
    technicians::{TechnicianColumns, TechnicianRow},
};
use diesel::prelude::*;
use repower_domain::{
    accounts::{Account, Attachment, KnownAddress, Registration},
    ids::UserId,
    values::{Email, PasswordHash},
};
use repower_ports::{
    RepositoryError,
    accounts::{AccountRepository, Credentials, Identity, PasswordChange, RegisterError, VerifiedPassword},
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
        })
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
        PasswordChange { user, old_hash, new_hash, known_address }: &PasswordChange,
    ) -> Result<(), RepositoryError> {
        let verified = users::table
            .find(user.id.uuid())
            .filter(users::password_hash.eq(old_hash.as_str()))
            // A deactivation since has ended the sessions for good.
            .filter(users::active.eq(true))
            .filter(users::tokens_valid_from.lt(user.tokens_valid_from));
        let change = |connection: &mut PgConnection| {
            let changed = diesel::update(verified)
                .set((
                    users::password_hash.eq(new_hash.as_str()),
                    users::tokens_valid_from.eq(user.tokens_valid_from),
                    users::updated_at.eq(user.updated_at),
                ))
                .execute(connection)?;
            if changed > 0 {
                forget_sessions(connection, user.id)?;
                if let Some(address) = known_address {
                    known_addresses::upsert(connection, address)?;
                }
            }
            Ok(changed)
        };
        lists::require_updated(self.database.write_actor(user.id, change)?)
    }

    fn find_account(&self, id: UserId) -> Result<Option<Account>, RepositoryError> {
        let row = self.database.read(|connection| load_account(connection, id, None))?;
        Ok(row.map(AccountRow::into_account).transpose()?.flatten())
    }

    fn sign_in(
        &self,
        VerifiedPassword { user_id, hash, known_address }: &VerifiedPassword,
    ) -> Result<Option<Account>, RepositoryError> {
        let row = match known_address {
            Some(address) if !self.is_remembered(address)? => self.database.write(|connection| {
                let row = lock_verified(connection, *user_id, hash)?
                    .map(|_locked| load_account(connection, *user_id, None))
                    .transpose()?
                    .flatten();
                if row.is_some() {
                    known_addresses::upsert_bounded(connection, address)?;
                }
                Ok(row)
            })?,
            Some(_) | None => self.database.read(|connection| load_account(connection, *user_id, Some(hash)))?,
        };
        Ok(row.map(AccountRow::into_account).transpose()?.flatten())
    }

    fn find_identity(&self, id: UserId) -> Result<Option<Identity>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            users::table
                .left_join(technicians::table)
                .left_join(company_members::table)
                .filter(users::id.eq(id.uuid()))
                .select((
                    users::role,
                    users::active,
                    users::tokens_valid_from,
                    technicians::id.nullable(),
                    company_members::company_id.nullable(),
                ))
                .first::<IdentityRow>(connection)
                .optional()
        };
        self.database
            .find_actor(id, || Ok(self.database.read(query)?.map(|row| row.into_identity(id)).transpose()?.flatten()))
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

/// Inserts an account with its attachment. Must run in a transaction.
pub(crate) fn insert_account(connection: &mut PgConnection, registration: &Registration) -> QueryResult<()> {
    diesel::insert_into(users::table).values(NewUserRow::of(registration)).execute(connection)?;
    if let Some(address) = registration.known_address {
        let user = &registration.account.user;
        known_addresses::upsert(
            connection,
            &KnownAddress::builder().user_id(user.id).address(address).used_at(user.created_at).build(),
        )?;
    }
    insert_attachment(connection, registration)
}

/// Removes the known client addresses of a user, and the responses stored for their
/// idempotency keys.
pub(crate) fn forget_sessions(connection: &mut PgConnection, user: UserId) -> QueryResult<()> {
    known_addresses::forget(connection, user)?;
    diesel::delete(kept_answers::table.filter(kept_answers::owner.eq(user.to_string()))).execute(connection)?;
    Ok(())
}

/// The account of a user; of one with this hash, if one is given.
fn load_account(
    connection: &mut PgConnection,
    id: UserId,
    hash: Option<&PasswordHash>,
) -> QueryResult<Option<AccountRow>> {
    let query = users::table
        .left_join(technicians::table)
        .left_join(company_members::table.inner_join(companies::table))
        .filter(users::id.eq(id.uuid()))
        .select((
            UserRow::as_select(),
            Option::<TechnicianRow>::as_select(),
            Option::<(MemberRow, CompanyRow)>::as_select(),
        ))
        .into_boxed();
    let query = match hash {
        Some(hash) => query.filter(users::password_hash.eq(hash.as_str())),
        None => query,
    };
    query.first(connection).optional()
}

/// Locks an active user if their password has this hash. Concurrent logins of the user
/// wait here, and so does a new password.
fn lock_verified(connection: &mut PgConnection, id: UserId, hash: &PasswordHash) -> QueryResult<Option<Uuid>> {
    users::table
        .find(id.uuid())
        .filter(users::password_hash.eq(hash.as_str()))
        .filter(users::active.eq(true))
        .select(users::id)
        .for_no_key_update()
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
