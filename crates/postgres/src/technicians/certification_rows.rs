//! Certifications, each in one row.

use chrono::NaiveDate;
use diesel::{
    PgConnection, QueryResult,
    pg::sql_types::Record,
    prelude::*,
    sql_types::{Date, Integer, Nullable, Text, Uuid as SqlUuid},
};
use repower_domain::{
    Revision,
    certification_types::Classification,
    ids::{CertificationId, RevocationId, TechnicianId},
    letters,
    technicians::{Certification, Decision, Trust},
    values::{CalendarDate, Validity},
};
use repower_ports::RepositoryError;
use uuid::Uuid;

use crate::{
    schema::certifications,
    stored::{corrupt, date, optional_date, optional_text, text},
};

/// The columns of a [`CertificationRow`].
macro_rules! certification_columns {
    () => {
        (
            certifications::id,
            certifications::name,
            certifications::provider,
            certifications::valid_from,
            certifications::valid_until,
            certifications::document_url,
            certifications::type_code,
            certifications::course,
            certifications::decision,
            certifications::voided_on,
            certifications::revision,
            certifications::decision_note,
            certifications::appeal,
            certifications::revocation_id,
        )
    };
}

pub(crate) use certification_columns;

/// The row of a certification, if it has the revision of the certification.
macro_rules! at_revision {
    ($certification:expr) => {
        certifications::table
            .find($certification.id.uuid())
            .filter(certifications::technician_id.eq($certification.technician_id.uuid()))
            .filter(certifications::revision.eq($certification.revision.number()))
    };
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// Locks the certifications of a technician until the end of the transaction, and
    /// returns how many there are then.
    fn lock_certifications(technician: SqlUuid) -> BigInt;
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = certifications, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct CertificationColumns<'a> {
    id: Uuid,
    #[diesel(skip_update)]
    technician_id: Uuid,
    name: &'a str,
    search_name: String,
    provider: &'a str,
    search_provider: String,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    document_url: Option<&'a str>,
    type_code: Option<&'a str>,
    course: Option<&'a str>,
    decision: Option<&'a str>,
    voided_on: Option<NaiveDate>,
    decision_note: Option<&'a str>,
    appeal: Option<&'a str>,
}

impl<'a> CertificationColumns<'a> {
    pub(crate) fn new(certification: &'a Certification) -> Self {
        Self {
            id: certification.id.uuid(),
            technician_id: certification.technician_id.uuid(),
            name: certification.name.as_str(),
            search_name: letters::searchable(certification.name.as_str()),
            provider: certification.provider.as_str(),
            search_provider: letters::searchable(certification.provider.as_str()),
            valid_from: certification.validity.first().day(),
            valid_until: certification.validity.last().map(CalendarDate::day),
            document_url: certification.document_url.as_ref().map(repower_domain::values::WebUrl::as_str),
            type_code: certification.classification.map(|one| one.type_code.as_str()),
            course: certification.classification.map(|one| one.course.as_str()),
            decision: certification.trust.decision().map(Decision::as_str),
            voided_on: certification.voided_on.map(CalendarDate::day),
            decision_note: certification.note.as_ref().map(repower_domain::values::VerifierNote::as_str),
            appeal: certification.appeal.as_ref().map(repower_domain::values::AppealText::as_str),
        }
    }

    /// Inserts the certification if its technician has fewer than `limit`. Returns the number
    /// of inserted rows. A concurrent addition waits, and then counts the row of this one.
    pub(super) fn insert_within(&self, limit: u32, connection: &mut PgConnection) -> QueryResult<usize> {
        let held = lock_certifications(self.technician_id);
        diesel::select((
            self.id.into_sql::<SqlUuid>(),
            self.technician_id.into_sql::<SqlUuid>(),
            self.name.into_sql::<Text>(),
            (&self.search_name).into_sql::<Text>(),
            self.provider.into_sql::<Text>(),
            (&self.search_provider).into_sql::<Text>(),
            self.valid_from.into_sql::<Date>(),
            self.valid_until.into_sql::<Nullable<Date>>(),
            self.document_url.into_sql::<Nullable<Text>>(),
            self.type_code.into_sql::<Nullable<Text>>(),
            self.course.into_sql::<Nullable<Text>>(),
            self.decision.into_sql::<Nullable<Text>>(),
            self.voided_on.into_sql::<Nullable<Date>>(),
            self.decision_note.into_sql::<Nullable<Text>>(),
            self.appeal.into_sql::<Nullable<Text>>(),
        ))
        .filter(held.lt(i64::from(limit)))
        .insert_into(certifications::table)
        .into_columns((
            certifications::id,
            certifications::technician_id,
            certifications::name,
            certifications::search_name,
            certifications::provider,
            certifications::search_provider,
            certifications::valid_from,
            certifications::valid_until,
            certifications::document_url,
            certifications::type_code,
            certifications::course,
            certifications::decision,
            certifications::voided_on,
            certifications::decision_note,
            certifications::appeal,
        ))
        .execute(connection)
    }
}

