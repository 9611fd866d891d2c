//! What the document says of the routes.

use utoipa::openapi::{Discriminator, schema::OneOfBuilder};

use super::dto::{
    AcceptInvitationBody, AccountView, ChangePasswordBody, LogInBody, RegisterCompanyBody, RegisterTechnicianBody,
    SignedInView, TokenView,
};
use crate::{
    http::Code,
    openapi::{Object, Operation, SchemaRef, Schemas, Tag, body},
};

const TAG: Tag = Tag::Accounts;

pub(super) fn register() -> Operation {
    Operation::new(
        TAG,
        "register",
        "Register as a technician or as the first administrator of a company",
        "Signs in at once. `role` decides which other fields are taken.",
    )
    .takes_as(registering)
    .repeatable()
    .answers::<SignedInView>(201, "Registered and signed in.")
    .refuses(Code::EmailTaken, "the email has an account, in whatever case it is written")
    .refuses(Code::TooManyRequests, "too many registrations came from this address")
}

fn registering(schemas: &mut Schemas) -> SchemaRef {
    let mapping = [("TECHNICIAN", RegisterTechnicianBody::NAME), ("COMPANY_ADMIN", RegisterCompanyBody::NAME)]
        .map(|(role, name)| (role, format!("#/components/schemas/{name}")));
    OneOfBuilder::new()
        .item(body::<RegisterTechnicianBody>(schemas))
        .item(body::<RegisterCompanyBody>(schemas))
        .discriminator(Some(Discriminator::with_mapping("role", mapping)))
        .into()
}

pub(super) fn log_in() -> Operation {
    Operation::new(TAG, "logIn", "Sign in", "")
        .takes::<LogInBody>()
        .answers::<SignedInView>(200, "Signed in.")
        .refuses(Code::InvalidCredentials, "the email or the password is wrong, or the user was shut out")
        .refuses(Code::TooManyRequests, "too many logins failed; a right password is refused too")
}

pub(super) fn accept_invitation() -> Operation {
    Operation::new(
        TAG,
        "acceptInvitation",
        "Join a company by an invitation",
        "Makes the user and the membership, and signs in.",
    )
    .takes::<AcceptInvitationBody>()
    .repeatable()
    .answers::<SignedInView>(201, "Joined and signed in.")
    .refuses(Code::NotFound, "the token is unknown, used, revoked or expired")
    .refuses(Code::EmailTaken, "the email was registered meanwhile")
    .refuses(Code::TooManyRequests, "too many registrations came from this address")
}

pub(super) fn own_account() -> Operation {
    Operation::new(TAG, "getMe", "Who is signed in", "The user, and what belongs to them.")
        .by_anybody_signed_in()
        .answers::<AccountView>(200, "The account.")
}

pub(super) fn change_password() -> Operation {
    Operation::new(
        TAG,
        "changePassword",
        "Change the own password",
        "Every earlier token is worth nothing from then on. A wrong present password is told as `mismatch` of \
         `currentPassword`, and counts as a failed login.",
    )
    .by_anybody_signed_in()
    .takes::<ChangePasswordBody>()
    .answers::<TokenView>(200, "Changed; a new token.")
    .refuses(Code::Conflict, "the password was changed at the same moment elsewhere")
    .refuses(Code::TooManyRequests, "too many wrong passwords were tried")
}
