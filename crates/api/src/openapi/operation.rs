use repower_domain::accounts::{Permission, Role};

use super::described::{Described, Fields, Object, Property, SchemaRef, Schemas, body};
use crate::http::{Code, PageMeta};

/// The parts of the document, in the order in which a reader wants them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// Registering, signing in, the own account.
    Accounts,
    /// Technicians and their passports.
    Technicians,
    /// Companies with their members and invitations.
    Companies,
    /// Jobs.
    Jobs,
    /// Applications for jobs.
    Applications,
    /// Chats.
    Chat,
    /// Running the marketplace.
    Admin,
    /// Running the server.
    Operation,
}

impl Tag {
    /// All, in the order of the document.
    pub const ALL: &'static [Self] = &[
        Self::Accounts,
        Self::Technicians,
        Self::Companies,
        Self::Jobs,
        Self::Applications,
        Self::Chat,
        Self::Admin,
        Self::Operation,
    ];

    /// The name, and what is found there.
    pub const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Accounts => ("Accounts", "Registering, signing in, and the account of whoever is signed in."),
            Self::Technicians => {
                ("Technicians", "Technicians and their passports: skills, certifications, evaluations.")
            }
            Self::Companies => ("Companies", "Companies, their members, invitations and dashboard."),
            Self::Jobs => ("Jobs", "Jobs from the draft to the end; open ones are public."),
            Self::Applications => ("Applications", "From applying over shortlist and offer to the acceptance."),
            Self::Chat => ("Chat", "Conversations between a company and a technician, to be polled."),
            Self::Admin => ("Admin", "For those who run the marketplace."),
            Self::Operation => ("Operation", "Whether the server is up, and how it fares."),
        }
    }
}

/// Whose token an operation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nobody's; one that is sent is not looked at.
    Public,
    /// Nobody's, and one that is sent must be good.
    Optional,
    /// That of anybody who is signed in.
    SignedIn,
    /// That of somebody whose role has this permission.
    Permitted(Permission),
}

impl Access {
    /// The roles whose token is taken, where not all are.
    pub fn roles(self) -> Option<Vec<Role>> {
        let Self::Permitted(permission) = self else { return None };
        Some(Role::ALL.iter().copied().filter(|role| role.permits(permission)).collect())
    }
}

/// What brings parameters, headers and refusals of its own along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trait {
    /// It answers part of a list, and takes a cursor.
    Paged,
    /// It takes an `Idempotency-Key`.
    Repeatable,
    /// It answers an `ETag`, and 304.
    Conditional,
    /// It works without the database.
    Local,
}

/// Describes something, once it is wanted.
type Describe = fn(&mut Schemas) -> SchemaRef;

/// An answer that is no error.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) about: &'static str,
    pub(super) data: Describe,
    pub(super) meta: Option<Describe>,
}

/// What the document says of a route.
///
/// Only what is its own is told: what every route with a token, a body, an id
/// in its path and the like may answer follows from those.
pub struct Operation {
    pub(super) id: &'static str,
    pub(super) tag: Tag,
    pub(super) summary: &'static str,
    pub(super) about: &'static str,
    pub(super) access: Access,
    pub(super) body: Option<Describe>,
    pub(super) parameters: Option<fn(&mut Schemas) -> Vec<Property>>,
    pub(super) answers: Vec<Answered>,
    pub(super) refusals: Vec<(Code, &'static str)>,
    pub(super) traits: Vec<Trait>,
    pub(super) outside: Option<(&'static str, Describe)>,
}

impl Operation {
    /// An operation that is open to everybody. `id` is its name in clients, in
    /// camelCase; `summary` is one line; `about` says more where that is not all.
    pub fn new(tag: Tag, id: &'static str, summary: &'static str, about: &'static str) -> Self {
        Self {
            id,
            tag,
            summary,
            about,
            access: Access::Public,
            body: None,
            parameters: None,
            answers: Vec::new(),
            refusals: Vec::new(),
            traits: Vec::new(),
            outside: None,
        }
    }

    /// The name in clients.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// Whose token it asks for.
    pub const fn access(&self) -> Access {
        self.access
    }

    /// For those whose role has this permission.
    #[must_use]
    pub fn by(self, permission: Permission) -> Self {
        self.access_for(Access::Permitted(permission))
    }

    /// For whoever is signed in.
    #[must_use]
    pub fn by_anybody_signed_in(self) -> Self {
        self.access_for(Access::SignedIn)
    }

    /// For everybody; a token that is sent must be good.
    #[must_use]
    pub fn by_everybody_known_or_not(self) -> Self {
        self.access_for(Access::Optional)
    }

    fn access_for(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// With this body.
    #[must_use]
    pub fn takes<T: Object>(self) -> Self {
        self.takes_as(body::<T>)
    }

    /// With a body that is described by hand.
    #[must_use]
    pub fn takes_as(mut self, body: Describe) -> Self {
        self.body = Some(body);
        self
    }

    /// With these parameters in its query.
    #[must_use]
    pub fn reads<T: Object>(mut self) -> Self {
        self.parameters = Some(|schemas| Fields::of::<T>(schemas));
        self
    }

    /// Answers `T` as `data` with this status.
    #[must_use]
    pub fn answers<T: Described>(mut self, status: u16, about: &'static str) -> Self {
        self.answers.push(Answered { status, about, data: T::schema, meta: None });
        self
    }

    /// Answers 200 with part of a list of `T`.
    #[must_use]
    pub fn lists<T: Described>(self, about: &'static str) -> Self {
        self.answers_with_meta::<Vec<T>, PageMeta>(about).with(Trait::Paged)
    }

    /// Answers 200 with `T` as `data` and `M` as `meta`.
    #[must_use]
    pub fn answers_with_meta<T: Described, M: Described>(mut self, about: &'static str) -> Self {
        self.answers.push(Answered { status: 200, about, data: T::schema, meta: Some(M::schema) });
        self
    }

    /// Answers 200 with something of this media type, outside the envelope.
    #[must_use]
    pub fn answers_outside_the_envelope(mut self, media_type: &'static str, schema: Describe) -> Self {
        self.outside = Some((media_type, schema));
        self
    }

    /// May refuse with this code; `when` completes "409 when …".
    #[must_use]
    pub fn refuses(mut self, code: Code, when: &'static str) -> Self {
        self.refusals.push((code, when));
        self
    }

    /// Takes an `Idempotency-Key`.
    #[must_use]
    pub fn repeatable(self) -> Self {
        self.with(Trait::Repeatable)
    }

    /// Answers an `ETag`, and 304 to a matching `If-None-Match`.
    #[must_use]
    pub fn conditional(self) -> Self {
        self.with(Trait::Conditional)
    }

    /// Works without the database.
    #[must_use]
    pub fn local(self) -> Self {
        self.with(Trait::Local)
    }

    fn with(mut self, one: Trait) -> Self {
        self.traits.push(one);
        self
    }

    pub(super) fn has(&self, one: Trait) -> bool {
        self.traits.contains(&one)
    }
}