/// A certification's id, name, provider, first day, last day, document URL, type, course,
/// decision, first void day, revision, note of the verifier, open appeal and revocation.
pub(crate) type CertificationRow = (
    Uuid,
    String,
    String,
    NaiveDate,
    Option<NaiveDate>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<NaiveDate>,
    i32,
    Option<String>,
    Option<String>,
    Option<Uuid>,
);

/// The bytes of the texts of a row.
pub(crate) fn text_bytes(row: &CertificationRow) -> usize {
    let (_, name, provider, _, _, document_url, .., note, appeal, _) = row;
    let optional = [document_url, note, appeal].into_iter().flatten();
    name.len() + provider.len() + optional.map(String::len).sum::<usize>()
}

pub(crate) fn certification(
    technician_id: TechnicianId,
    row: CertificationRow,
) -> Result<Certification, RepositoryError> {
    let (
        id,
        name,
        provider,
        from,
        until,
        document_url,
        type_code,
        course,
        decision,
        voided_on,
        revision,
        note,
        appeal,
        revocation_id,
    ) = row;
    let (first, last) = (date("certifications.valid_from", from)?, optional_date("certifications.valid_until", until)?);
    let validity = Validity::new(first, last).map_err(|why| corrupt("certifications.valid_until", why))?;
    let type_code = optional_text("certifications.type_code", type_code.as_deref())?;
    let course = optional_text("certifications.course", course.as_deref())?;
    let decision: Option<Decision> = optional_text("certifications.decision", decision.as_deref())?;
    let trust = decision.map_or_else(|| Trust::undecided(document_url.is_some()), Trust::from);
    Ok(Certification::builder()
        .id(CertificationId::from(id))
        .technician_id(technician_id)
        .name(text("certifications.name", &name)?)
        .provider(text("certifications.provider", &provider)?)
        .classification(type_code.zip(course).map(|(type_code, course)| Classification { type_code, course }))
        .validity(validity)
        .document_url(optional_text("certifications.document_url", document_url.as_deref())?)
        .trust(trust)
        .note(optional_text("certifications.decision_note", note.as_deref())?)
        .appeal(optional_text("certifications.appeal", appeal.as_deref())?)
        .voided_on(optional_date("certifications.voided_on", voided_on)?)
        .revocation_id(revocation_id.map(RevocationId::from))
        .revision(Revision::stored(revision))
        .build())
}

/// The same in a record, as a passport has it.
pub(crate) type CertificationRecord = Record<(
    SqlUuid,
    Text,
    Text,
    Date,
    Nullable<Date>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Date>,
    Integer,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<SqlUuid>,
)>;

/// Replaces a certification at its revision. Without a revocation, the decision from before one is
/// forgotten. Returns the number of replaced rows.
pub(crate) fn replace(connection: &mut PgConnection, certification: &Certification) -> QueryResult<usize> {
    let is_on_its_own = certification.revocation_id.is_none();
    let untied = is_on_its_own.then(|| {
        (
            certifications::revocation_id.eq(None::<Uuid>),
            certifications::prior_decision.eq(None::<&str>),
            certifications::prior_note.eq(None::<&str>),
        )
    });
    diesel::update(at_revision!(certification))
        .set((
            CertificationColumns::new(certification),
            untied,
            certifications::revision.eq(certifications::revision + 1),
        ))
        .execute(connection)
}

/// Replaces the appeal of a certification at its revision, beside which a revocation stays as
/// it is. Returns the number of replaced rows.
pub(crate) fn replace_appeal(connection: &mut PgConnection, certification: &Certification) -> QueryResult<usize> {
    let appeal = certification.appeal.as_ref().map(repower_domain::values::AppealText::as_str);
    diesel::update(at_revision!(certification))
        .set((certifications::appeal.eq(appeal), certifications::revision.eq(certifications::revision + 1)))
        .execute(connection)
}

/// The certifications of a technician, in the order of the passport.
pub(super) fn load(connection: &mut PgConnection, technician: TechnicianId) -> QueryResult<Vec<CertificationRow>> {
    certifications::table
        .filter(certifications::technician_id.eq(technician.uuid()))
        .order((certifications::valid_until.desc(), certifications::id.desc()))
        .select(certification_columns!())
        .load(connection)
}
