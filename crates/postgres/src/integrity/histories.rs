use diesel::{
    PgConnection, QueryResult,
    pg::PgRowByRowLoadingMode,
    prelude::*,
    sql_query,
    sql_types::{Integer, Nullable, Text},
};
use repower_domain::{accounts::Side, applications::ApplicationStatus};
use repower_ports::operation::Finding;

use super::add;

const HISTORIES: &str = "\
    SELECT applications.id::text AS application, status, revision, position, from_status, to_status, side \
    FROM applications LEFT JOIN application_events ON application_id = applications.id \
    ORDER BY applications.id, position";

/// An application with one step of its history, or with none.
#[derive(QueryableByName)]
struct Step {
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

/// How far the history of one application was followed.
struct Path {
    application: String,
    stands: String,
    revision: i32,
    reached: Option<ApplicationStatus>,
    steps: i32,
    is_broken: bool,
}

impl Path {
    fn of(step: &Step) -> Self {
        Self {
            application: step.application.clone(),
            stands: step.status.clone(),
            revision: step.revision,
            reached: None,
            steps: 0,
            is_broken: false,
        }
    }

    fn follow(&mut self, step: &Step) {
        self.steps += 1;
        let next = allowed(self.reached, step);
        self.is_broken |= next.is_none() || step.position != Some(self.steps);
        self.reached = next;
    }

    fn holds(&self) -> bool {
        let ends = self.reached.map(ApplicationStatus::as_str);
        !self.is_broken && ends == Some(self.stands.as_str()) && self.steps == self.revision
    }
}

/// Where a step leads, if the domain allows it from there.
fn allowed(reached: Option<ApplicationStatus>, step: &Step) -> Option<ApplicationStatus> {
    let to: ApplicationStatus = step.to_status.as_deref()?.parse().ok()?;
    let side: Side = step.side.as_deref()?.parse().ok()?;
    if step.from_status.as_deref() != reached.map(ApplicationStatus::as_str) {
        return None;
    }
    match reached {
        None => (to == ApplicationStatus::Applied && side == Side::Technician).then_some(to),
        Some(from) => from.move_to(to, side).ok(),
    }
}

/// Follows the history of each application.
pub(super) fn audit(connection: &mut PgConnection) -> QueryResult<Finding> {
    let mut finding = Finding {
        name: "histories_lead_to_statuses",
        rule: "The history of each application is a path that the rules allow, step by step, and ends in its status.",
        violations: 0,
        examples: Vec::new(),
    };
    let mut path: Option<Path> = None;
    for step in sql_query(HISTORIES).load_iter::<Step, PgRowByRowLoadingMode>(connection)? {
        let step = step?;
        if path.as_ref().is_none_or(|path| path.application != step.application) {
            conclude(path.replace(Path::of(&step)), &mut finding);
        }
        if let Some(path) = path.as_mut().filter(|_| step.position.is_some()) {
            path.follow(&step);
        }
    }
    conclude(path, &mut finding);
    Ok(finding)
}

fn conclude(path: Option<Path>, finding: &mut Finding) {
    if let Some(path) = path.filter(|path| !path.holds()) {
        add(finding, || path.application);
    }
}
