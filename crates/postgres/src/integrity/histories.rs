use diesel::{
    PgConnection, QueryResult,
    pg::PgRowByRowLoadingMode,
    prelude::*,
    sql_query,
    sql_types::{Integer, Nullable, Text},
};
use repower_domain::{accounts::Side, applications::ApplicationStatus};
use repower_ports::operation::Finding;

use super::violations::add_violation;

/// Selects all applications with their events, in order.
const HISTORIES: &str = "\
    SELECT applications.id::text AS application, status, revision, position, from_status, to_status, side \
    FROM applications LEFT JOIN application_events ON application_id = applications.id \
    ORDER BY applications.id, position";

/// An application with one event of its history, or with none.
#[derive(QueryableByName)]
struct HistoryRow {
    #[diesel(sql_type = Text)]
    application: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Integer)]
    revision: i32,
    #[diesel(sql_type = Nullable<Integer>)]
    position: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    from_status: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    to_status: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    side: Option<String>,
}

/// The replayed part of an application's history.
struct Replay {
    application: String,
    stored_status: String,
    revision: i32,
    status: Option<ApplicationStatus>,
    events: i32,
    is_broken: bool,
}

impl Replay {
    fn of(row: &HistoryRow) -> Self {
        Self {
            application: row.application.clone(),
            stored_status: row.status.clone(),
            revision: row.revision,
            status: None,
            events: 0,
            is_broken: false,
        }
    }

    fn apply(&mut self, row: &HistoryRow) {
        self.events += 1;
        let next = next_status(self.status, row);
        self.is_broken |= next.is_none() || row.position != Some(self.events);
        self.status = next;
    }

    fn is_valid(&self) -> bool {
        let last = self.status.map(ApplicationStatus::as_str);
        !self.is_broken && last == Some(self.stored_status.as_str()) && self.events == self.revision
    }
}

/// The status after an event; `None` if the domain does not allow the event.
fn next_status(current: Option<ApplicationStatus>, row: &HistoryRow) -> Option<ApplicationStatus> {
    let to: ApplicationStatus = row.to_status.as_deref()?.parse().ok()?;
    let side: Side = row.side.as_deref()?.parse().ok()?;
    if row.from_status.as_deref() != current.map(ApplicationStatus::as_str) {
        return None;
    }
    match current {
        None => (to == ApplicationStatus::Applied && side == Side::Technician).then_some(to),
        Some(from) => from.move_to(to, side).ok(),
    }
}

/// Replays the history of each application.
pub(super) fn audit(connection: &mut PgConnection) -> QueryResult<Finding> {
    let mut finding = Finding {
        name: "histories_lead_to_statuses",
        rule: "The history of each application is a sequence of allowed events and ends in its status.",
        violations: 0,
        examples: Vec::new(),
    };
    let mut replay: Option<Replay> = None;
    for row in sql_query(HISTORIES).load_iter::<HistoryRow, PgRowByRowLoadingMode>(connection)? {
        let row = row?;
        if replay.as_ref().is_none_or(|replay| replay.application != row.application) {
            finish(replay.replace(Replay::of(&row)), &mut finding);
        }
        if let Some(replay) = replay.as_mut().filter(|_| row.position.is_some()) {
            replay.apply(&row);
        }
    }
    finish(replay, &mut finding);
    Ok(finding)
}

/// Adds a violation if the complete history is invalid.
fn finish(replay: Option<Replay>, finding: &mut Finding) {
    if let Some(replay) = replay.filter(|replay| !replay.is_valid()) {
        add_violation(finding, || replay.application);
    }
}
