//! What the values of the domain look like to clients, in answers and where
//! they are sent.

use std::fmt;

use repower_domain::{
    accounts::{CompanyRole, RegistrableRole, Role, Side},
    admin::{AuditAction, SubjectType},
    applications::ApplicationStatus,
    ids,
    jobs::{ContractType, InitialStatus, JobStatus},
    technicians::{CertificationStatus, Discipline, Mobility, SkillLevel},
    values::{
        self, Amount, AverageRating, CalendarDate, Country, Currency, Email, MinimumRating, Password, PasswordAttempt,
        Rating, WebUrl, YearsExperience,
    },
};
use serde::{Serialize, Serializer};
use utoipa::openapi::{ObjectBuilder, Type, schema::AnyOfBuilder};

use super::described::{Described, Field, Fields, Object, SchemaRef, Schemas, Taken, formatted, text, whole};

/// A value of the domain in an answer, written as it is on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown<T>(pub T);

/// A secret that is handed out: only the one answer shows it.
#[derive(Serialize)]
#[serde(transparent)]
pub struct HandedOut(pub String);

impl fmt::Debug for HandedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandedOut(…)")
    }
}

impl Described for HandedOut {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        String::schema(schemas)
    }
}

/// A struct whose fields stand among those of the struct that has it; the field
/// is `#[serde(flatten)]` too.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Flat<T>(pub T);

impl<T: Object> Field for Flat<T> {
    fn describe(fields: &mut Fields<'_>, _: &str, _: &str) {
        T::fields(fields);
    }
}

/// How a value of the domain is written in an answer.
pub trait Show {
    /// Writes it.
    fn show<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

impl<T: Show> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.show(serializer)
    }
}

impl<T: Described> Described for Shown<T> {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        T::schema(schemas)
    }
}

