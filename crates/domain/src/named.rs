/// Defines a fieldless enum whose variants have one name each on the wire and
/// in storage.
macro_rules! named_enum {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            const NAMES: &'static [&'static str] = &[$($text),+];

            /// The name on the wire and in storage.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::values::Invalid;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text.trim() {
                    $($text => Ok(Self::$variant),)+
                    "" => Err($crate::values::Invalid::Empty),
                    _ => Err($crate::values::Invalid::NotAllowed(concat!("must be one of" $(, " ", $text)+))),
                }
            }
        }

        $crate::wire::text_on_the_wire!(
            $name,
            $crate::wire::Form::Name { of: stringify!($name), all: Self::NAMES }
                .about($crate::wire::doc_comment!($(#[doc = $doc])+))
        );
    };
}

pub(crate) use named_enum;

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, fmt, hash::Hash, str::FromStr};

    use proptest::prelude::*;

    use crate::{
        accounts::{CompanyRole, RegistrableRole, Role, Side, ThrottleScope},
        admin::{AuditAction, SubjectType},
        applications::ApplicationStatus,
        jobs::{ContractType, InitialStatus, JobStatus},
        technicians::{CertificationStatus, Discipline, Mobility, SkillLevel},
        values::Invalid,
    };

    fn obeys<T>(all: &[T], text: &str)
    where
        T: Copy + fmt::Debug + fmt::Display + Eq + Hash + FromStr<Err = Invalid>,
    {
        let names: HashSet<_> = all.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), all.len());
        for value in all {
            let name = value.to_string();
            assert_eq!(format!(" {name}\n").parse(), Ok(*value));
            assert!(name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{name}");
            assert!(name.to_lowercase().parse::<T>().is_err(), "{name}");
        }
        assert_eq!(text.parse::<T>().is_ok(), names.contains(text.trim()), "{text}");
    }

    fn each_obeys(text: &str) {
        obeys(ApplicationStatus::ALL, text);
        obeys(AuditAction::ALL, text);
        obeys(CertificationStatus::ALL, text);
        obeys(CompanyRole::ALL, text);
        obeys(ContractType::ALL, text);
        obeys(Discipline::ALL, text);
        obeys(InitialStatus::ALL, text);
        obeys(JobStatus::ALL, text);
        obeys(Mobility::ALL, text);
        obeys(RegistrableRole::ALL, text);
        obeys(Role::ALL, text);
        obeys(Side::ALL, text);
        obeys(SkillLevel::ALL, text);
        obeys(SubjectType::ALL, text);
        obeys(ThrottleScope::ALL, text);
    }

    proptest! {
        #[test]
        fn a_name_is_one_of_the_list_and_reads_back(text in prop_oneof!["\\PC{0,20}", "[ A-Z_]{0,20}"]) {
            each_obeys(&text);
        }
    }
}
