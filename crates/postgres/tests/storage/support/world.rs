use std::sync::{Arc, Mutex};

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl,
    connection::{InstrumentationEvent, SimpleConnection},
    sql_query,
    sql_types::{BigInt, Text},
};
use repower_domain::{
    Revision,
    accounts::{Actor, Attachment, CompanyRole, Registration, Session, Side},
    admin::{AuditAct, AuditEvent},
    applications::{Application, ApplicationMove, ApplicationStatus},
    companies::{Company, Invitation, Team, TeamChange},
    ids::{InvitationId, JobId, TechnicianId, ThreadId, UserId},
    jobs::Job,
    quotas::OpenJobs,
    technicians::{Evaluation, Technician},
    values::PasswordHash,
};
use repower_ports::{
    RepositoryError,
    accounts::{AccountRepository, SecretDigest, VerifiedPassword},
    admin::{AdminRepository, AuditFilter},
    applications::ApplicationRepository,
    chat::{ChatRepository, Window},
    companies::{AcceptError, CompanyRepository, InvitationLimits, InvitationRepository, InviteError},
    jobs::{JobRecord, JobRepository},
    technicians::TechnicianRepository,
};
use repower_postgres::{
    Database, PgAccountRepository, PgAdminRepository, PgApplicationRepository, PgAvailabilityRepository,
    PgChatRepository, PgCompanyRepository, PgComplianceRepository, PgIdempotencyRepository, PgInvitationRepository,
    PgJobRepository, PgSessionRepository, PgTechnicianRepository, PgThrottleRepository, PgTrustRepository,
};

use super::{
    NO_QUOTA, Schema, a_company_registration, a_session, a_technician_registration, an_application, an_event, at,
    bearer, first_page, live, sessionless,
};

/// A database with its repositories and a log of its statements.
pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) accounts: PgAccountRepository,
    pub(crate) companies: PgCompanyRepository,
    pub(crate) technicians: PgTechnicianRepository,
    pub(crate) jobs: PgJobRepository,
    pub(crate) applications: PgApplicationRepository,
    pub(crate) availability: PgAvailabilityRepository,
    pub(crate) compliance: PgComplianceRepository,
    pub(crate) chat: PgChatRepository,
    pub(crate) invitations: PgInvitationRepository,
    pub(crate) sessions: PgSessionRepository,
    pub(crate) throttle: PgThrottleRepository,
    pub(crate) trust: PgTrustRepository,
    pub(crate) admin: PgAdminRepository,
    pub(crate) idempotency: PgIdempotencyRepository,
    statements: Arc<Mutex<Vec<String>>>,
    pub(crate) schema: Arc<Schema>,
}

