use std::cmp::Ordering;

use crate::named::named_enum;

named_enum! {
    /// How far a certification is to be trusted.
    technicians::Trust {
        /// The technician says so.
        SelfDeclared = "SELF_DECLARED",
        /// There is a document.
        EvidenceAttached = "EVIDENCE_ATTACHED",
        /// A verifier has confirmed it.
        Verified = "VERIFIED",
        /// A verifier has rejected it.
        Rejected = "REJECTED",
        /// Its provider's certifications of that time were revoked.
        Revoked = "REVOKED",
    }
}

impl Trust {
    /// The trust of a certification that no verifier has decided on.
    pub const fn undecided(has_document: bool) -> Self {
        if has_document { Self::EvidenceAttached } else { Self::SelfDeclared }
    }

    /// The decision of a verifier; `None` where none has decided.
    pub const fn decision(self) -> Option<Decision> {
        match self {
            Self::SelfDeclared | Self::EvidenceAttached => None,
            Self::Verified => Some(Decision::Verified),
            Self::Rejected => Some(Decision::Rejected),
            Self::Revoked => Some(Decision::Revoked),
        }
    }

    /// The level; `None` for a certification that counts for nothing.
    pub const fn level(self) -> Option<TrustLevel> {
        match self {
            Self::SelfDeclared => Some(TrustLevel::SelfDeclared),
            Self::EvidenceAttached => Some(TrustLevel::EvidenceAttached),
            Self::Verified => Some(TrustLevel::Verified),
            Self::Rejected | Self::Revoked => None,
        }
    }
}

named_enum! {
    /// A level of trust, which a job may demand.
    technicians::TrustLevel {
        /// The technician says so.
        SelfDeclared = "SELF_DECLARED",
        /// There is a document.
        EvidenceAttached = "EVIDENCE_ATTACHED",
        /// A verifier has confirmed it.
        Verified = "VERIFIED",
    }
}

impl Ord for TrustLevel {
    /// From the lowest to the highest.
    fn cmp(&self, other: &Self) -> Ordering {
        (*self as u8).cmp(&(*other as u8))
    }
}

impl PartialOrd for TrustLevel {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

named_enum! {
    /// The decision of a verifier on a certification.
    technicians::Decision {
        /// It is confirmed.
        Verified = "VERIFIED",
        /// It is rejected.
        Rejected = "REJECTED",
        /// It was revoked with all of its provider's certifications of that time.
        Revoked = "REVOKED",
    }
}

impl From<Decision> for Trust {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Verified => Self::Verified,
            Decision::Rejected => Self::Rejected,
            Decision::Revoked => Self::Revoked,
        }
    }
}
