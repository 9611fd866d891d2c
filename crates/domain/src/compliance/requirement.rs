use std::collections::BTreeSet;

use thiserror::Error;

use crate::{
    certification_types::TypeCode,
    technicians::{Certification, TrustLevel},
};

/// A requirement of a job: a certification of one of several types, on every day.
///
/// ```
/// use repower_domain::{compliance::Requirement, technicians::TrustLevel};
///
/// let ropes = Requirement::new(vec!["IRATA_L1".parse()?], true, Some(TrustLevel::EvidenceAttached))?;
/// assert!(ropes.accepts("IRATA_L3".parse()?));
/// assert!(!ropes.accepts("GWO_WAH".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    any_of: Vec<TypeCode>,
    mandatory: bool,
    min_trust: Option<TrustLevel>,
}

/// The reason why requirements are rejected.
///
/// ```
/// use repower_domain::compliance::{InvalidRequirement, Requirement};
///
/// let twice = Requirement::new(vec!["WAH".parse()?, "GWO_WAH".parse()?], true, None);
/// assert_eq!(twice, Err(InvalidRequirement::Duplicate(1)));
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[expect(clippy::exhaustive_enums, reason = "a caller answers each of them")]
pub enum InvalidRequirement {
    /// It names no type.
    #[error("names no type")]
    Empty,
    /// There are more than [`Requirement::MAX_TYPES`] types in one, or more than
    /// [`Requirements::MAX`] requirements.
    #[error("has more than {0}")]
    TooMany(usize),
    /// It names the type with this index, counted from 0, a second time.
    #[error("names a type twice")]
    Duplicate(usize),
}

impl Requirement {
    /// The most types of one requirement.
    pub const MAX_TYPES: usize = 10;

    /// A requirement that each of these types meets, at a trust of at least `min_trust`. One
    /// that is not mandatory is assessed and does not count.
    ///
    /// # Errors
    ///
    /// [`InvalidRequirement`] without types, with a type twice, or with more than
    /// [`Requirement::MAX_TYPES`].
    pub fn new(
        any_of: Vec<TypeCode>,
        mandatory: bool,
        min_trust: Option<TrustLevel>,
    ) -> Result<Self, InvalidRequirement> {
        let mut seen = BTreeSet::new();
        if any_of.is_empty() {
            Err(InvalidRequirement::Empty)
        } else if any_of.len() > Self::MAX_TYPES {
            Err(InvalidRequirement::TooMany(Self::MAX_TYPES))
        } else if let Some(repeated) = any_of.iter().position(|code| !seen.insert(*code)) {
            Err(InvalidRequirement::Duplicate(repeated))
        } else {
            Ok(Self { any_of, mandatory, min_trust })
        }
    }

    /// The types of which one is enough.
    pub fn any_of(&self) -> &[TypeCode] {
        &self.any_of
    }

    /// Whether it counts for the overall status.
    pub const fn mandatory(&self) -> bool {
        self.mandatory
    }

    /// The least trust, if it is limited.
    pub const fn min_trust(&self) -> Option<TrustLevel> {
        self.min_trust
    }

    /// Whether the type meets it: it is one of those named, or satisfies one.
    pub fn accepts(&self, type_code: TypeCode) -> bool {
        self.any_of.iter().any(|named| type_code.satisfies(*named))
    }

    /// Whether the same certifications meet it as meet another one; the order of the types does
    /// not matter.
    pub fn asks_as(&self, other: &Self) -> bool {
        self.min_trust == other.min_trust && self.accepted_types().eq(other.accepted_types())
    }

    /// Every type that meets it, in the order of the catalogue.
    pub fn accepted_types(&self) -> impl Iterator<Item = TypeCode> {
        TypeCode::all().filter(|type_code| self.accepts(*type_code))
    }

    /// Whether a certification meets it on the days on which it is in force: by its type, and by a
    /// trust that is enough. One that is rejected or revoked meets nothing.
    ///
    /// ```
    /// use repower_domain::{
    ///     compliance::Requirement,
    ///     technicians::Certification,
    ///     uuid::Uuid,
    ///     values::Validity,
    /// };
    ///
    /// let untyped = Certification::builder()
    ///     .id(Uuid::from_u128(1).into())
    ///     .technician_id(Uuid::from_u128(2).into())
    ///     .name("Working at Heights".parse()?)
    ///     .provider("Falck Safety".parse()?)
    ///     .validity(Validity::new("2024-03-11".parse()?, None)?)
    ///     .document_url(None)
    ///     .build();
    /// assert!(!Requirement::new(vec!["GWO_WAH".parse()?], true, None)?.is_met_by(&untyped));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_met_by(&self, certification: &Certification) -> bool {
        self.trusts(certification) == Some(true)
    }

    /// Whether the trust of a certification that meets it by its type is enough; `None` for
    /// another one, and for one that is rejected or revoked.
    pub(super) fn trusts(&self, certification: &Certification) -> Option<bool> {
        let is_accepted = certification.type_code().is_some_and(|type_code| self.accepts(type_code));
        let level = certification.trust.level().filter(|_| is_accepted)?;
        Some(self.min_trust.is_none_or(|least| least <= level))
    }
}

/// The requirements of a job, at most 30. Each must be met.
///
/// ```
/// use repower_domain::compliance::{Requirement, Requirements};
///
/// let sea = Requirement::new(vec!["BOSIET".parse()?, "HUET".parse()?], false, None)?;
/// let requirements = Requirements::new(vec![sea])?;
/// assert_eq!(requirements.as_slice().len(), 1);
/// assert!(Requirements::default().as_slice().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requirements(Vec<Requirement>);

impl Requirements {
    /// The most requirements of a job.
    pub const MAX: usize = 30;

    /// The requirements, in this order.
    ///
    /// # Errors
    ///
    /// [`InvalidRequirement::TooMany`] for more than [`Requirements::MAX`].
    pub fn new(requirements: Vec<Requirement>) -> Result<Self, InvalidRequirement> {
        if requirements.len() > Self::MAX {
            Err(InvalidRequirement::TooMany(Self::MAX))
        } else {
            Ok(Self(requirements))
        }
    }

    /// The requirements, in their order.
    pub fn as_slice(&self) -> &[Requirement] {
        &self.0
    }

    /// The mandatory requirements, in their order.
    pub fn mandatory(&self) -> impl Iterator<Item = &Requirement> {
        self.0.iter().filter(|requirement| requirement.mandatory())
    }

    /// Every type that meets one of them, each once, in the order of the alphabet.
    pub fn accepted_types(&self) -> BTreeSet<TypeCode> {
        self.0.iter().flat_map(Requirement::accepted_types).collect()
    }

    /// The types that they name, each once, in the order of the alphabet.
    pub fn named_types(&self) -> BTreeSet<TypeCode> {
        self.0.iter().flat_map(Requirement::any_of).copied().collect()
    }
}
