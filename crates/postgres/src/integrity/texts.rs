use std::{fmt::Display, str::FromStr};

use diesel::{PgConnection, QueryResult, pg::PgRowByRowLoadingMode, prelude::*, sql_query, sql_types::Text};
use repower_domain::{
    accounts::{CompanyRole, Role, Side, ThrottleScope},
    admin::{AuditAction, SubjectType},
    applications::ApplicationStatus,
    availability::AvailabilityKind,
    certification_types::{Course, TypeCode},
    jobs::{ContractType, JobStatus},
    technicians::{Decision, Discipline, Mobility, SkillLevel, Visibility},
    values::{
        Answer, AppealText, ApplicationMessage, Bio, CertificationName, ChatText, ClientMessageId, Comment,
        CompanyDescription, CompanyName, Country, Currency, Email, FullName, IrataNumber, JobDescription, Location,
        ProjectName, Provider, SkillName, Title, UserAgent, VerifierNote, WebUrl, WindaId,
    },
};
use repower_ports::operation::Finding;

use super::violations::add_violation;
use crate::{applications::has_snapshot, jobs};

/// A text column with the check of its values.
struct Column {
    table: &'static str,
    key: &'static str,
    name: &'static str,
    is_valid: fn(&str) -> bool,
}

const fn column<T: FromStr + Display>(table: &'static str, name: &'static str) -> Column {
    Column { table, key: "id", name, is_valid: is_canonical::<T> }
}

/// Whether the domain parses a text and formats the value as the same text.
fn is_canonical<T: FromStr + Display>(stored: &str) -> bool {
    stored.parse::<T>().is_ok_and(|value| value.to_string() == stored)
}

const COLUMNS: [Column; 59] = [
    column::<Email>("users", "email"),
    column::<FullName>("users", "full_name"),
    column::<Role>("users", "role"),
    column::<UserAgent>("sessions", "user_agent"),
    column::<CompanyName>("companies", "name"),
    column::<Country>("companies", "country"),
    column::<WebUrl>("companies", "website"),
    column::<CompanyDescription>("companies", "description"),
    column::<Email>("invitations", "email"),
    column::<CompanyRole>("invitations", "role"),
    column::<FullName>("technicians", "full_name"),
    column::<Country>("technicians", "country"),
    column::<Discipline>("technicians", "primary_discipline"),
    column::<Bio>("technicians", "bio"),
    column::<Mobility>("technicians", "mobility"),
    column::<Visibility>("technicians", "visibility"),
    column::<Currency>("technicians", "currency"),
    column::<WindaId>("technicians", "winda_id"),
    column::<IrataNumber>("technicians", "irata_number"),
    Column { key: "technician_id", ..column::<SkillName>("skills", "name") },
    Column { key: "technician_id", ..column::<SkillLevel>("skills", "level") },
    column::<CertificationName>("certifications", "name"),
    column::<Provider>("certifications", "provider"),
    column::<WebUrl>("certifications", "document_url"),
    column::<TypeCode>("certifications", "type_code"),
    column::<Course>("certifications", "course"),
    column::<Decision>("certifications", "decision"),
    column::<VerifierNote>("certifications", "decision_note"),
    column::<AppealText>("certifications", "appeal"),
    column::<Decision>("certifications", "prior_decision"),
    column::<VerifierNote>("certifications", "prior_note"),
    column::<Provider>("revocations", "provider"),
    column::<VerifierNote>("revocations", "reason"),
    column::<Title>("jobs", "title"),
    column::<JobDescription>("jobs", "description"),
    column::<Location>("jobs", "location"),
    column::<Country>("jobs", "country"),
    column::<ProjectName>("jobs", "project_name"),
    column::<Discipline>("jobs", "discipline"),
    column::<ContractType>("jobs", "contract_type"),
    column::<Currency>("jobs", "currency"),
    column::<JobStatus>("jobs", "status"),
    Column { table: "jobs", key: "id", name: "requirements::text", is_valid: jobs::has_requirements },
    column::<Comment>("evaluations", "comment"),
    column::<Answer>("evaluations", "answer"),
    column::<ApplicationStatus>("applications", "status"),
    Column { table: "applications", key: "id", name: "compliance::text", is_valid: has_snapshot },
    Column { table: "application_events", key: "application_id", name: "compliance::text", is_valid: has_snapshot },
    column::<ApplicationMessage>("applications", "message_to_company"),
    column::<ApplicationMessage>("applications", "message_to_technician"),
    Column { key: "application_id", ..column::<ApplicationStatus>("application_events", "to_status") },
    Column { key: "application_id", ..column::<Side>("application_events", "side") },
    column::<Side>("messages", "sender_type"),
    column::<ChatText>("messages", "text"),
    column::<ClientMessageId>("messages", "client_message_id"),
    column::<AuditAction>("audit_events", "action"),
    column::<SubjectType>("audit_events", "subject_type"),
    Column { key: "technician_id", ..column::<AvailabilityKind>("availability_periods", "kind") },
    Column { key: "encode(subject, 'hex')", ..column::<ThrottleScope>("throttle_windows", "scope") },
];

#[derive(QueryableByName)]
struct StoredText {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    value: String,
}

/// Parses every stored text as the domain does.
pub(super) fn audit(connection: &mut PgConnection) -> QueryResult<Finding> {
    let mut finding = Finding {
        name: "texts_are_the_domains",
        rule: "Each text is valid and in its canonical form.",
        violations: 0,
        examples: Vec::new(),
    };
    for Column { table, key, name, is_valid } in COLUMNS {
        let statement = format!("SELECT ({key})::text AS key, {name} AS value FROM {table} WHERE {name} IS NOT NULL");
        for stored in sql_query(statement).load_iter::<StoredText, PgRowByRowLoadingMode>(connection)? {
            let StoredText { key, value } = stored?;
            if !is_valid(&value) {
                add_violation(&mut finding, || format!("{table}.{name} {key}"));
            }
        }
    }
    Ok(finding)
}
