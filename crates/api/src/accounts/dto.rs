//! What is sent and answered.

use std::{fmt, str::FromStr};

use repower_application::accounts::{NewCredentials, SignedIn, Token};
use repower_domain::{
    accounts::{Account, Attachment, RegistrableRole, Role, User},
    companies::CompanyProfile,
    technicians::{Discipline, Mobility, TechnicianProfile},
    values::{
        CompanyName, Country, Currency, DayRateRange, Email, FullName, Invalid, Password, PasswordAttempt,
        YearsExperience,
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::{
    companies::dto::{CompanyView, MemberView},
    described,
    http::{
        ApiError, Body, Timestamp,
        input::{Defaulted, Ignored, Input, Required, Tree, read_from_text},
    },
    openapi::{Flat, HandedOut, SchemaRef, Schemas, Shown, Taken, text},
    technicians::dto::TechnicianView,
};

described! {
    "User",
    /// A user.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct UserView {
        id: Uuid,
        email: Shown<Email>,
        role: Shown<Role>,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id.uuid(),
            email: Shown(user.email),
            role: Shown(user.role),
            created_at: user.created_at.into(),
            updated_at: user.updated_at.into(),
        }
    }
}

described! {
    "Account",
    /// A user with what belongs to them.
    #[derive(Debug, Serialize)]
    pub struct AccountView {
        user: UserView,
        /// There for a technician.
        profile: Option<TechnicianView>,
        /// There for a member of a company.
        company: Option<CompanyView>,
        /// There for a member of a company.
        membership: Option<MemberView>,
    }
}

impl From<Account> for AccountView {
    fn from(Account { user, attachment }: Account) -> Self {
        let user = user.into();
        match attachment {
            Attachment::Technician(technician) => {
                Self { user, profile: Some(technician.into()), company: None, membership: None }
            }
            Attachment::Member { company, member } => {
                Self { user, profile: None, company: Some(company.into()), membership: Some(member.into()) }
            }
            Attachment::Nothing => Self { user, profile: None, company: None, membership: None },
        }
    }
}

described! {
    "SignedIn",
    /// Somebody who has just registered or signed in.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct SignedInView {
        /// For `Authorization: Bearer`.
        token: HandedOut,
        /// When the token is worth nothing any more.
        expires_at: Timestamp,
        #[serde(flatten)]
        account: Flat<AccountView>,
    }
}

impl From<SignedIn> for SignedInView {
    fn from(SignedIn { account, token }: SignedIn) -> Self {
        Self { token: HandedOut(token.text), expires_at: token.expires_at.into(), account: Flat(account.into()) }
    }
}

described! {
    "Token",
    /// A token, for those who know whose it is.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct TokenView {
        /// For `Authorization: Bearer`.
        token: HandedOut,
        /// When the token is worth nothing any more.
        expires_at: Timestamp,
    }
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        Self { token: HandedOut(token.text), expires_at: token.expires_at.into() }
    }
}

/// The role that a body is for; it was looked at before the body was read.
macro_rules! chosen_roles {
    ($($name:ident = $role:ident),+) => {$(
        #[derive(Debug, Clone, Copy)]
        struct $name;

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                text.parse::<RegistrableRole>().map(|_| Self)
            }
        }

        read_from_text! { $name }

        impl Taken for $name {
            fn taken(_: &mut Schemas) -> SchemaRef {
                text().enum_values(Some([RegistrableRole::$role.as_str()])).into()
            }
        }
    )+};
}

chosen_roles! { AsTechnician = Technician, AsCompanyAdmin = CompanyAdmin }

described! {
    "RegisterTechnicianBody",
    /// `POST /api/auth/register` by a technician.
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct RegisterTechnicianBody {
        email: Required<Email>,
        password: Required<Password>,
        role: Required<AsTechnician>,
        full_name: Required<FullName>,
        country: Required<Country>,
        /// OTHER unless said.
        primary_discipline: Defaulted<Discipline>,
        /// 0 unless said.
        years_experience: Defaulted<YearsExperience>,
        /// LOCAL unless said.
        mobility: Defaulted<Mobility>,
    }
}

described! {
    "RegisterCompanyBody",
    /// `POST /api/auth/register` by the first administrator of a company.
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct RegisterCompanyBody {
        email: Required<Email>,
        password: Required<Password>,
        role: Required<AsCompanyAdmin>,
        company_name: Required<CompanyName>,
        country: Required<Country>,
    }
}

