use chrono::{DateTime, NaiveDate, Utc};
use diesel::{pg::Pg, prelude::*};
use repower_domain::{
    ids::{RevocationId, TechnicianId},
    letters,
    trust::{Revocation, RevocationTerms, Undoing},
    values::{CalendarDate, DateRange},
};
use repower_ports::{
    RepositoryError,
    trust::{CertificationRecord, CertifiedTechnician},
};
use uuid::Uuid;

use crate::{
    schema::revocations,
    stored::{corrupt, count, date, optional_text, text},
    technicians::{CertificationRow, certification},
};

/// The id of a certification; the id, the name, the WINDA id and the IRATA number of its
/// technician; that certification and the others of its type.
pub(super) type JudgedRow = (Uuid, Uuid, String, Option<String>, Option<String>, Vec<CertificationRow>);

pub(super) fn record(row: JudgedRow) -> Result<CertificationRecord, RepositoryError> {
    let (id, technician_id, full_name, winda_id, irata_number, of_type) = row;
    let technician_id = TechnicianId::from(technician_id);
    let of_type: Vec<_> = of_type.into_iter().map(|row| certification(technician_id, row)).collect::<Result<_, _>>()?;
    let judged = of_type.iter().find(|one| one.id.uuid() == id).cloned();
    Ok(CertificationRecord {
        certification: judged.ok_or_else(|| corrupt("certifications.id", "not among its own"))?,
        of_type,
        technician: CertifiedTechnician {
            id: technician_id,
            full_name: text("technicians.full_name", &full_name)?,
            winda_id: optional_text("technicians.winda_id", winda_id.as_deref())?,
            irata_number: optional_text("technicians.irata_number", irata_number.as_deref())?,
        },
    })
}

#[derive(Insertable)]
#[diesel(table_name = revocations, treat_none_as_default_value = false)]
pub(super) struct NewRevocationRow<'a> {
    id: Uuid,
    provider: &'a str,
    search_provider: String,
    issued_from: NaiveDate,
    issued_until: NaiveDate,
    reason: &'a str,
    count: i32,
    created_at: DateTime<Utc>,
}

impl<'a> NewRevocationRow<'a> {
    /// A revocation before it has revoked any.
    pub(super) fn new(revocation: &'a Revocation) -> Self {
        let terms = &revocation.terms;
        Self {
            id: revocation.id.uuid(),
            provider: terms.provider.as_str(),
            search_provider: letters::searchable(terms.provider.as_str()),
            issued_from: terms.issued.start().day(),
            issued_until: terms.issued.last().day(),
            reason: terms.reason.as_str(),
            count: 0,
            created_at: revocation.created_at,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = revocations, check_for_backend(Pg))]
pub(super) struct RevocationRow {
    id: Uuid,
    provider: String,
    issued_from: NaiveDate,
    issued_until: NaiveDate,
    reason: String,
    count: i32,
    undone_at: Option<DateTime<Utc>>,
    undone_count: Option<i32>,
    created_at: DateTime<Utc>,
}

impl TryFrom<RevocationRow> for Revocation {
    type Error = RepositoryError;

    fn try_from(row: RevocationRow) -> Result<Self, RepositoryError> {
        let day = |column, stored: NaiveDate| -> Result<CalendarDate, RepositoryError> { date(column, stored) };
        let (from, until) =
            (day("revocations.issued_from", row.issued_from)?, day("revocations.issued_until", row.issued_until)?);
        let terms = RevocationTerms::builder()
            .provider(text("revocations.provider", &row.provider)?)
            .issued(DateRange::new(from, Some(until)).map_err(|why| corrupt("revocations.issued_until", why))?)
            .reason(text("revocations.reason", &row.reason)?)
            .build();
        let undoing = |(at, number): (DateTime<Utc>, i32)| {
            Ok::<_, RepositoryError>(Undoing { at, count: count("revocations.undone_count", number.into())? })
        };
        Ok(Self::builder()
            .id(RevocationId::from(row.id))
            .terms(terms)
            .count(count("revocations.count", row.count.into())?)
            .undone(row.undone_at.zip(row.undone_count).map(undoing).transpose()?)
            .created_at(row.created_at)
            .build())
    }
}
