//! Revocations of many certifications in one statement, and their end.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    connection::SimpleConnection,
    dsl::{case_when, sql},
    prelude::*,
    sql_types::{Array, Bool, Text},
};
use repower_domain::{ids::RevocationId, letters, technicians::Decision, trust::Revocation};
use uuid::Uuid;

use super::rows::{NewRevocationRow, RevocationRow};
use crate::schema::{certifications, revocations};

/// Revocations and their ends wait for each other: none sees half of another, and no two wait for
/// each other's rows.
const ONE_BY_ONE: &str = "LOCK TABLE revocations IN SHARE ROW EXCLUSIVE MODE";

/// The certifications of a provider, by any spelling of either, that were completed in some days.
/// The expressions are those of the indexes.
macro_rules! covered {
    ($spellings:expr, $from:expr, $until:expr) => {
        certifications::table.filter(certifications::valid_from.between($from, $until)).filter(
            sql::<Bool>("(split_part(certifications.search_provider, E'\\n', 1) = ANY (")
                .bind::<Array<Text>, _>($spellings)
                .sql(
                    ") OR strpos(certifications.search_provider, E'\\n') > 0 \
                     AND split_part(certifications.search_provider, E'\\n', 2) = ANY (",
                )
                .bind::<Array<Text>, _>($spellings)
                .sql("))"),
        )
    };
}

/// Revokes the certifications that the terms cover and that are not revoked, and returns their
/// number; `None` if there are too many, and nothing was done.
pub(super) fn revoke(connection: &mut PgConnection, revocation: &Revocation) -> QueryResult<Option<i32>> {
    connection.batch_execute(ONE_BY_ONE)?;
    let terms = &revocation.terms;
    let spellings: Vec<_> = letters::spellings(terms.provider.as_str()).collect();
    let (from, until) = (terms.issued.start().day(), terms.issued.last().day());
    let standing = || {
        covered!(&spellings, from, until).filter(certifications::decision.is_distinct_from(Decision::Revoked.as_str()))
    };
    let beyond = standing().select(certifications::id).offset(Revocation::MAX.into()).limit(1);
    if beyond.first::<Uuid>(connection).optional()?.is_some() {
        return Ok(None);
    }
    diesel::insert_into(revocations::table).values(NewRevocationRow::new(revocation)).execute(connection)?;
    // A concurrent edit is waited for, and then looked at.
    let revoked = diesel::update(standing())
        .set((
            certifications::decision.eq(Decision::Revoked.as_str()),
            certifications::decision_note.eq(terms.reason.as_str()),
            certifications::revocation_id.eq(revocation.id.uuid()),
            certifications::prior_decision.eq(certifications::decision),
            certifications::prior_note.eq(certifications::decision_note),
            certifications::revision.eq(certifications::revision + 1),
        ))
        .execute(connection)?;
    add_to_count(connection, revocation.id.uuid(), revoked)?;
    Ok(Some(number(revoked)))
}

/// Undoes a revocation that stands, and returns it as it is then.
pub(super) fn undo(connection: &mut PgConnection, id: RevocationId, at: DateTime<Utc>) -> QueryResult<RevocationRow> {
    connection.batch_execute(ONE_BY_ONE)?;
    let target = revocations::table.find(id.uuid()).filter(revocations::undone_at.is_null());
    let terms = target.select((
        revocations::place,
        revocations::search_provider,
        revocations::issued_from,
        revocations::issued_until,
    ));
    let (place, provider, from, until): (i64, String, NaiveDate, NaiveDate) = terms.first(connection)?;
    hand_over(connection, id.uuid(), place, (&provider, from, until))?;
    let is_rejected_again = certifications::prior_decision.eq(Decision::Rejected.as_str());
    let restored = diesel::update(certifications::table.filter(certifications::revocation_id.eq(id.uuid())))
        .set((
            certifications::decision.eq(certifications::prior_decision),
            certifications::decision_note.eq(certifications::prior_note),
            certifications::appeal.eq(case_when(is_rejected_again, certifications::appeal)),
            certifications::revocation_id.eq(None::<Uuid>),
            certifications::prior_decision.eq(None::<&str>),
            certifications::prior_note.eq(None::<&str>),
            certifications::revision.eq(certifications::revision + 1),
        ))
        .execute(connection)?;
    diesel::update(target)
        .set((revocations::undone_at.eq(at), revocations::undone_count.eq(number(restored))))
        .returning(RevocationRow::as_returning())
        .get_result(connection)
}

/// Gives the certifications of a revocation to the first later one that covers them. That has
/// left them out, as they were revoked.
fn hand_over(
    connection: &mut PgConnection,
    id: Uuid,
    place: i64,
    (provider, from, until): (&str, NaiveDate, NaiveDate),
) -> QueryResult<()> {
    let spellings: Vec<_> = provider.split('\n').collect();
    let later = revocations::table
        .filter(revocations::place.gt(place))
        .filter(revocations::undone_at.is_null())
        .filter(revocations::issued_from.le(until))
        .filter(revocations::issued_until.ge(from))
        .filter(
            sql::<Bool>("string_to_array(revocations.search_provider, E'\\n') && ").bind::<Array<Text>, _>(&spellings),
        )
        .order(revocations::place)
        .select((
            revocations::id,
            revocations::search_provider,
            revocations::issued_from,
            revocations::issued_until,
            revocations::reason,
        ));
    for (heir, provider, from, until, reason) in
        later.load::<(Uuid, String, NaiveDate, NaiveDate, String)>(connection)?
    {
        let spellings: Vec<_> = provider.split('\n').collect();
        let moved = covered!(&spellings, from, until).filter(certifications::revocation_id.eq(id));
        let moved = diesel::update(moved)
            .set((
                certifications::revocation_id.eq(heir),
                certifications::decision_note.eq(reason),
                certifications::revision.eq(certifications::revision + 1),
            ))
            .execute(connection)?;
        add_to_count(connection, heir, moved)?;
    }
    Ok(())
}

/// Adds to the number of certifications of a revocation.
fn add_to_count(connection: &mut PgConnection, revocation: Uuid, more: usize) -> QueryResult<()> {
    if more == 0 {
        return Ok(());
    }
    let count = revocations::count.eq(revocations::count + number(more));
    diesel::update(revocations::table.find(revocation)).set(count).execute(connection).map(drop)
}

fn number(rows: usize) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}
