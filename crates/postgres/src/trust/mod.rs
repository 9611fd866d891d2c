//! The judgements of certifications, and the revocations.

mod revoking;
mod rows;

use chrono::DateTime;
use diesel::{dsl::array, prelude::*, result::Error};
use repower_domain::{
    admin::AuditEvent,
    ids::{CertificationId, RevocationId},
    technicians::Certification,
    trust::Revocation,
};
use repower_ports::{
    Page, PageRequest, Position, RepositoryError,
    trust::{CertificationFilter, CertificationRecord, RevokeError, TrustRepository},
};

use self::rows::{JudgedRow, RevocationRow};
use crate::{
    Database,
    audit::insert_event,
    condition::ConstText,
    lists::{self, KeysetPosition},
    schema::{certifications, revocations, technicians},
    stored,
    technicians::{CertificationRecord as CertificationSql, certification_columns, replace, replace_appeal},
};

/// [`TrustRepository`] on PostgreSQL.
pub struct PgTrustRepository {
    database: Database,
}

impl PgTrustRepository {
    /// Creates the repository of this database's judgements.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }

    /// Replaces one row, and logs it.
    fn replace(
        &self,
        event: Option<&AuditEvent>,
        guarded: impl Fn(&mut PgConnection) -> QueryResult<usize>,
    ) -> Result<(), RepositoryError> {
        let change = |connection: &mut PgConnection| match guarded(connection)? {
            0 => Err(Error::NotFound),
            _ => event.map_or(Ok(()), |event| insert_event(connection, None, event)),
        };
        lists::not_found_as_stale(self.database.write(change))
    }
}

/// The trust of a certification, as the index has it: without a decision it is
/// that of its document.
const TRUST: ConstText = ConstText(
    "coalesce(judged.decision, CASE WHEN judged.document_url IS NULL THEN 'SELF_DECLARED' ELSE 'EVIDENCE_ATTACHED' END)",
);

/// The certifications that `judged`, an alias, has: the id of each, itself and the others of its
/// type, and its technician.
macro_rules! records {
    ($judged:ident) => {{
        let of_type = certifications::table
            .filter(certifications::technician_id.eq($judged.field(certifications::technician_id)))
            .filter(
                certifications::id
                    .eq($judged.field(certifications::id))
                    .or(certifications::type_code.nullable().eq($judged.field(certifications::type_code))),
            )
            .order(certifications::id)
            .select(certification_columns!().into_sql::<CertificationSql>());
        $judged
            .inner_join(technicians::table.on(technicians::id.eq($judged.field(certifications::technician_id))))
            .order($judged.field(certifications::id))
            .select((
                $judged.field(certifications::id),
                technicians::id,
                technicians::full_name,
                technicians::winda_id,
                technicians::irata_number,
                array::<CertificationSql, _>(of_type),
            ))
    }};
}

/// The ids of certifications are in the order of their addition.
fn load(connection: &mut PgConnection, filter: CertificationFilter, page: PageRequest) -> QueryResult<Vec<JudgedRow>> {
    let judged = diesel::alias!(certifications as judged);
    let (_, after) = lists::oldest_first(page);
    let mut query =
        records!(judged).filter(judged.field(certifications::id).gt(after)).limit(lists::row_limit(page)).into_boxed();
    if let Some(trust) = filter.trust {
        query = query.filter(TRUST.eq(trust.as_str()));
    }
    query = match filter.appealed {
        Some(true) => query.filter(judged.field(certifications::appeal).is_not_null()),
        Some(false) => query.filter(judged.field(certifications::appeal).is_null()),
        None => query,
    };
    query.load(connection)
}

impl TrustRepository for PgTrustRepository {
    fn certifications(
        &self,
        filter: CertificationFilter,
        page: PageRequest,
    ) -> Result<Page<CertificationRecord>, RepositoryError> {
        let rows = self.database.read(|connection| load(connection, filter, page))?;
        let records = rows.into_iter().map(rows::record).collect::<Result<_, _>>()?;
        let position =
            |record: &CertificationRecord| Position { at: DateTime::UNIX_EPOCH, id: record.certification.id.uuid() };
        Ok(Page::cut(records, page.limit, position))
    }

    fn find(&self, id: CertificationId) -> Result<Option<CertificationRecord>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            let judged = diesel::alias!(certifications as judged);
            let target = judged.field(certifications::id).eq(id.uuid());
            records!(judged).filter(target).first::<JudgedRow>(connection).optional()
        };
        self.database.read(query)?.map(rows::record).transpose()
    }

    fn judge(&self, certification: &Certification, event: Option<AuditEvent>) -> Result<(), RepositoryError> {
        self.replace(event.as_ref(), |connection| replace(connection, certification))
    }

    fn appeal(&self, certification: &Certification, event: &AuditEvent) -> Result<(), RepositoryError> {
        self.replace(Some(event), |connection| replace_appeal(connection, certification))
    }

    fn revoke(&self, revocation: &Revocation, event: &AuditEvent) -> Result<Revocation, RevokeError> {
        let change = |connection: &mut PgConnection| {
            let count = revoking::revoke(connection, revocation)?;
            if count.is_some() {
                insert_event(connection, None, event)?;
            }
            Ok(count)
        };
        let count = self.database.write(change).map_err(RepositoryError::from)?.ok_or(RevokeError::TooMany)?;
        let mut revoked = revocation.clone();
        revoked.count = stored::count("revocations.count", count.into())?;
        Ok(revoked)
    }

    fn revocations(&self, page: PageRequest) -> Result<Page<Revocation>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            revocations::table
                .filter(
                    (revocations::created_at, revocations::id)
                        .into_sql::<KeysetPosition>()
                        .lt(lists::newest_first(page)),
                )
                .order((revocations::created_at.desc(), revocations::id.desc()))
                .limit(lists::row_limit(page))
                .select(RevocationRow::as_select())
                .load(connection)
        };
        lists::page(self.database.read(query)?, page, |revocation: &Revocation| Position {
            at: revocation.created_at,
            id: revocation.id.uuid(),
        })
    }

    fn find_revocation(&self, id: RevocationId) -> Result<Option<Revocation>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            revocations::table.find(id.uuid()).select(RevocationRow::as_select()).first(connection).optional()
        };
        self.database.read(query)?.map(Revocation::try_from).transpose()
    }

    fn undo(&self, id: RevocationId, event: &AuditEvent) -> Result<Revocation, RepositoryError> {
        let change = |connection: &mut PgConnection| {
            let undone = revoking::undo(connection, id, event.created_at)?;
            insert_event(connection, None, event)?;
            Ok(undone)
        };
        lists::not_found_as_stale(self.database.write(change))?.try_into()
    }
}
