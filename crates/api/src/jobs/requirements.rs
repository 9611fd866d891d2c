use repower_domain::{
    certification_types::TypeCode,
    compliance::{InvalidRequirement, Requirement, Requirements},
    technicians::TrustLevel,
};
use repower_http::{
    ApiError, FieldCode,
    input::{Items, Optional, Required, Values, reject},
    schema::{RequestSchema, ResponseSchema},
};
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::error::Error;

/// A requirement of a job: a certification of one of several types, on every day.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequirementView {
    /// The types of which one is enough; so is a type that satisfies one of them.
    any_of: Vec<TypeCode>,
    /// Whether it counts for the overall compliance.
    mandatory: bool,
    /// The least trust of a certification; null is any.
    min_trust: Option<TrustLevel>,
}

impl From<&Requirement> for RequirementView {
    fn from(requirement: &Requirement) -> Self {
        Self {
            any_of: requirement.any_of().to_vec(),
            mandatory: requirement.mandatory(),
            min_trust: requirement.min_trust(),
        }
    }
}

/// `PUT /api/jobs/{id}/requirements`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct ReplaceRequirementsBody {
    /// The whole set, in this order; all of them must be met.
    requirements: Items<RequirementBody, { Requirements::MAX }>,
}

/// A requirement in a body.
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields, schema(function = "names_no_type_twice", skip_on_field_errors = false))]
pub(crate) struct RequirementBody {
    /// The types of which one is enough; an alias of a type is read as its code.
    any_of: Values<TypeCode, { Requirement::MAX_TYPES }>,
    /// Whether it counts for the overall compliance.
    mandatory: Required<bool>,
    /// The least trust of a certification; any by default.
    min_trust: Optional<TrustLevel>,
}

fn names_no_type_twice(body: &RequirementBody) -> Result<(), ValidationError> {
    let (places, types): (Vec<_>, Vec<_>) = body.any_of.iter().map(|(place, type_code)| (place, *type_code)).unzip();
    let Err(InvalidRequirement::Duplicate(repeated)) = Requirement::new(types, true, None) else { return Ok(()) };
    let field = places.get(repeated).map(|place| format!("anyOf[{place}]"));
    reject(field, FieldCode::Duplicate, "is named twice")
}

impl TryFrom<ReplaceRequirementsBody> for Requirements {
    type Error = Error;

    fn try_from(body: ReplaceRequirementsBody) -> Result<Self, Error> {
        let requirements = body.requirements.get()?.into_iter().map(Requirement::try_from).collect::<Result<_, _>>()?;
        Self::new(requirements)
            .map_err(|cause| ApiError::field("requirements", FieldCode::TooLong, cause.to_string()).into())
    }
}

impl TryFrom<RequirementBody> for Requirement {
    type Error = Error;

    fn try_from(body: RequirementBody) -> Result<Self, Error> {
        Self::new(body.any_of.get()?, body.mandatory.get()?, body.min_trust.get()?)
            .map_err(|cause| ApiError::field("anyOf", FieldCode::Duplicate, cause.to_string()).into())
    }
}
