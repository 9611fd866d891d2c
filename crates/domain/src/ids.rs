//! Ids: each kind of entity has an id type of its own, so the compiler rejects a
//! confusion of two.
//!
//! ```
//! use repower_domain::ids::{CompanyId, JobId};
//!
//! let job: JobId = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11".parse()?;
//! assert_eq!(job.to_string(), "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11");
//! assert_eq!(JobId::from(job.uuid()), job);
//! assert!("5".parse::<CompanyId>().is_err());
//! # Ok::<(), repower_domain::values::Invalid>(())
//! ```

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::{
    values::Invalid,
    wire::{Form, text_on_the_wire},
};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[doc = concat!(
            "\n\n```\nuse repower_domain::{ids::", stringify!($name), ", values::Invalid};\n\n",
            "let id: ", stringify!($name), " = \"0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11\".parse()?;\n",
            "assert_eq!(", stringify!($name), "::from(id.uuid()), id);\n# Ok::<(), Invalid>(())\n```",
        )]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// The UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
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
                parse_hyphenated(crate::letters::trim(text)).map(Self)
            }
        }

        text_on_the_wire!($name, Form::Id(stringify!($name)).about(""));
    )+

        #[cfg(test)]
        impl tests::EachId {
            pub(super) fn obeys(uuid: Uuid, text: &str) {
                $(tests::obeys::<$name>(uuid, text);)+
            }
        }
    };
}

/// Parses a UUID in hyphenated form, the only one that the API writes.
fn parse_hyphenated(text: &str) -> Result<Uuid, Invalid> {
    const HYPHENATED: usize = 36;
    match Uuid::try_parse(text) {
        _ if text.is_empty() => Err(Invalid::Empty),
        Ok(uuid) if text.len() == HYPHENATED => Ok(uuid),
        Ok(_) | Err(_) => Err(Invalid::Format("must be a UUID")),
    }
}

ids! {
    /// A user: one account that can log in.
    UserId,
    /// A technician and their passport.
    TechnicianId,
    /// A certification of a technician.
    CertificationId,
    /// An evaluation of a technician by a company.
    EvaluationId,
    /// A company.
    CompanyId,
    /// The membership of a user in a company.
    MemberId,
    /// A job of a company.
    JobId,
    /// A technician's application for a job.
    ApplicationId,
    /// A chat between a company and a technician.
    ThreadId,
    /// A message of a chat.
    MessageId,
    /// An invitation to a company.
    InvitationId,
    /// An entry of the audit log.
    AuditEventId,
    /// A revocation of a provider's certifications.
    RevocationId,
    /// A session of a user.
    SessionId,
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use proptest::prelude::*;

    use super::*;

    pub(super) struct EachId;

    pub(super) fn obeys<T>(uuid: Uuid, text: &str)
    where
        T: From<Uuid> + FromStr<Err = Invalid> + fmt::Display + PartialEq + Debug,
    {
        let id = T::from(uuid);
        assert_eq!(id.to_string(), uuid.to_string());
        assert_eq!(id.to_string().to_uppercase().parse(), Ok(id));
        if let Ok(id) = text.parse::<T>() {
            assert_eq!(id.to_string(), text.trim().to_lowercase());
        }
    }

    const TEXT: &str = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11";

    #[test]
    fn an_id_is_read_back_from_its_text() {
        let id: JobId = TEXT.parse().unwrap();
        assert_eq!(id.to_string(), TEXT);
    }

    #[test]
    fn only_the_hyphenated_form_is_read() {
        for text in ["", "5", "0192f1d07c2b7cc19c406f3f2f2d9a11", "{0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11}"] {
            assert!(text.parse::<JobId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_id_is_read_back_and_no_text_panics(
            number in any::<u128>(),
            text in prop_oneof!["\\PC{0,40}", "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{11,13}"],
        ) {
            EachId::obeys(Uuid::from_u128(number), &text);
        }
    }
}
