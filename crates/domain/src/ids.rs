//! Identities: a type for each kind of thing, so that one is never taken for
//! another.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::values::Invalid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// The UUID behind the identity.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                parse_hyphenated(text.trim()).map(Self)
            }
        }
    )+};
}

/// Takes the hyphenated form only: it is the one that is handed out.
fn parse_hyphenated(text: &str) -> Result<Uuid, Invalid> {
    const HYPHENATED: usize = 36;
    match Uuid::try_parse(text) {
        _ if text.is_empty() => Err(Invalid::Empty),
        Ok(uuid) if text.len() == HYPHENATED => Ok(uuid),
        Ok(_) | Err(_) => Err(Invalid::Format("must be a UUID")),
    }
}

ids! {
    /// A user: one account that can sign in.
    UserId,
    /// A technician's passport.
    TechnicianId,
    /// A certification of a technician.
    CertificationId,
    /// An evaluation of a technician by a company.
    EvaluationId,
    /// A company.
    CompanyId,
    /// The membership of a user in a company.
    MemberId,
    /// A job that a company posts.
    JobId,
    /// A technician's application for a job.
    ApplicationId,
    /// A chat between a company and a technician.
    ThreadId,
    /// A message of a chat.
    MessageId,
    /// An invitation into a company.
    InvitationId,
    /// An entry of the audit log.
    AuditEventId,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11";

    #[test]
    fn an_id_reads_back_what_it_writes() {
        let id: JobId = TEXT.parse().unwrap();
        assert_eq!(id.to_string(), TEXT);
    }

    #[test]
    fn only_the_hyphenated_form_is_an_id() {
        for text in ["", "5", "0192f1d07c2b7cc19c406f3f2f2d9a11", "{0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11}"] {
            assert!(text.parse::<JobId>().is_err(), "{text}");
        }
    }
}
