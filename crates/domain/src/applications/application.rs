use chrono::{DateTime, Utc};
use thiserror::Error;
use typed_builder::TypedBuilder;

use super::{ApplicationStatus, ApplicationTransitionError};
use crate::{
    Edit, Revision,
    accounts::{Actor, Permission, Side},
    compliance::{AcceptedCompliance, ComplianceSnapshot, NotCompliant},
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
    /// The compliance at the time of the application; `None` for one from before it was kept.
    #[builder(default)]
    pub compliance: Option<ComplianceSnapshot>,
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
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
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
    /// The compliance at the time of an offer or an acceptance; `None` for other steps, and for
    /// one from before it was kept.
    #[builder(default)]
    pub compliance: Option<ComplianceSnapshot>,
    /// Whether the company accepts with this step that requirements are not met.
    #[builder(default)]
    pub accepts_non_compliance: bool,
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
    /// Whether the company accepts that requirements are not met.
    #[builder(default)]
    pub accepts_non_compliance: bool,
}

impl ApplicationStatus {
    /// Whether a step to this status needs the compliance of the technician.
    pub const fn needs_compliance(self) -> bool {
        matches!(self, Self::Offered | Self::Accepted)
    }
}

impl ApplicationEvent {
    /// The same step, which needs the compliance of the technician, with it. A company accepts
    /// what is missing by `change`; a technician is held to what it had accepted with its offer,
    /// which is in the history.
    ///
    /// # Errors
    ///
    /// [`NotCompliant`] if the company has not accepted what is missing.
    ///
    /// ```
    /// use repower_domain::{
    ///     accounts::Side,
    ///     applications::{ApplicationEvent, ApplicationStatus},
    ///     chrono::DateTime,
    ///     compliance::{ComplianceSnapshot, ComplianceStatus},
    ///     uuid::Uuid,
    /// };
    ///
    /// let now = DateTime::UNIX_EPOCH;
    /// let offer = ApplicationEvent::builder()
    ///     .from(Some(ApplicationStatus::Applied))
    ///     .to(ApplicationStatus::Offered)
    ///     .by(Side::Company)
    ///     .actor_id(Uuid::from_u128(5).into())
    ///     .at(now)
    ///     .build();
    /// let missing = ComplianceSnapshot::builder()
    ///     .overall(ComplianceStatus::Missing)
    ///     .missing(Vec::new())
    ///     .checked_at(now)
    ///     .build();
    /// assert!(offer.clone().with_compliance(missing.clone(), false, &[]).is_err());
    /// let accepted = offer.with_compliance(missing, true, &[])?;
    /// assert!(accepted.accepts_non_compliance);
    /// # Ok::<(), repower_domain::compliance::NotCompliant>(())
    /// ```
    pub fn with_compliance(
        self,
        compliance: ComplianceSnapshot,
        accepts_non_compliance: bool,
        history: &[Self],
    ) -> Result<Self, NotCompliant> {
        let offer = history.iter().rev().find(|step| step.to == ApplicationStatus::Offered);
        let offered = offer.filter(|step| step.accepts_non_compliance).and_then(|step| step.compliance.as_ref());
        let accepted = match (self.by, offered) {
            (Side::Company, _) if accepts_non_compliance => AcceptedCompliance::Any,
            (Side::Technician, Some(offered)) => AcceptedCompliance::As(offered),
            (Side::Company | Side::Technician, _) => AcceptedCompliance::Compliant,
        };
        let is_unmet = compliance.require(accepted)?;
        let accepts_non_compliance = is_unmet && self.by == Side::Company;
        Ok(Self { compliance: Some(compliance), accepts_non_compliance, ..self })
    }
}

impl Application {
    /// The first step of the history of a new application.
    pub const fn applied(&self, actor_id: UserId) -> ApplicationEvent {
        ApplicationEvent {
            from: None,
            to: self.status,
            by: Side::Technician,
            actor_id,
            at: self.created_at,
            compliance: None,
            accepts_non_compliance: false,
        }
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
        let event = ApplicationEvent {
            from: Some(self.status),
            to: status,
            by: side,
            actor_id,
            at: now,
            compliance: None,
            accepts_non_compliance: false,
        };
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
mod tests;
