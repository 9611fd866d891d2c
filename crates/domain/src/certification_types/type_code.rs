use std::{cmp::Ordering, fmt, hash, str::FromStr};

use super::{
    catalogue::{self, CertificationType},
    course::Course,
};
use crate::{
    letters,
    values::Invalid,
    wire::{Described, Form, FromWire, Input, text_on_the_wire},
};

/// The code of a type of certifications that the catalogue has.
///
/// It is read from the code or an alias, without regard to case, hyphens, blanks and
/// underscores, and written as the code.
///
/// ```
/// use repower_domain::{certification_types::TypeCode, values::Invalid};
///
/// let heights: TypeCode = " gwo-wah ".parse()?;
/// assert_eq!(heights.to_string(), "GWO_WAH");
/// assert_eq!(heights.details().name, "Working at Heights");
/// assert!(matches!("GWO_XYZ".parse::<TypeCode>(), Err(Invalid::NotAllowed(_))));
/// # Ok::<(), Invalid>(())
/// ```
#[derive(Clone, Copy)]
pub struct TypeCode(&'static CertificationType);

impl TypeCode {
    /// The most characters of a code.
    pub const MAX: usize = 40;
    /// The name of the format of a code that is read, in schemas.
    pub const FORMAT: &'static str = "certification-type";

    /// Every code, in the order of the catalogue.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        catalogue::types().iter().map(Self)
    }

    /// The code.
    pub const fn as_str(self) -> &'static str {
        self.0.code
    }

    /// The entry of the catalogue.
    pub const fn details(self) -> &'static CertificationType {
        self.0
    }

    /// The other types that the holder of this one satisfies too.
    pub fn satisfied(self) -> impl Iterator<Item = Self> {
        self.0.satisfies.iter().filter_map(|code| code.parse().ok())
    }

    /// Whether the holder of this one satisfies a demand for another: it is the other, or
    /// the catalogue says so.
    pub fn satisfies(self, other: Self) -> bool {
        self == other || self.0.satisfies.contains(&other.as_str())
    }
}

impl PartialEq for TypeCode {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for TypeCode {}

impl hash::Hash for TypeCode {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Ord for TypeCode {
    /// In the order of the alphabet.
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for TypeCode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for TypeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypeCode").field(&self.as_str()).finish()
    }
}

impl fmt::Display for TypeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl AsRef<str> for TypeCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for TypeCode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse().map(|printed: PrintedCode| printed.type_code)
    }
}

text_on_the_wire!(
    TypeCode,
    Form::Pattern("^[A-Z][A-Z0-9_]*$").about("A code of `GET /api/certification-types`."),
    Form::Text { min: 1, max: Some(Self::MAX), format: Some(Self::FORMAT) }
        .about("A code or an alias of `GET /api/certification-types`.")
);

/// A code as a record prints it: a type, and the course if the code names it.
///
/// ```
/// use repower_domain::certification_types::{Course, PrintedCode};
///
/// let refresher: PrintedCode = "FAR".parse()?;
/// assert_eq!((refresher.type_code.as_str(), refresher.course), ("GWO_FA", Some(Course::Refresher)));
/// assert_eq!("FA".parse::<PrintedCode>()?.course, None);
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a code says no more")]
pub struct PrintedCode {
    /// The type.
    pub type_code: TypeCode,
    /// The course; `None` if the code does not name it.
    pub course: Option<Course>,
}

impl PrintedCode {
    /// The type with its course: the given one, or that of the code, or the initial one.
    pub fn classify(self, given: Option<Course>) -> Classification {
        let course = given.or(self.course).unwrap_or(Course::Initial);
        Classification { type_code: self.type_code, course }
    }
}

impl FromWire for PrintedCode {
    const ACCEPTED: Described = <TypeCode as FromWire>::ACCEPTED;

    fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
        input.parse()
    }
}

impl FromStr for PrintedCode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match letters::trim(text) {
            "" => Err(Invalid::Empty),
            text => catalogue::find(text)
                .map(|(found, course)| Self { type_code: TypeCode(found), course })
                .ok_or(Invalid::NotAllowed("must be a code of the catalogue of certification types")),
        }
    }
}

/// The type and the course of a certification.
///
/// ```
/// use repower_domain::certification_types::{Classification, Course};
///
/// let initial = Classification { type_code: "GWO_WAH".parse()?, course: Course::Initial };
/// assert_eq!(initial.type_code.details().issuer, "Global Wind Organisation");
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a type and a course are all of it")]
pub struct Classification {
    /// The type.
    pub type_code: TypeCode,
    /// The course.
    pub course: Course,
}