/// Values that are written by their `Display`.
macro_rules! shown_as_text {
    ($($value:ty),+ $(,)?) => {$(
        impl Show for $value {
            fn show<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}

/// Texts of one to `MAX` characters.
macro_rules! texts {
    ($($value:ident),+ $(,)?) => {$(
        shown_as_text! { values::$value }

        impl Described for values::$value {
            fn schema(_: &mut Schemas) -> SchemaRef {
                text().min_length(Some(1)).max_length(Some(Self::MAX)).into()
            }
        }

        impl Taken for values::$value {
            fn taken(_: &mut Schemas) -> SchemaRef {
                // It is trimmed first.
                text().min_length(Some(1)).max_length(Some(Self::MAX)).pattern(Some("\\S")).into()
            }
        }
    )+};
}

texts! {
    ApplicationMessage, Bio, CertificationName, ChatText, ClientMessageId, Comment, CompanyDescription, CompanyName,
    FullName, JobDescription, Location, ProjectName, Provider, SearchText, SkillName, Title,
}

/// Enums, each a schema with a name of its own.
macro_rules! names {
    ($($value:ident = $about:literal),+ $(,)?) => {$(
        shown_as_text! { $value }

        impl Described for $value {
            fn schema(schemas: &mut Schemas) -> SchemaRef {
                schemas.named(stringify!($value), |_| {
                    let names = Self::ALL.iter().map(|value| value.as_str());
                    text().enum_values(Some(names)).description(Some($about)).into()
                })
            }
        }

        impl Taken for $value {
            fn taken(schemas: &mut Schemas) -> SchemaRef {
                Self::schema(schemas)
            }
        }
    )+};
}

names! {
    ApplicationStatus = "Where an application stands.",
    AuditAction = "What somebody did who runs the marketplace.",
    CertificationStatus = "What a certification is worth today, in UTC. EXPIRING: it ends within 60 days.",
    CompanyRole = "What a member is in their company.",
    ContractType = "How work is paid for.",
    Discipline = "A field of work: what a technician does and what a job asks for.",
    InitialStatus = "The status a job may be made with.",
    JobStatus = "Where a job stands.",
    Mobility = "How far from home a technician works.",
    RegistrableRole = "What anybody may register as.",
    Role = "What a user is. A member of a company is `COMPANY_` and their role in it.",
    Side = "One of the two sides that meet in an application and in a chat.",
    SkillLevel = "How well somebody knows a skill.",
    SubjectType = "What kind of thing an act was done to.",
}

/// Whole numbers from `MIN` to `MAX`.
macro_rules! numbers {
    ($($value:ident = $about:literal),+ $(,)?) => {$(
        impl Show for $value {
            fn show<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i32(self.get())
            }
        }

        impl Described for $value {
            fn schema(_: &mut Schemas) -> SchemaRef {
                whole(Self::MIN.into(), Some(Self::MAX.into())).description(Some($about)).into()
            }
        }

        impl Taken for $value {
            fn taken(schemas: &mut Schemas) -> SchemaRef {
                Self::schema(schemas)
            }
        }
    )+};
}

numbers! {
    Amount = "Whole units of the currency beside it.",
    Rating = "5 is best.",
    YearsExperience = "Years in the field.",
}

/// Identities.
macro_rules! identities {
    ($($id:ident),+ $(,)?) => {$(
        impl Taken for ids::$id {
            fn taken(_: &mut Schemas) -> SchemaRef {
                formatted("uuid").into()
            }
        }
    )+};
}

identities! {
    ApplicationId, CertificationId, CompanyId, EvaluationId, InvitationId, JobId, MemberId, MessageId, TechnicianId,
    ThreadId, UserId,
}

shown_as_text! { Country, Currency, Email, WebUrl }

impl Described for Country {
    fn schema(_: &mut Schemas) -> SchemaRef {
        text().pattern(Some("^[A-Z]{2}$")).description(Some("ISO 3166-1 alpha-2.")).into()
    }
}

impl Taken for Country {
    fn taken(_: &mut Schemas) -> SchemaRef {
        let about = "ISO 3166-1 alpha-2 or alpha-3, or the English short name, in any case: `DK`, `dnk`, `Denmark`.";
        formatted("country").description(Some(about)).into()
    }
}

impl Described for Currency {
    fn schema(_: &mut Schemas) -> SchemaRef {
        text().pattern(Some("^[A-Z]{3}$")).description(Some("ISO 4217.")).into()
    }
}

impl Taken for Currency {
    fn taken(_: &mut Schemas) -> SchemaRef {
        formatted("currency").description(Some("ISO 4217, in capitals.")).into()
    }
}

impl Described for Email {
    fn schema(_: &mut Schemas) -> SchemaRef {
        formatted("idn-email").max_length(Some(Self::MAX)).description(Some("In lower case.")).into()
    }
}

impl Taken for Email {
    fn taken(_: &mut Schemas) -> SchemaRef {
        let about = "In any case; kept in lower case.";
        formatted("idn-email").max_length(Some(Self::MAX)).description(Some(about)).into()
    }
}

impl Described for WebUrl {
    fn schema(_: &mut Schemas) -> SchemaRef {
        formatted("uri").max_length(Some(Self::MAX)).description(Some("An http or https URL.")).into()
    }
}

impl Taken for WebUrl {
    fn taken(schemas: &mut Schemas) -> SchemaRef {
        Self::schema(schemas)
    }
}

impl Taken for Password {
    fn taken(_: &mut Schemas) -> SchemaRef {
        let about = "At least 8 characters and at most 72 bytes of UTF-8. Not trimmed.";
        formatted("password")
            .min_length(Some(Self::MIN_CHARACTERS))
            .max_length(Some(Self::MAX_BYTES))
            .description(Some(about))
            .into()
    }
}

impl Taken for PasswordAttempt {
    fn taken(_: &mut Schemas) -> SchemaRef {
        formatted("password").into()
    }
}

impl Show for AverageRating {
    fn show<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

impl Described for AverageRating {
    fn schema(_: &mut Schemas) -> SchemaRef {
        rating("To two decimals, over all evaluations.").into()
    }
}

impl Taken for MinimumRating {
    fn taken(_: &mut Schemas) -> SchemaRef {
        rating("With up to two decimals.").into()
    }
}

fn rating(about: &str) -> ObjectBuilder {
    let [min, max] = [Rating::MIN, Rating::MAX];
    ObjectBuilder::new().schema_type(Type::Number).minimum(Some(min)).maximum(Some(max)).description(Some(about))
}

impl Taken for CalendarDate {
    fn taken(_: &mut Schemas) -> SchemaRef {
        AnyOfBuilder::new()
            .description(Some("`YYYY-MM-DD`. Of a date-time the day in UTC is kept."))
            .item(formatted("date"))
            .item(formatted("date-time"))
            .into()
    }
}

impl Taken for bool {
    fn taken(schemas: &mut Schemas) -> SchemaRef {
        Self::schema(schemas)
    }
}
