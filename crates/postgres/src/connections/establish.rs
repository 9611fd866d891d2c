use diesel::{Connection, ConnectionError, ConnectionResult, PgConnection};

/// Connects. libpq repeats an invalid URL with its password in the error message;
/// this function removes the URL from it.
pub(crate) fn establish(url: &str) -> ConnectionResult<PgConnection> {
    PgConnection::establish(url).map_err(|error| match error {
        ConnectionError::BadConnection(message) => ConnectionError::BadConnection(message.replace(url, "…")),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_about_an_invalid_url_does_not_contain_it() {
        let message = establish("postgres//someone:secret@host/db").map(drop).unwrap_err().to_string();
        assert!(!message.contains("secret"), "{message}");
    }
}
