use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, select},
    prelude::*,
    upsert::excluded,
};
use repower_domain::{accounts::KnownAddress, ids::UserId};
use sha2::{Digest, Sha256};

use crate::schema::known_addresses;

/// Whether the user signed in from the address after this time.
pub(super) fn was_used_since(
    connection: &mut PgConnection,
    address: &KnownAddress,
    time: DateTime<Utc>,
) -> QueryResult<bool> {
    let used = known_addresses::table
        .find((address.user_id.uuid(), digest(address)))
        .filter(known_addresses::used_at.gt(time));
    select(exists(used)).get_result(connection)
}

/// Inserts an address, or renews its time.
pub(super) fn upsert(connection: &mut PgConnection, address: &KnownAddress) -> QueryResult<()> {
    diesel::insert_into(known_addresses::table)
        .values((
            known_addresses::user_id.eq(address.user_id.uuid()),
            known_addresses::address.eq(digest(address)),
            known_addresses::used_at.eq(address.used_at),
        ))
        .on_conflict((known_addresses::user_id, known_addresses::address))
        .do_update()
        .set(known_addresses::used_at.eq(excluded(known_addresses::used_at)))
        .execute(connection)?;
    Ok(())
}

/// As [`upsert`], and removes the addresses of the user beyond the most. The user must be
/// locked: concurrent logins then see the row of this one.
pub(super) fn upsert_bounded(connection: &mut PgConnection, address: &KnownAddress) -> QueryResult<()> {
    let user = address.user_id.uuid();
    upsert(connection, address)?;
    let of_user = known_addresses::table.filter(known_addresses::user_id.eq(user));
    let outdated = of_user
        .order((known_addresses::used_at.desc(), known_addresses::address))
        .offset(KnownAddress::MOST.into())
        .select(known_addresses::address)
        .load::<Vec<u8>>(connection)?;
    if !outdated.is_empty() {
        diesel::delete(of_user.filter(known_addresses::address.eq_any(outdated))).execute(connection)?;
    }
    Ok(())
}

/// Removes the addresses of a user.
pub(super) fn forget(connection: &mut PgConnection, user: UserId) -> QueryResult<()> {
    diesel::delete(known_addresses::table.filter(known_addresses::user_id.eq(user.uuid()))).execute(connection)?;
    Ok(())
}

/// The SHA-256 of the user and the address. The table stores no client addresses, and
/// that two users have the same one cannot be seen.
fn digest(KnownAddress { user_id, address, .. }: &KnownAddress) -> Vec<u8> {
    Sha256::digest(format!("{user_id} {address}")).to_vec()
}
