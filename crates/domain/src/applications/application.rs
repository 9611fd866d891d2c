use chrono::{DateTime, Utc};
use thiserror::Error;
use typed_builder::TypedBuilder;

use super::{ApplicationStatus, ApplicationTransitionError};
use crate::{
    Edit, Revision,
    accounts::{Actor, Permission, Side},
    ids::{ApplicationId, CompanyId, JobId, TechnicianId, UserId},
    values::ApplicationMessage,
};

/// A technician's application for a job.
///
/// ```
/// use repower_domain::{
///     Revision,
///     applications::{Application, ApplicationStatus},
///     chrono::DateTime,
///     uuid::Uuid,
/// };
///
/// let now = DateTime::UNIX_EPOCH;
/// // The technician accepted by phone, and the company recorded it.
/// let accepted = Application::builder()
///     .id(Uuid::from_u128(1).into())
///     .job_id(Uuid::from_u128(2).into())
///     .company_id(Uuid::from_u128(3).into())
///     .technician_id(Uuid::from_u128(4).into())
///     .status(ApplicationStatus::Accepted)
///     .message_to_company(Some("I can start on Monday.".parse()?))
///     .message_to_technician(None)
///     .confirmed_at(None)
///     .revision(Revision::FIRST)
///     .created_at(now)
///     .updated_at(now)
///     .build();
/// let confirmed = accepted.confirm(now)?.ok_or("it was confirmed before")?;
/// assert_eq!(confirmed.confirmed_at, Some(now));
/// assert_eq!(confirmed.confirm(now), Ok(None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Application {
    /// The id.
    pub id: ApplicationId,
    /// The job.
    pub job_id: JobId,
    /// The company of the job.
    pub company_id: CompanyId,
    /// The technician.
    pub technician_id: TechnicianId,
    /// The status.
    pub status: ApplicationStatus,
    /// The message of the technician to the company.
    pub message_to_company: Option<ApplicationMessage>,
    /// The message of the company to the technician.
    pub message_to_technician: Option<ApplicationMessage>,
    /// The time at which the technician accepted, or confirmed an acceptance that the
    /// company recorded; `None` before.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// The revision at the time of loading.
    pub revision: Revision,
    /// The time of the application.
    pub created_at: DateTime<Utc>,
    /// The time of the last change.
    pub updated_at: DateTime<Utc>,
}

/// The application is not accepted, so that no acceptance can be confirmed.
///
/// See the example of [`ApplicationEvent`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("only an application that is ACCEPTED can be confirmed")]
#[expect(clippy::exhaustive_structs, reason = "it has no content")]
pub struct NotAccepted;

/// A step of the history of an application.
///
/// ```
/// use repower_domain::{
///     Edit, Revision,
///     accounts::Side,
///     applications::{Application, ApplicationEvent, ApplicationMove, ApplicationStatus, NotAccepted},
///     chrono::DateTime,
///     uuid::Uuid,
/// };
///
/// let now = DateTime::UNIX_EPOCH;
/// let application = Application::builder()
///     .id(Uuid::from_u128(1).into())
///     .job_id(Uuid::from_u128(2).into())
///     .company_id(Uuid::from_u128(3).into())
///     .technician_id(Uuid::from_u128(4).into())
///     .status(ApplicationStatus::Applied)
///     .message_to_company(None)
///     .message_to_technician(None)
///     .confirmed_at(None)
///     .revision(Revision::FIRST)
///     .created_at(now)
///     .updated_at(now)
///     .build();
/// assert_eq!(application.confirm(now), Err(NotAccepted));
///
/// let actor_id = Uuid::from_u128(5).into();
/// let offer = ApplicationMove::builder()
///     .next(ApplicationStatus::Offered)
///     .message_to_technician(Edit::Leave)
///     .build();
/// let (offered, step) = application.move_to(offer, Side::Company, actor_id, now)?;
/// assert_eq!(offered.status, ApplicationStatus::Offered);
/// let from = Some(ApplicationStatus::Applied);
/// assert_eq!(step, ApplicationEvent::builder()
///     .from(from)
///     .to(ApplicationStatus::Offered)
///     .by(Side::Company)
///     .actor_id(actor_id)
///     .at(now)
///     .build());
/// # Ok::<(), repower_domain::applications::ApplicationTransitionError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct ApplicationEvent {
    /// The status before; `None` for the first step.
    pub from: Option<ApplicationStatus>,
    /// The status after.
    pub to: ApplicationStatus,
    /// The side that made the step.
    pub by: Side,
    /// The user who made the step.
    pub actor_id: UserId,
    /// The time of the step.
    pub at: DateTime<Utc>,
}

/// A change of the status of an application, with an optional message.
///
/// ```
/// use repower_domain::{Edit, applications::{ApplicationMove, ApplicationStatus}};
///
/// let offer = ApplicationMove::builder().next(ApplicationStatus::Offered).build();
/// assert_eq!(offer.message_to_technician, Edit::Leave);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct ApplicationMove {
    /// The new status.
    pub next: ApplicationStatus,
    /// The edit of the message to the technician; without one, it is left.
    #[builder(default)]
    pub message_to_technician: Edit<ApplicationMessage>,
}

impl Application {
    /// The first step of the history of a new application.
    pub const fn applied(&self, actor_id: UserId) -> ApplicationEvent {
        ApplicationEvent { from: None, to: self.status, by: Side::Technician, actor_id, at: self.created_at }
    }