/// A company with its first ADMIN.
pub(crate) struct RegisteredCompany {
    pub(crate) company: Company,
    pub(crate) admin: UserId,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl World {
    /// A world with one connection, in a transaction that never commits.
    pub(crate) fn isolated() -> Self {
        Self::over(Schema::shared(), 1, PgConnection::begin_test_transaction)
    }

    /// As [`Self::isolated`], on the schema with loaded data.
    pub(crate) fn loaded() -> Self {
        Self::over(Schema::loaded(), 1, PgConnection::begin_test_transaction)
    }

    /// A world with its own schema and 40 connections.
    pub(crate) fn with_own_schema() -> Self {
        Self::with_connections(40)
    }

    /// A world with its own schema. Statements time out after one minute only, so
    /// that they wait for each other on a slow machine too.
    pub(crate) fn with_connections(connections: u32) -> Self {
        Self::over(Arc::new(Schema::migrated()), connections, |connection| {
            connection.batch_execute("SET lock_timeout = '1min'; SET statement_timeout = '1min'")
        })
    }

    fn over(schema: Arc<Schema>, connections: u32, begin: fn(&mut PgConnection) -> diesel::QueryResult<()>) -> Self {
        let statements = Arc::<Mutex<Vec<String>>>::default();
        let log = Arc::clone(&statements);
        let setup = move |connection: &mut PgConnection| {
            begin(connection)?;
            let log = Arc::clone(&log);
            connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if let InstrumentationEvent::StartQuery { query, .. } = event {
                    log.lock().unwrap().push(query.to_string());
                }
            });
            Ok(())
        };
        let database = Database::with_setup(&schema.url, connections, Arc::new(setup));
        Self {
            accounts: PgAccountRepository::new(database.clone()),
            companies: PgCompanyRepository::new(database.clone()),
            technicians: PgTechnicianRepository::new(database.clone()),
            jobs: PgJobRepository::new(database.clone()),
            applications: PgApplicationRepository::new(database.clone()),
            availability: PgAvailabilityRepository::new(database.clone()),
            compliance: PgComplianceRepository::new(database.clone()),
            chat: PgChatRepository::new(database.clone()),
            invitations: PgInvitationRepository::new(database.clone()),
            sessions: PgSessionRepository::new(database.clone()),
            throttle: PgThrottleRepository::new(database.clone()),
            trust: PgTrustRepository::new(database.clone()),
            admin: PgAdminRepository::new(database.clone()),
            idempotency: PgIdempotencyRepository::new(database.clone()),
            database,
            statements,
            schema,
        }
    }

    /// The statements that a call sends to the database.
    pub(crate) fn statements_of<T>(&self, call: impl FnOnce() -> T) -> Vec<String> {
        self.statements.lock().unwrap().clear();
        call();
        let statements = std::mem::take(&mut *self.statements.lock().unwrap());
        statements.into_iter().filter(|statement| statement != "SELECT 1").collect()
    }

    /// The SELECT statements of a call, without transaction control and settings.
    pub(crate) fn queries_of<T>(&self, call: impl FnOnce() -> T) -> Vec<String> {
        let is_query = |statement: &String| statement.starts_with("SELECT") || statement.starts_with("WITH");
        self.statements_of(call).into_iter().filter(is_query).collect()
    }

    /// Runs statements.
    pub(crate) fn execute(&self, statements: &str) {
        self.database.with_connection(|connection| connection.batch_execute(statements)).unwrap();
    }

    /// The rows of a query with one text column.
    pub(crate) fn texts(&self, query: &str) -> Vec<String> {
        let texts = diesel::dsl::sql::<Text>(query);
        self.database.with_connection(|connection| texts.load(connection)).unwrap()
    }

    /// The number of a table's rows that satisfy a condition.
    pub(crate) fn count(&self, table: &str, condition: &str) -> i64 {
        let query = format!("SELECT count(*) AS count FROM {table} WHERE {condition}");
        self.database.with_connection(|connection| sql_query(query).get_result::<Count>(connection)).unwrap().count
    }

    pub(crate) fn register(&self, registration: &Registration) {
        self.accounts.register(registration).unwrap();
    }

    pub(crate) fn technician(&self) -> Technician {
        let registration = a_technician_registration();
        self.register(&registration);
        match registration.account.attachment {
            Attachment::Technician(technician) => technician,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn register_company(&self) -> RegisteredCompany {
        let registration = a_company_registration();
        self.register(&registration);
        match registration.account.attachment {
            Attachment::Member { company, member } => RegisteredCompany { company, admin: member.user_id },
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn company(&self) -> Company {
        self.register_company().company
    }

    /// The acts in the audit log, the last one first.
    pub(crate) fn log(&self) -> Vec<AuditEvent> {
        self.admin.audit(&AuditFilter::default(), first_page(100)).unwrap().items
    }

    /// Stores a changed company by its first ADMIN.
    pub(crate) fn edit(&self, company: &Company) -> Result<(), RepositoryError> {
        let stored = self.companies.find(company.id).unwrap().unwrap();
        let act = AuditAct::EditCompany(company.id, stored.difference_from(company), company.difference_from(&stored));
        let admin = self.companies.members(company.id, first_page(1)).unwrap().items.remove(0);
        self.companies.update(company, &an_event(admin.user_id, act, 7))
    }

    /// Changes a team by one of its admins.
    pub(crate) fn change_team(&self, team: &Team, change: &TeamChange, second: i64) -> Result<(), RepositoryError> {
        let act = match change {
            TeamChange::Role(member) => AuditAct::ChangeMemberRole(member.user_id, CompanyRole::Recruiter, member.role),
            TeamChange::Removal(member) => AuditAct::RemoveMember(member.user_id, member.role),
        };
        self.companies.change_team(team, change, &an_event(team.admins[0], act, second))
    }

    /// Invites by a user.
    pub(crate) fn invite(
        &self,
        invitation: &Invitation,
        digest: SecretDigest,
        by: UserId,
        limits: &InvitationLimits,
    ) -> Result<(), InviteError> {
        let act = AuditAct::CreateInvitation(invitation.id, invitation.email.clone(), invitation.role);
        self.invitations.invite(invitation, digest, &an_event(by, act, 0), limits)
    }

    /// Revokes an invitation by a user.
    pub(crate) fn revoke(&self, invitation: &Invitation, by: UserId, second: i64) -> bool {
        let act = AuditAct::RevokeInvitation(invitation.id, invitation.email.clone(), invitation.role);
        self.invitations.revoke(invitation, &an_event(by, act, second)).unwrap()
    }

    /// Accepts an invitation as a member.
    pub(crate) fn accept(
        &self,
        id: InvitationId,
        member: &Registration,
        digest: SecretDigest,
    ) -> Result<(), AcceptError> {
        let user = &member.account.user;
        let role = user.role.in_company().unwrap();
        let event = an_event(user.id, AuditAct::AcceptInvitation(id, user.email.clone(), role), 1);
        self.invitations.accept(id, member, digest, &event)
    }

    /// Stores a job.
    pub(crate) fn add_job(&self, job: Job) -> Job {
        self.add_within(&job, NO_QUOTA).unwrap();
        job
    }

    pub(crate) fn last_seq(&self, thread: ThreadId) -> i64 {
        self.chat.messages(thread, Window::Newest, 1).unwrap().unwrap().last_seq
    }

    /// Adds a job that names its country.
    pub(crate) fn add_within(&self, job: &Job, quota: OpenJobs) -> Result<(), RepositoryError> {
        let company = self.jobs.add(&job.clone().map_country(Some), quota)?;
        assert_eq!(company.map(|company| company.id), Some(job.company_id));
        Ok(())
    }

    pub(crate) fn find_job(&self, job: &Job) -> JobRecord {
        self.jobs.find(job.id).unwrap().unwrap()
    }

    /// Stores an application of a technician for a job.
    pub(crate) fn apply(&self, job: &Job, technician: &Technician, second: i64) -> Application {
        let application = an_application(job, technician, second);
        self.applications.add(&application, &application.applied(technician.user_id)).unwrap();
        application
    }

    /// Stores an application of a technician for a job, and an offer of the job.
    pub(crate) fn offer(&self, job: &Job, technician: &Technician) -> Application {
        let application = self.apply(job, technician, 0);
        self.step(&application, technician, ApplicationStatus::Offered, job.revision).unwrap();
        self.applications.find(application.id).unwrap().unwrap()
    }

    /// Moves an application of a job at this revision to OFFERED or ACCEPTED.
    pub(crate) fn step(
        &self,
        application: &Application,
        technician: &Technician,
        next: ApplicationStatus,
        job: Revision,
    ) -> Result<(), RepositoryError> {
        let side = if next == ApplicationStatus::Offered { Side::Company } else { Side::Technician };
        let change = ApplicationMove::builder().next(next).build();
        let (moved, step) = application.move_to(change, side, technician.user_id, at(1)).unwrap();
        self.applications.update(&moved, &step, &[], Some(job))
    }

    /// Stores an application of a technician for a job that is accepted and confirmed.
    pub(crate) fn engage(&self, job: JobId, technician: TechnicianId) {
        self.execute(&format!(
            "INSERT INTO applications (id, job_id, company_id, technician_id, status, confirmed_at, created_at, updated_at)
             SELECT gen_random_uuid(), id, company_id, '{technician}', 'ACCEPTED', created_at, created_at, updated_at
             FROM jobs WHERE id = '{job}'
             ON CONFLICT (job_id, technician_id) DO UPDATE SET status = 'ACCEPTED', confirmed_at = excluded.confirmed_at"
        ));
    }

    /// Stores an evaluation, and the accepted application that it requires.
    pub(crate) fn evaluate(&self, evaluation: &Evaluation) {
        self.engage(evaluation.job_id, evaluation.technician_id);
        self.technicians.evaluate(evaluation).unwrap();
    }

    /// The actor of a user, by a token without a session.
    pub(crate) fn actor(&self, user: UserId) -> Option<Actor> {
        self.accounts.find_actor(&sessionless(user), &live(0)).unwrap()
    }

    /// Signs a user in with the password of the registrations, at this second.
    pub(crate) fn sign_in(&self, user: UserId, second: i64) -> Session {
        let session = a_session(user, second);
        assert!(self.try_sign_in(&session, second));
        session
    }

    /// Signs a user in with a session. Returns whether the password is that of the
    /// registrations.
    pub(crate) fn try_sign_in(&self, session: &Session, second: i64) -> bool {
        let (hash, session) = (PasswordHash::new("hash"), session.clone());
        let login = VerifiedPassword { hash, known_address: None, session, live: live(second) };
        self.accounts.sign_in(&login).unwrap().is_some()
    }

    /// The actor of a token of a session.
    pub(crate) fn actor_in(&self, session: &Session) -> Option<Actor> {
        self.accounts.find_actor(&bearer(session), &live(0)).unwrap()
    }

    /// Stores values that the domain rejects, for tests of reading them.
    pub(crate) fn corrupt_technician(&self, id: TechnicianId, assignment: &str) {
        self.execute(&format!("UPDATE technicians SET {assignment} WHERE id = '{id}'"));
    }
}