described! {
    "RegisterBody",
    /// What both roles share: all that can be checked while it is not known which
    /// of the two somebody wants.
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct RegisterBody {
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
}

/// Somebody who wants to register.
#[derive(Debug)]
pub enum Registrant {
    /// A technician.
    Technician(NewCredentials, TechnicianProfile),
    /// A company.
    Company(NewCredentials, CompanyProfile),
}

impl Registrant {
    /// The address they will sign in with.
    pub const fn email(&self) -> &Email {
        match self {
            Self::Technician(credentials, _) | Self::Company(credentials, _) => &credentials.email,
        }
    }

    /// Reads the body in the shape that its `role` asks for.
    pub fn read(body: &Body<RegisterBody>) -> Result<Self, ApiError> {
        let tree = body.tree()?;
        match tree.peek("role") {
            Some(RegistrableRole::Technician) => read::<RegisterTechnicianBody>(&tree)?.try_into(),
            Some(RegistrableRole::CompanyAdmin) => read::<RegisterCompanyBody>(&tree)?.try_into(),
            None => Err(read::<RegisterBody>(&tree).err().unwrap_or_else(ApiError::internal)),
        }
    }
}

fn read<T: Input>(tree: &Tree<'_>) -> Result<T, ApiError> {
    tree.read().map_err(|errors| ApiError::validation(&errors))
}

impl TryFrom<RegisterTechnicianBody> for Registrant {
    type Error = ApiError;

    fn try_from(body: RegisterTechnicianBody) -> Result<Self, ApiError> {
        let credentials = NewCredentials { email: body.email.get()?, password: body.password.get()? };
        let profile = TechnicianProfile {
            full_name: body.full_name.get()?,
            country: body.country.get()?,
            primary_discipline: body.primary_discipline.get()?.unwrap_or(Discipline::Other),
            years_experience: body.years_experience.get()?.unwrap_or(YearsExperience::NONE),
            bio: None,
            mobility: body.mobility.get()?.unwrap_or(Mobility::Local),
            day_rate: DayRateRange::unknown(Currency::default()),
            availability_from: None,
        };
        Ok(Self::Technician(credentials, profile))
    }
}

impl TryFrom<RegisterCompanyBody> for Registrant {
    type Error = ApiError;

    fn try_from(body: RegisterCompanyBody) -> Result<Self, ApiError> {
        let credentials = NewCredentials { email: body.email.get()?, password: body.password.get()? };
        let (name, country) = (body.company_name.get()?, body.country.get()?);
        Ok(Self::Company(credentials, CompanyProfile { name, country, website: None, description: None }))
    }
}

described! {
    "LogInBody",
    /// `POST /api/auth/login`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct LogInBody {
        /// The address.
        pub email: Required<GivenEmail>,
        /// The password.
        pub password: Required<PasswordAttempt>,
    }
}

/// What somebody gives as their address when signing in: any text. One that is
/// no address is simply nobody's.
#[derive(Debug, Clone)]
pub struct GivenEmail(String);

impl GivenEmail {
    /// The text, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for GivenEmail {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.trim() {
            "" => Err(Invalid::Empty),
            text => Ok(Self(text.to_owned())),
        }
    }
}

described! {
    "AcceptInvitationBody",
    /// `POST /api/auth/accept-invitation`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct AcceptInvitationBody {
        /// The secret of the invitation.
        pub token: Required<GivenToken>,
        /// The password to sign in with from now on.
        pub password: Required<Password>,
    }
}

/// What somebody gives as the secret of an invitation: any text, not trimmed.
/// One that is none is simply unknown.
#[derive(Clone)]
pub struct GivenToken(String);

impl fmt::Debug for GivenToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GivenToken(…)")
    }
}

impl GivenToken {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for GivenToken {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() { Err(Invalid::Empty) } else { Ok(Self(text.to_owned())) }
    }
}

described! {
    "ChangePasswordBody",
    /// `POST /api/users/me/password`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct ChangePasswordBody {
        /// The password until now.
        pub current_password: Required<PasswordAttempt>,
        /// The password from now on.
        pub new_password: Required<Password>,
    }
}

read_from_text! { GivenEmail, GivenToken }

impl Taken for GivenEmail {
    fn taken(_: &mut Schemas) -> SchemaRef {
        // It is trimmed first.
        text().min_length(Some(1)).pattern(Some("\\S")).description(Some("The address, in any case.")).into()
    }
}

impl Taken for GivenToken {
    fn taken(_: &mut Schemas) -> SchemaRef {
        text().min_length(Some(1)).into()
    }
}
