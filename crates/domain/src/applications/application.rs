use chrono::{DateTime, Utc};

use super::{ApplicationStatus, InvalidTransition};
use crate::{
    Revision,
    accounts::{Actor, Permission, Side},
    ids::{ApplicationId, CompanyId, JobId, TechnicianId, UserId},
    values::ApplicationMessage,
};

/// A technician's application for a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its identity.
    pub id: ApplicationId,
    /// The job.
    pub job_id: JobId,
    /// The company whose job it is.
    pub company_id: CompanyId,
    /// Who applied.
    pub technician_id: TechnicianId,
    /// Where it stands.
    pub status: ApplicationStatus,
    /// What the technician told the company.
    pub message_to_company: Option<ApplicationMessage>,
    /// What the company told the technician.
    pub message_to_technician: Option<ApplicationMessage>,
    /// The revision it was loaded at.
    pub revision: Revision,
    /// When they applied.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// One step in an application's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApplicationEvent {
    /// Where it stood before; `None` for the first step, the applying itself.
    pub from: Option<ApplicationStatus>,
    /// Where it stood after.
    pub to: ApplicationStatus,
    /// Which side did it.
    pub by: Side,
    /// Who did it.
    pub actor_id: UserId,
    /// When.
    pub at: DateTime<Utc>,
}

/// What somebody wants to do to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationMove {
    /// The status it is to have.
    pub next: ApplicationStatus,
    /// Another message to the technician, none (`Some(None)`), or the one that
    /// is there (`None`).
    pub message_to_technician: Option<Option<ApplicationMessage>>,
}

impl Application {
    /// The first step of the history of a new application.
    pub const fn applied(&self, actor_id: UserId) -> ApplicationEvent {
        ApplicationEvent { from: None, to: self.status, by: Side::Technician, actor_id, at: self.created_at }
    }

    /// The side on which somebody stands to it; `None` for strangers.
    pub fn side_of(&self, actor: &Actor) -> Option<Side> {
        actor.side_between(self.company_id, self.technician_id)
    }

    /// The statuses that somebody may set it to; none for strangers, and for
    /// roles that move no applications.
    pub fn open_to(&self, actor: &Actor) -> impl Iterator<Item = ApplicationStatus> + use<> {
        let status = self.status;
        let may_move = actor.role().permits(Permission::MoveApplications);
        let side = self.side_of(actor).filter(|_| may_move);
        side.into_iter().flat_map(move |side| status.open_to(side))
    }

    /// The application moved on by one side as far as it may, and the step that
    /// made.
    pub fn move_to(
        &self,
        wish: ApplicationMove,
        side: Side,
        actor_id: UserId,
        now: DateTime<Utc>,
    ) -> Result<(Self, ApplicationEvent), InvalidTransition> {
        let status = self.status.move_to(wish.next, side)?;
        let message_to_technician = wish.message_to_technician.unwrap_or_else(|| self.message_to_technician.clone());
        let event = ApplicationEvent { from: Some(self.status), to: status, by: side, actor_id, at: now };
        Ok((Self { status, message_to_technician, updated_at: now, ..self.clone() }, event))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::accounts::CompanyRole;

    fn application() -> Application {
        Application {
            id: Uuid::from_u128(1).into(),
            job_id: Uuid::from_u128(2).into(),
            company_id: Uuid::from_u128(3).into(),
            technician_id: Uuid::from_u128(4).into(),
            status: ApplicationStatus::Applied,
            message_to_company: None,
            message_to_technician: "We will call".parse().ok(),
            revision: Revision::FIRST,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn moved(change: impl FnOnce(&mut ApplicationMove)) -> (Application, ApplicationEvent) {
        let mut wish = ApplicationMove { next: ApplicationStatus::Shortlisted, message_to_technician: None };
        change(&mut wish);
        application().move_to(wish, Side::Company, Uuid::from_u128(5).into(), DateTime::<Utc>::MAX_UTC).unwrap()
    }

    #[test]
    fn a_step_tells_who_moved_it_from_where_to_where() {
        let (moved, event) = moved(|_| ());
        assert_eq!(moved.status, ApplicationStatus::Shortlisted);
        assert_eq!((event.from, event.to), (Some(ApplicationStatus::Applied), ApplicationStatus::Shortlisted));
        assert_eq!((event.by, event.actor_id), (Side::Company, Uuid::from_u128(5).into()));
    }

    #[test]
    fn a_message_is_kept_replaced_or_cleared() {
        assert_eq!(moved(|_| ()).0.message_to_technician, application().message_to_technician);
        assert_eq!(moved(|wish| wish.message_to_technician = Some(None)).0.message_to_technician, None);
        let other: Option<ApplicationMessage> = "Come on Monday".parse().ok();
        assert_eq!(moved(|wish| wish.message_to_technician = Some(other.clone())).0.message_to_technician, other);
    }

    #[test]
    fn what_is_open_to_somebody_is_what_their_side_and_their_role_may() {
        let member = |company: u128, role| Actor::Member {
            user_id: Uuid::from_u128(9).into(),
            company_id: Uuid::from_u128(company).into(),
            role,
        };
        let open = |actor: Actor| application().open_to(&actor).collect::<Vec<_>>();
        let by_company: Vec<_> = ApplicationStatus::Applied.open_to(Side::Company).collect();
        assert_eq!(open(member(3, CompanyRole::Recruiter)), by_company);
        assert_eq!(open(member(3, CompanyRole::Viewer)), []);
        assert_eq!(open(member(8, CompanyRole::Admin)), []);
        let technician =
            Actor::Technician { user_id: Uuid::from_u128(9).into(), technician_id: Uuid::from_u128(4).into() };
        assert_eq!(open(technician), [ApplicationStatus::Withdrawn]);
        assert_eq!(open(Actor::SuperAdmin { user_id: Uuid::from_u128(9).into() }), []);
    }
}
