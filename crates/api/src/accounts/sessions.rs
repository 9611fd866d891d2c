//! The own sessions: log-out, list and end.

use actix_web::web::Data;
use repower_application::accounts::{AccountService, EndSessionsError, OwnSession};
use repower_domain::{
    accounts::{Actor, Session},
    ids::SessionId,
    values::{PasswordAttempt, UserAgent},
};
use repower_http::{
    Access, ApiError, Body, Caller, Code, FieldCode, Hashing, RequestClient, Route, Success, Timestamp,
    input::{Defaulted, OptionalValues, Required, reject, reject_inconsistent},
    schema::{RequestSchema, ResponseSchema},
};
use repower_ports::accounts::{Bearer, SessionSelection};
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::error::{Error, RouteResult};

/// A live session of the user.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionView {
    id: SessionId,
    /// The moment of the login.
    created_at: Timestamp,
    /// The minute of the last request with a token of the session.
    last_used_at: Timestamp,
    /// The program of the client at the login, by the start of its `User-Agent`.
    user_agent: Option<UserAgent>,
    /// The network of the client address at the login: the /24 of IPv4, the /48 of IPv6.
    address_prefix: String,
    /// Whether the token of this request is of the session.
    current: bool,
}

impl From<OwnSession> for SessionView {
    fn from(OwnSession { session, is_current }: OwnSession) -> Self {
        Self {
            id: session.id,
            created_at: session.created_at.into(),
            last_used_at: Session::minute_of(session.last_used_at).into(),
            user_agent: session.user_agent,
            address_prefix: session.address.to_string(),
            current: is_current,
        }
    }
}

/// The number of sessions that a request has ended.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct EndedSessionsView {
    ended: u64,
}

impl From<usize> for EndedSessionsView {
    fn from(ended: usize) -> Self {
        Self { ended: u64::try_from(ended).unwrap_or(u64::MAX) }
    }
}

/// `POST /api/users/me/sessions/end`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields, schema(function = "selects_in_one_way", skip_on_field_errors = false))]
pub(crate) struct EndSessionsBody {
    /// The present password.
    password: Required<PasswordAttempt>,
    /// The sessions to end; all of them are the user's own. Not with `others`.
    ids: OptionalValues<SessionId, { Session::MOST }>,
    /// True to end all sessions but that of the request, in place of `ids`.
    others: Defaulted<bool>,
}

fn selects_in_one_way(body: &EndSessionsBody) -> Result<(), ValidationError> {
    let others = body.others.valid().copied().flatten() == Some(true);
    if others {
        let cause = (!body.ids.is_empty()).then_some("must not be true beside ids");
        return reject_inconsistent("others", "ids", cause);
    }
    // An error of `others` by itself is enough.
    let is_missing = body.ids.is_empty() && body.others.valid().is_some();
    reject(is_missing.then(|| "ids".to_owned()), FieldCode::Required, "is required unless others is true")
}

impl EndSessionsBody {
    /// The password, and the sessions for the bearer of this token.
    fn parts(self, bearer: &Bearer) -> Result<(PasswordAttempt, SessionSelection), ApiError> {
        let password = self.password.get()?;
        let selection = if self.others.get()? == Some(true) {
            SessionSelection::AllBut(bearer.token)
        } else {
            let mut ids = self.ids.get()?;
            ids.sort_unstable();
            ids.dedup();
            SessionSelection::These(ids)
        };
        Ok((password, selection))
    }
}

impl From<EndSessionsError> for Error {
    fn from(error: EndSessionsError) -> Self {
        match error {
            EndSessionsError::WrongPassword => {
                ApiError::field("password", FieldCode::Mismatch, error.to_string()).into()
            }
            EndSessionsError::NoSuchSession => Self::of(Code::NOT_FOUND, &error),
            EndSessionsError::TooManyAttempts(cause) => cause.into(),
            EndSessionsError::Repository(cause) => cause.into(),
            EndSessionsError::Unauthenticated => Self::of(Code::UNAUTHENTICATED, &error),
        }
    }
}

/// The routes of sessions.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/auth/logout", Access::Token, log_out)
            .named("logOut", "Log out")
            .about(
                "Ends the session of the token; again, it is 200 too. A token without `sid`, of an earlier release, \
                 ends all such tokens of its user.",
            )
            .limits_itself(),
        Route::get("/api/users/me/sessions", Access::Authenticated, list)
            .named("listSessions", "The own sessions")
            .about("Those that are live, at most 50; the one that was used last is the first."),
        Route::post("/api/users/me/sessions/end", Access::Authenticated, end)
            .named("endSessions", "End own sessions")
            .about(
                "All that are selected, or none. Their tokens are not valid from then on. A wrong password is a \
                 `mismatch` of `password`, and counts as a failed login.",
            )
            .errors([
                Code::NOT_FOUND.when("One of the sessions is not yours, or has ended."),
                Code::CONFLICT.when("Another request changed the password at the same time."),
                Code::TOO_MANY_REQUESTS.when("Too many wrong passwords were sent."),
            ])
            .example("others", r#"{"password": "{password}", "others": true}"#)
            // The writes of a stolen token do not keep the owner from ending its session.
            .limits_itself()
            .logs_client(),
    ]
}

async fn log_out(caller: Caller, accounts: Data<AccountService>) -> RouteResult<Success<()>> {
    let work = move |bearer: &Bearer| {
        accounts.log_out(bearer)?;
        Ok(Success::new("Logged out", ()))
    };
    caller.run_with_token(work).await
}

async fn list(caller: Caller, accounts: Data<AccountService>) -> RouteResult<Success<Vec<SessionView>>> {
    let work = move |_: &Actor, bearer: &Bearer| {
        let own: Vec<_> = accounts.own_sessions(bearer)?.into_iter().map(SessionView::from).collect();
        Ok(Success::new("Your sessions", own))
    };
    caller.run_in_session(work).await
}

async fn end(
    caller: Caller,
    hashing: Hashing,
    client: RequestClient,
    body: Body<EndSessionsBody>,
    accounts: Data<AccountService>,
) -> RouteResult<Success<EndedSessionsView>> {
    let service = accounts.clone();
    let start = move |actor: &Actor, bearer: &Bearer| {
        let (password, selection) = body.parse()?.parts(bearer)?;
        let account = actor.user_id().to_string();
        let started = service.start_session_end(actor, client.address().get())?;
        Ok::<_, Error>((started, password, selection, account))
    };
    let (started, password, selection, account) = caller.run_in_session(start).await?;
    let (service, count) = (accounts.clone(), started.count());
    let verify = move || Ok::<_, Error>(service.verify_session_end(started, &password)?);
    let verified = match hashing.run(&account, verify).await {
        Ok(verified) => verified,
        Err(error) => {
            let refund = move |_: &Actor| Ok::<_, Error>(accounts.refund_unverified(&count)?);
            return Err(caller.run(refund).await.err().unwrap_or(error));
        }
    };
    caller.run(move |_| Ok(Success::new("Sessions ended", accounts.finish_session_end(verified, selection)?))).await
}
