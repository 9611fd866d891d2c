use std::{fmt, str::FromStr};

use repower_application::accounts::{LoggedIn, Token};
use repower_domain::{
    accounts::{Account, Attachment, Role, User},
    ids::UserId,
    letters,
    values::{Email, FullName, Invalid, Password, PasswordAttempt},
    wire::{Described, Form, FromWire, Input},
};
use repower_http::{
    OneTimeSecret, Timestamp,
    input::{Optional, Required},
    schema::{RequestSchema, ResponseSchema},
};
use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::{
    companies::dto::{CompanyView, MemberView},
    technicians::dto::OwnTechnicianView,
};

/// A user.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserView {
    id: UserId,
    email: Email,
    role: Role,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            role: user.role,
            created_at: user.created_at.into(),
            updated_at: user.updated_at.into(),
        }
    }
}

/// A user with their profile or company.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct AccountView {
    user: UserView,
    /// Null unless the user is a technician.
    profile: Option<OwnTechnicianView>,
    /// Null unless the user is a member of a company.
    company: Option<CompanyView>,
    /// Null unless the user is a member of a company.
    membership: Option<MemberView>,
}

impl From<Account> for AccountView {
    fn from(Account { user, attachment, .. }: Account) -> Self {
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

/// An account with a token for it.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoggedInView {
    #[serde(flatten)]
    token: TokenView,
    #[serde(flatten)]
    account: AccountView,
}

impl From<LoggedIn> for LoggedInView {
    fn from(LoggedIn { account, token, .. }: LoggedIn) -> Self {
        Self { token: token.into(), account: account.into() }
    }
}

/// A token.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenView {
    /// For `Authorization: Bearer`.
    token: OneTimeSecret,
    /// The moment from which the token is not valid.
    expires_at: Timestamp,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        Self { token: OneTimeSecret::from(token.text), expires_at: token.expires_at.into() }
    }
}

/// `POST /api/auth/login`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct LogInBody {
    /// The email, in any case and spelling.
    pub(crate) email: Required<LoginEmail>,
    pub(crate) password: Required<PasswordAttempt>,
}

/// The email of a login: any text. No account has a text that is not an email. Longer
/// texts are cut, because logins wait in queues.
#[derive(Debug, Clone)]
pub(crate) struct LoginEmail(String);

impl LoginEmail {
    /// The text, trimmed.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LoginEmail {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if let Ok(email) = text.parse::<Email>() {
            return Ok(Self(email.to_string()));
        }
        match letters::trim(text) {
            "" => Err(Invalid::Empty),
            text => Ok(Self(start_of(text, Email::MAX))),
        }
    }
}

impl FromWire for LoginEmail {
    const ACCEPTED: Described = Form::Text { min: 1, max: None, format: None }.about("");

    fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
        input.parse()
    }
}

/// `POST /api/auth/accept-invitation`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct AcceptInvitationBody {
    /// The secret of the invitation.
    pub(crate) token: Required<InvitationSecret>,
    /// The password of the new account.
    pub(crate) password: Required<Password>,
    /// The local part of the email by default.
    pub(crate) full_name: Optional<FullName>,
}

/// The secret of an invitation as a client sends it: any text, not trimmed. A text that
/// is longer than any secret is cut, because requests wait in queues. The debug text
/// hides it.
#[derive(Clone)]
pub(crate) struct InvitationSecret(String);

impl fmt::Debug for InvitationSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationSecret(…)")
    }
}

impl InvitationSecret {
    /// More characters than a secret has.
    const MAX: usize = 128;

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for InvitationSecret {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() { Err(Invalid::Empty) } else { Ok(Self(start_of(text, Self::MAX))) }
    }
}

/// A text of at most so many characters; of a longer one the start and "…", which is
/// neither an email nor a secret.
fn start_of(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned() + "…",
    }
}

impl FromWire for InvitationSecret {
    const ACCEPTED: Described = Form::Text { min: 1, max: None, format: Some("password") }.about("");

    fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
        input.parse()
    }
}

/// `POST /api/users/me/password`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct ChangePasswordBody {
    pub(crate) current_password: Required<PasswordAttempt>,
    pub(crate) new_password: Required<Password>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login_email(text: &str) -> String {
        text.parse::<LoginEmail>().unwrap().0
    }

    #[test]
    fn every_spelling_of_an_email_is_one_login() {
        let longest_padding = " ".repeat(300);
        for text in ["ana@example.com", " Ana@Example.COM\t", &format!("ana@example.com{longest_padding}")] {
            assert_eq!(login_email(text), "ana@example.com", "{text:?}");
        }
    }

    #[test]
    fn only_the_start_of_a_text_that_is_too_long_is_kept_and_it_is_no_email() {
        let longest = format!("{}@{}.{}.{}.dk", "x".repeat(64), "a".repeat(61), "b".repeat(61), "c".repeat(61));
        assert_eq!(login_email(&longest), longest);
        let start = format!("{longest}k");
        assert_eq!(login_email(&start), start);
        for rest in ["ø".repeat(100_000), " anything".to_owned()] {
            let kept = login_email(&format!("{start}{rest}"));
            assert_eq!(kept, format!("{start}…"));
            assert!(kept.parse::<Email>().is_err());
        }
        assert_eq!(login_email("no email"), "no email");
    }

    #[test]
    fn only_the_start_of_a_text_that_is_longer_than_any_secret_is_kept() {
        let secret = |length| "x".repeat(length).parse::<InvitationSecret>().unwrap().0;
        assert_eq!((secret(43), secret(128)), ("x".repeat(43), "x".repeat(128)));
        assert_eq!(secret(200_000), format!("{}…", "x".repeat(128)));
    }
}
