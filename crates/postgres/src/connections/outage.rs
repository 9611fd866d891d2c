use repower_ports::operation::Outage;

/// Parts of messages about a login that the server refuses (classes 28 and 42501).
const LOGIN_REFUSED: [&str; 8] = [
    "authentication failed",
    "no password supplied",
    "pg_hba.conf",
    "is not permitted to log in",
    "role \"",
    "permission denied for database",
    "SCRAM",
    "peer authentication",
];

/// Parts of messages about too many connections (53300).
const TOO_MANY: [&str; 3] = ["too many clients", "too many connections", "remaining connection slots"];

/// The message of a server that starts, recovers or stops (57P03).
const NOT_YET: &str = "the database system is";

/// The kind of an error of connecting, by libpq's message: it hands on no SQLSTATE, and a
/// session that is not there yet cannot ask for English. In another language it is only
/// known whether the server said it.
pub(crate) fn outage(message: &str) -> Outage {
    let has_any = |parts: &[&str]| parts.iter().any(|part| message.contains(part));
    if has_any(&TOO_MANY) {
        Outage::TooManyConnections
    } else if message.contains("FATAL:  database \"") && message.contains("does not exist") {
        Outage::NoDatabase
    } else if has_any(&LOGIN_REFUSED) {
        Outage::LoginRefused
    } else if is_of_server(message) && !message.contains(NOT_YET) {
        Outage::Refused
    } else {
        Outage::Unreachable
    }
}

/// The most letters of a severity in any language: `FATAL`, `ÖLÜMCÜL (FATAL)`.
const MAX_SEVERITY: usize = 20;

/// Whether a message of libpq has one of the server: after the address stands its
/// severity, with a colon and two blanks in each language. libpq's own are in English, as
/// this program sets no locale.
fn is_of_server(message: &str) -> bool {
    message.split("connection to server ").skip(1).any(|attempt| {
        let said = attempt.split_once(" failed: ").and_then(|(_address, said)| said.split_once(":  "));
        let severity = said.map_or("", |(severity, _)| severity);
        (1..=MAX_SEVERITY).contains(&severity.chars().count()) && !severity.contains([':', '\n'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_libpq_decides_on_the_kind() {
        const TO: &str = "connection to server at \"127.0.0.1\", port 5432 failed: ";
        for (message, kind) in [
            ("FATAL:  password authentication failed for user \"u\"", Outage::LoginRefused),
            ("fe_sendauth: no password supplied", Outage::LoginRefused),
            ("FATAL:  role \"u\" does not exist", Outage::LoginRefused),
            ("FATAL:  role \"u\" is not permitted to log in", Outage::LoginRefused),
            ("FATAL:  no pg_hba.conf entry for host \"h\", user \"u\", database \"d\"", Outage::LoginRefused),
            ("FATAL:  permission denied for database \"d\"", Outage::LoginRefused),
            ("FATAL:  database \"d\" does not exist", Outage::NoDatabase),
            ("FATAL:  sorry, too many clients already", Outage::TooManyConnections),
            ("FATAL:  too many connections for role \"u\"", Outage::TooManyConnections),
            ("FATAL:  remaining connection slots are reserved", Outage::TooManyConnections),
            ("FATAL:  the database system is starting up", Outage::Unreachable),
            ("FATAL:  the database system is in recovery mode", Outage::Unreachable),
            ("FATAL:  Passwort-Authentifizierung für Benutzer »u« fehlgeschlagen", Outage::Refused),
            ("FATAL:  Datenbank »d« existiert nicht", Outage::Refused),
            ("ВАЖНО:  извините, уже слишком много клиентов", Outage::Refused),
            ("致命的エラー:  データベース\"d\"は存在しません", Outage::Refused),
            ("ÖLÜMCÜL (FATAL):  \"d\" veritabanı mevcut değil", Outage::Refused),
            ("SSL error: certificate verify failed: no:  reason", Outage::Unreachable),
            ("server closed the connection unexpectedly\n\tThis probably means:  it stopped", Outage::Unreachable),
            ("Connection refused", Outage::Unreachable),
            ("timeout expired", Outage::Unreachable),
        ] {
            assert_eq!(outage(&format!("{TO}{message}")), kind, "{message}");
        }
    }
}