    /// The side of an actor; `None` for an actor on neither side.
    pub fn side_of(&self, actor: &Actor) -> Option<Side> {
        actor.side_between(self.company_id, self.technician_id)
    }

    /// The statuses that an actor may set. There are none for an actor on neither
    /// side or without [`Permission::MoveApplications`].
    pub fn open_to(&self, actor: &Actor) -> impl Iterator<Item = ApplicationStatus> + use<> {
        let status = self.status;
        let may_move = actor.role().permits(Permission::MoveApplications);
        let side = self.side_of(actor).filter(|_| may_move);
        side.into_iter().flat_map(move |side| status.open_to(side))
    }

    /// The application after a side changed its status, and the step of its history. Times
    /// never fall along the history: `now` was read before a concurrent step, perhaps.
    ///
    /// # Errors
    ///
    /// [`ApplicationTransitionError`] if the side may not set the status.
    pub fn move_to(
        &self,
        change: ApplicationMove,
        side: Side,
        actor_id: UserId,
        now: DateTime<Utc>,
    ) -> Result<(Self, ApplicationEvent), ApplicationTransitionError> {
        let now = now.max(self.updated_at);
        let status = self.status.move_to(change.next, side)?;
        let message_to_technician = change.message_to_technician.of(self.message_to_technician.as_ref());
        let event = ApplicationEvent { from: Some(self.status), to: status, by: side, actor_id, at: now };
        let confirmed_at = (status == ApplicationStatus::Accepted && side == Side::Technician).then_some(now);
        Ok((Self { status, message_to_technician, confirmed_at, updated_at: now, ..self.clone() }, event))
    }

    /// The application after its technician confirmed an acceptance that the company
    /// recorded; `None` if it is confirmed already.
    ///
    /// # Errors
    ///
    /// [`NotAccepted`].
    pub fn confirm(&self, now: DateTime<Utc>) -> Result<Option<Self>, NotAccepted> {
        if self.status != ApplicationStatus::Accepted {
            return Err(NotAccepted);
        }
        Ok(self.confirmed_at.is_none().then(|| Self { confirmed_at: Some(now.max(self.updated_at)), ..self.clone() }))
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
            confirmed_at: None,
            revision: Revision::FIRST,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn moved(edit: impl FnOnce(&mut ApplicationMove)) -> (Application, ApplicationEvent) {
        let mut change = ApplicationMove { next: ApplicationStatus::Shortlisted, message_to_technician: Edit::Leave };
        edit(&mut change);
        application().move_to(change, Side::Company, Uuid::from_u128(5).into(), DateTime::<Utc>::MAX_UTC).unwrap()
    }

    #[test]
    fn a_step_has_both_statuses_the_side_and_the_user() {
        let (moved, event) = moved(|_| ());
        assert_eq!(moved.status, ApplicationStatus::Shortlisted);
        assert_eq!((event.from, event.to), (Some(ApplicationStatus::Applied), ApplicationStatus::Shortlisted));
        assert_eq!((event.by, event.actor_id), (Side::Company, Uuid::from_u128(5).into()));
    }

    #[test]
    fn a_step_is_no_earlier_than_the_one_before_it() {
        let late = Application { updated_at: DateTime::<Utc>::MAX_UTC, ..application() };
        let offer = ApplicationMove { next: ApplicationStatus::Offered, message_to_technician: Edit::Leave };
        let (offered, event) =
            late.move_to(offer, Side::Company, Uuid::from_u128(5).into(), DateTime::UNIX_EPOCH).unwrap();
        assert_eq!((event.at, offered.updated_at), (late.updated_at, late.updated_at));
        let recorded = Application { status: ApplicationStatus::Accepted, ..late };
        assert_eq!(recorded.confirm(DateTime::UNIX_EPOCH).unwrap().unwrap().confirmed_at, Some(recorded.updated_at));
    }

    #[test]
    fn an_acceptance_is_confirmed_by_the_technician_alone_and_once() {
        let now = DateTime::<Utc>::MAX_UTC;
        let offered = Application { status: ApplicationStatus::Offered, ..application() };
        let accepted_by = |side| {
            let change = ApplicationMove { next: ApplicationStatus::Accepted, message_to_technician: Edit::Leave };
            offered.move_to(change, side, Uuid::from_u128(5).into(), now).unwrap().0
        };
        assert_eq!(accepted_by(Side::Technician).confirmed_at, Some(now));
        let recorded = accepted_by(Side::Company);
        assert_eq!(recorded.confirmed_at, None);
        let confirmed = recorded.confirm(now).unwrap().unwrap();
        assert_eq!(confirmed, Application { confirmed_at: Some(now), ..recorded });
        assert_eq!(confirmed.confirm(DateTime::UNIX_EPOCH), Ok(None));
        for status in ApplicationStatus::ALL.iter().copied().filter(|status| *status != ApplicationStatus::Accepted) {
            assert_eq!(Application { status, ..application() }.confirm(now), Err(NotAccepted), "{status}");
        }
    }

    #[test]
    fn a_change_leaves_replaces_or_clears_the_message() {
        assert_eq!(moved(|_| ()).0.message_to_technician, application().message_to_technician);
        assert_eq!(moved(|change| change.message_to_technician = Edit::Clear).0.message_to_technician, None);
        let other: Option<ApplicationMessage> = "Come on Monday".parse().ok();
        assert_eq!(moved(|change| change.message_to_technician = other.clone().into()).0.message_to_technician, other);
    }

    #[test]
    fn an_actor_may_set_the_statuses_of_their_side_if_the_role_allows_it() {
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
