use super::cover::{Span, Spans};
use crate::{
    certification_types::TypeCode,
    technicians::{Certification, TrustLevel},
    values::CalendarDate,
};

/// Days in a row on each of which certifications meet a requirement for a type.
///
/// A storage that looks for jobs compares requirements with qualifications: the days of a
/// requirement are those of the qualifications of the types that it names, at its least
/// trust. [`Compliance::of`](super::Compliance::of) covers the same days.
///
/// ```
/// use repower_domain::{
///     certification_types::{Classification, Course},
///     compliance::Qualification,
///     technicians::{Certification, TrustLevel},
///     uuid::Uuid,
///     values::Validity,
/// };
///
/// let ropes = Certification::builder()
///     .id(Uuid::from_u128(1).into())
///     .technician_id(Uuid::from_u128(2).into())
///     .name("IRATA Level 2".parse()?)
///     .provider("RA Training".parse()?)
///     .classification(Some(Classification { type_code: "IRATA_L2".parse()?, course: Course::Initial }))
///     .validity(Validity::new("2025-03-11".parse()?, "2028-03-10".parse().ok())?)
///     .document_url(None)
///     .build();
/// let qualifications = Qualification::all_of(&[ropes]);
/// let types: Vec<_> = qualifications.iter().map(|one| one.type_code.as_str()).collect();
/// assert_eq!(types, ["IRATA_L1", "IRATA_L2"]);
/// assert!(qualifications.iter().all(|one| one.min_trust == TrustLevel::SelfDeclared));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Qualification {
    /// The type that a requirement names.
    pub type_code: TypeCode,
    /// The least trust of the requirement.
    pub min_trust: TrustLevel,
    /// The first day.
    pub first: CalendarDate,
    /// The last day; [`CalendarDate::MAX`] if they never end.
    pub last: CalendarDate,
}

impl Qualification {
    /// The qualifications by all certifications of a technician, in the order of the
    /// catalogue. No two of the same type and least trust touch.
    pub fn all_of(certifications: &[Certification]) -> Vec<Self> {
        let of_type = |type_code: TypeCode| {
            let satisfying = certifications.iter().filter(move |one| {
                let held = one.type_code();
                held.is_some_and(|held| held.satisfies(type_code))
            });
            let spans = Spans::new(satisfying.filter_map(Span::of));
            TrustLevel::ALL.iter().flat_map(move |min_trust| {
                let days = spans.trusted(*min_trust).days();
                days.into_iter().map(move |one| Self {
                    type_code,
                    min_trust: *min_trust,
                    first: one.first,
                    last: one.last,
                })
            })
        };
        TypeCode::all().flat_map(of_type).collect()
    }
}
