mod rows;

use diesel::prelude::*;
use repower_domain::{
    accounts::{Account, Attachment, Registration},
    ids::UserId,
    values::Email,
};
use repower_ports::{
    RepositoryError,
    accounts::{AccountRepository, Credentials, Identity, RegisterError},
};

use self::rows::{AccountRow, CredentialsRow, IdentityRow, NewUserRow, UserRow};
use crate::{
    Database,
    companies::{CompanyColumns, CompanyRow, MemberRow},
    schema::{companies, company_members, technicians, users},
    technicians::{TechnicianColumns, TechnicianRow},
};

/// [`AccountRepository`] on PostgreSQL.
pub struct PgAccountRepository {
    database: Database,
}

impl PgAccountRepository {
    /// The accounts of this database.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

impl AccountRepository for PgAccountRepository {
    fn register(&self, registration: &Registration) -> Result<(), RegisterError> {
        let user = NewUserRow::new(&registration.account.user, &registration.password_hash);
        let insert = |connection: &mut PgConnection| {
            diesel::insert_into(users::table).values(&user).execute(connection)?;
            insert_attachment(connection, registration)
        };
        self.database.write(insert).map_err(|failure| match failure.violated() {
            Some("users_email_key") => RegisterError::EmailTaken,
            Some(_) | None => RegisterError::Repository(failure.into()),
        })
    }

    fn find_credentials(&self, email: &Email) -> Result<Option<Credentials>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            users::table
                .left_join(technicians::table)
                .left_join(company_members::table.inner_join(companies::table))
                .filter(users::email.eq(email.as_str()))
                .select((
                    users::password_hash,
                    (
                        UserRow::as_select(),
                        Option::<TechnicianRow>::as_select(),
                        Option::<(MemberRow, CompanyRow)>::as_select(),
                    ),
                ))
                .first::<CredentialsRow>(connection)
                .optional()
        };
        self.database.read(query)?.map(Credentials::try_from).transpose()
    }

    fn find_account(&self, id: UserId) -> Result<Option<Account>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            users::table
                .left_join(technicians::table)
                .left_join(company_members::table.inner_join(companies::table))
                .filter(users::id.eq(id.uuid()))
                .select((
                    UserRow::as_select(),
                    Option::<TechnicianRow>::as_select(),
                    Option::<(MemberRow, CompanyRow)>::as_select(),
                ))
                .first::<AccountRow>(connection)
                .optional()
        };
        Ok(self.database.read(query)?.map(AccountRow::into_account).transpose()?.flatten())
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
        Ok(self.database.read(query)?.map(|row| row.into_identity(id)).transpose()?.flatten())
    }
}

fn insert_attachment(connection: &mut PgConnection, registration: &Registration) -> QueryResult<()> {
    match &registration.account.attachment {
        Attachment::Technician(technician) => {
            diesel::insert_into(technicians::table).values(TechnicianColumns::new(technician)).execute(connection)?;
        }
        Attachment::Member { company, member } => {
            if registration.founds_company {
                diesel::insert_into(companies::table).values(CompanyColumns::new(company)).execute(connection)?;
            }
            diesel::insert_into(company_members::table).values(MemberRow::new(member)).execute(connection)?;
        }
        Attachment::Nothing => {}
    }
    Ok(())
}
