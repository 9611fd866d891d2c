use diesel::{
    PgConnection, QueryResult,
    pg::PgRowByRowLoadingMode,
    prelude::*,
    sql_query,
    sql_types::{Array, Text},
};
use repower_domain::letters::{fold, searchable};
use repower_ports::operation::Finding;

use super::violations::add_violation;
use crate::searchable;

/// A folded column, the texts that it is made of, and how.
struct Column {
    name: &'static str,
    query: &'static str,
    folded: fn(&[String]) -> String,
}

const COLUMNS: [Column; 9] = [
    Column {
        name: "users.search_email",
        query: "SELECT id::text AS key, search_email AS folded, ARRAY[email] AS texts FROM users",
        folded: |texts| searchable(&texts.concat()),
    },
    Column {
        name: "certifications.search_name",
        query: "SELECT id::text AS key, search_name AS folded, ARRAY[name] AS texts FROM certifications",
        folded: |texts| searchable(&texts.concat()),
    },
    Column {
        name: "certifications.search_provider",
        query: "SELECT id::text AS key, search_provider AS folded, ARRAY[provider] AS texts FROM certifications",
        folded: |texts| searchable(&texts.concat()),
    },
    Column {
        name: "revocations.search_provider",
        query: "SELECT id::text AS key, search_provider AS folded, ARRAY[provider] AS texts FROM revocations",
        folded: |texts| searchable(&texts.concat()),
    },
    Column {
        name: "skills.folded_name",
        query: "SELECT technician_id::text AS key, folded_name AS folded, ARRAY[name] AS texts FROM skills",
        folded: |texts| fold(&texts.concat()),
    },
    Column {
        name: "jobs.search_location",
        query: "SELECT id::text AS key, search_location AS folded, ARRAY[location] AS texts FROM jobs",
        folded: |texts| searchable(&texts.concat()),
    },
    Column {
        name: "companies.search_name",
        query: "SELECT id::text AS key, search_name AS folded, ARRAY[name] AS texts FROM companies",
        folded: |texts| searchable::lines(texts),
    },
    Column {
        name: "jobs.search_text",
        query: "SELECT id::text AS key, search_text AS folded, \
            ARRAY[title, description, location, coalesce(project_name, '')] AS texts FROM jobs",
        folded: |texts| searchable::lines(texts),
    },
    Column {
        name: "technicians.search_text",
        query: "SELECT id::text AS key, search_text AS folded, \
            ARRAY[full_name, coalesce(bio, '')] || ARRAY( \
            SELECT name FROM skills WHERE technician_id = technicians.id ORDER BY folded_name) AS texts FROM technicians",
        folded: |texts| match texts {
            [name, bio, skills @ ..] => searchable::parts(&searchable::lines([name, bio]), &searchable::lines(skills)),
            _ => String::new(),
        },
    },
];

#[derive(QueryableByName)]
struct FoldedText {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    folded: String,
    #[diesel(sql_type = Array<Text>)]
    texts: Vec<String>,
}

/// Folds every searched text as the program does.
pub(super) fn audit(connection: &mut PgConnection) -> QueryResult<Finding> {
    let mut finding = Finding {
        name: "texts_are_searchable",
        rule: "Each text that is searched or compared is stored with its fold.",
        violations: 0,
        examples: Vec::new(),
    };
    for Column { name, query, folded: fold } in COLUMNS {
        for stored in sql_query(query).load_iter::<FoldedText, PgRowByRowLoadingMode>(connection)? {
            let FoldedText { key, folded, texts } = stored?;
            if folded != fold(&texts) {
                add_violation(&mut finding, || format!("{name} {key}"));
            }
        }
    }
    Ok(finding)
}
