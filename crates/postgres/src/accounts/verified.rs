use diesel::prelude::*;
use repower_domain::{ids::UserId, values::PasswordHash};
use uuid::Uuid;

use crate::schema::users;

/// Locks an active user if their password has this hash. Concurrent logins of the user
/// wait here, and so do a new password and an end of all sessions.
pub(super) fn lock_verified(
    connection: &mut PgConnection,
    id: UserId,
    hash: &PasswordHash,
) -> QueryResult<Option<Uuid>> {
    users::table
        .find(id.uuid())
        .filter(users::password_hash.eq(hash.as_str()))
        .filter(users::active.eq(true))
        .select(users::id)
        .for_no_key_update()
        .first(connection)
        .optional()
}
