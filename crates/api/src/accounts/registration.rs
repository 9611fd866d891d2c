//! The body of a registration, whose fields depend on its role.

use std::str::FromStr;

use repower_application::accounts::Registrant;
use repower_domain::{
    accounts::RegistrableRole,
    companies::CompanyProfile,
    technicians::{Discipline, Mobility, TechnicianProfile, Visibility},
    values::{CompanyName, Country, Currency, DayRateRange, Email, FullName, Invalid, Password, YearsExperience},
    wire::{self, Described, Form, FromWire},
};
use repower_http::{
    ApiError, Body,
    input::{Defaulted, Ignored, Input, JsonTree, Optional, Required, peek, read},
    schema::{RequestFields, RequestSchema, SchemaRef, Schemas},
};
use serde::Deserialize;
use utoipa::openapi::{Discriminator, schema::OneOfBuilder};
use validator::Validate;

use crate::error::Error;

/// `POST /api/auth/register`: the fields of both roles, to validate a body whose
/// `role` is not valid.
#[derive(Debug, Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(super) struct RegisterBody {
    email: Required<Email>,
    password: Required<Password>,
    role: Required<RegistrableRole>,
    country: Required<Country>,
    full_name: Ignored,
    company_name: Ignored,
    primary_discipline: Ignored,
    years_experience: Ignored,
    mobility: Ignored,
}

/// `POST /api/auth/register` by a technician.
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(super) struct RegisterTechnicianBody {
    email: Required<Email>,
    password: Required<Password>,
    role: Required<AsTechnician>,
    full_name: Required<FullName>,
    country: Required<Country>,
    /// OTHER by default.
    primary_discipline: Defaulted<Discipline>,
    /// 0 by default.
    years_experience: Defaulted<YearsExperience>,
    /// LOCAL by default.
    mobility: Defaulted<Mobility>,
}

/// `POST /api/auth/register` by the first administrator of a company.
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(super) struct RegisterCompanyBody {
    email: Required<Email>,
    password: Required<Password>,
    role: Required<AsCompanyAdmin>,
    company_name: Required<CompanyName>,
    country: Required<Country>,
    /// The name of the administrator; the local part of the email by default.
    full_name: Optional<FullName>,
}

/// The types of a role that the reader has checked already.
macro_rules! role_types {
    ($($name:ident = $role:ident),+ $(,)?) => {$(
        #[derive(Debug, Clone, Copy)]
        struct $name;

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                text.parse::<RegistrableRole>().map(|_| Self)
            }
        }

        impl FromWire for $name {
            const ACCEPTED: Described =
                Form::Name { of: stringify!($name), all: &[RegistrableRole::$role.as_str()] }.about("");

            fn from_wire(input: wire::Input<'_>) -> Result<Self, Invalid> {
                input.parse()
            }
        }
    )+};
}

role_types! { AsTechnician = Technician, AsCompanyAdmin = CompanyAdmin }

impl RequestSchema for RegisterBody {
    const NAME: &'static str = "RegisterBody";
    const ABOUT: &'static str = "";

    fn fields(_: &mut RequestFields<'_>) {}

    fn body(schemas: &mut Schemas) -> SchemaRef {
        let roles = [
            (RegistrableRole::Technician, RegisterTechnicianBody::NAME),
            (RegistrableRole::CompanyAdmin, RegisterCompanyBody::NAME),
        ];
        let mapping = roles.map(|(role, name)| (role.as_str(), format!("#/components/schemas/{name}")));
        OneOfBuilder::new()
            .item(RegisterTechnicianBody::body(schemas))
            .item(RegisterCompanyBody::body(schemas))
            .discriminator(Some(Discriminator::with_mapping("role", mapping)))
            .into()
    }
}

/// The user of a registration, and the password.
pub(super) struct NewRegistrant(pub(super) Registrant, pub(super) Password);

/// Parses the body with the fields of its `role`.
pub(super) fn registrant(body: &Body<RegisterBody>) -> Result<NewRegistrant, Error> {
    let tree = body.tree()?;
    match peek(&tree, "role") {
        Some(RegistrableRole::Technician) => valid::<RegisterTechnicianBody>(&tree)?.try_into(),
        Some(RegistrableRole::CompanyAdmin) => valid::<RegisterCompanyBody>(&tree)?.try_into(),
        None => Err(valid::<RegisterBody>(&tree).err().unwrap_or_else(ApiError::internal).into()),
    }
}

fn valid<T: Input>(tree: &JsonTree<'_>) -> Result<T, ApiError> {
    read(tree).map_err(ApiError::validation)
}

impl TryFrom<RegisterTechnicianBody> for NewRegistrant {
    type Error = Error;

    fn try_from(body: RegisterTechnicianBody) -> Result<Self, Error> {
        let (email, password) = (body.email.get()?, body.password.get()?);
        let profile = TechnicianProfile::builder()
            .full_name(body.full_name.get()?)
            .country(body.country.get()?)
            .primary_discipline(body.primary_discipline.get()?.unwrap_or(Discipline::Other))
            .years_experience(body.years_experience.get()?.unwrap_or(YearsExperience::NONE))
            .bio(None)
            .mobility(body.mobility.get()?.unwrap_or(Mobility::Local))
            .visibility(Visibility::Companies)
            .day_rate(DayRateRange::unknown(Currency::default()))
            .availability_from(None)
            .build();
        Ok(Self(Registrant::Technician(email, profile), password))
    }
}

impl TryFrom<RegisterCompanyBody> for NewRegistrant {
    type Error = Error;

    fn try_from(body: RegisterCompanyBody) -> Result<Self, Error> {
        let (email, password) = (body.email.get()?, body.password.get()?);
        let (full_name, name, country) = (body.full_name.get()?, body.company_name.get()?, body.country.get()?);
        let profile = CompanyProfile::builder().name(name).country(country).website(None).description(None).build();
        Ok(Self(Registrant::Company(email, full_name, profile), password))
    }
}
