//! The table of routes: a row names the method, path, access, handler and errors
//! of a route. Its body, query, id, idempotency key and response follow from the
//! handler's signature.

use std::{fmt, sync::Arc};

use actix_web::{FromRequest, Handler, Responder, http::Method, web};
use repower_domain::accounts::{Permission, Role};

use crate::{
    code::Code,
    executor::JobKind,
    query::has_criteria,
    reply::{DescribeReply, ReplyFacts},
    signature::{Describe, Signature},
};

/// The methods whose requests are counted for their user. A DELETE only removes what one
/// of them has added.
const WRITES: [Method; 3] = [Method::POST, Method::PATCH, Method::PUT];

/// The token that a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// No token; a token that is sent is ignored.
    Public,
    /// No token; a token that is sent must be valid.
    Optional,
    /// A token that has not expired, also of a session that has ended.
    Token,
    /// The token of any user.
    Authenticated,
    /// The token of a user whose role has this permission.
    Permitted(Permission),
}

impl From<Permission> for Access {
    fn from(permission: Permission) -> Self {
        Self::Permitted(permission)
    }
}

impl Access {
    /// The roles that it admits; `None` if it does not check the role.
    pub fn roles(self) -> Option<Vec<Role>> {
        let Self::Permitted(permission) = self else { return None };
        Some(Role::ALL.iter().copied().filter(|role| role.permits(permission)).collect())
    }
}

/// A handler whose arguments and response describe themselves.
pub trait Endpoint<Arguments>: Handler<Arguments> {
    /// The facts of its arguments and its response.
    fn facts() -> (Signature, ReplyFacts);
}

macro_rules! endpoints {
    ($(($($argument:ident)*))+) => {$(
        impl<F, Work, R, E, $($argument),*> Endpoint<($($argument,)*)> for F
        where
            F: Fn($($argument),*) -> Work + Clone + 'static,
            Work: Future<Output = Result<R, E>>,
            R: DescribeReply + Responder + 'static,
            E: 'static,
            F: Handler<($($argument,)*), Output = Result<R, E>>,
            $($argument: FromRequest + Describe,)*
        {
            fn facts() -> (Signature, ReplyFacts) {
                (Signature::of(&[$($argument::describe),*]), R::facts())
            }
        }
    )+};
}

endpoints! { () (A) (A B) (A B C) (A B C D) (A B C D G) (A B C D G H) (A B C D G H I) }

/// A counter of a route's outcomes: succeeded, rejected, throttled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeMetric {
    /// The name of the counter.
    pub name: &'static str,
    /// Its help text.
    pub help: &'static str,
}

/// An example of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyExample {
    /// Its name.
    pub name: &'static str,
    /// The JSON text. Tests and the document replace placeholders as `{job}`, the id of
    /// a job.
    pub body: &'static str,
}

/// A row of the table of routes.
#[derive(Clone)]
pub struct Route {
    /// The method; HEAD is served where it is GET.
    pub method: Method,
    /// The path from the root, `/api/jobs/{id}`.
    pub path: &'static str,
    /// The token that it needs.
    pub access: Access,
    /// The name of the operation in clients; empty where the document omits it.
    pub name: &'static str,
    /// One line about it.
    pub summary: &'static str,
    /// More about it.
    pub about: &'static str,
    /// The errors of its own.
    pub errors: Vec<Code>,
    /// Examples of its body.
    pub examples: Vec<BodyExample>,
    /// The `Location` of what it creates; empty where it creates nothing.
    pub location: &'static str,
    /// Whether its work can change cached responses.
    pub invalidates_cache: bool,
    /// The kind of its jobs.
    pub jobs: JobKind,
    /// The kind of those whose query has criteria, where it is another one.
    pub jobs_with_criteria: Option<JobKind>,
    /// Whether it has limits of its own, and its requests do not count as writes.
    pub limits_itself: bool,
    /// Whether its log lines have the client address.
    pub logs_client: bool,
    /// The counter of its outcomes.
    pub outcomes: Option<OutcomeMetric>,
    /// The facts of its handler's arguments.
    pub signature: Signature,
    /// The facts of its response.
    pub reply: ReplyFacts,
    serve: Arc<dyn Fn() -> actix_web::Route + Send + Sync>,
}

impl Route {
    fn new<H: Endpoint<A> + Send + Sync, A: FromRequest + 'static>(
        method: Method,
        path: &'static str,
        access: impl Into<Access>,
        handler: H,
    ) -> Self
    where
        H::Output: Responder + 'static,
    {
        let (signature, reply) = H::facts();
        let serve = Arc::new(move || web::to(handler.clone()));
        Self {
            method,
            path,
            access: access.into(),
            name: "",
            summary: "",
            about: "",
            errors: Vec::new(),
            examples: Vec::new(),
            location: "",
            invalidates_cache: false,
            jobs: JobKind::Usual,
            jobs_with_criteria: None,
            limits_itself: false,
            logs_client: false,
            outcomes: None,
            signature,
            reply,
            serve,
        }
    }

    /// Names the operation, and describes it in one line.
    #[must_use]
    pub fn named(self, name: &'static str, summary: &'static str) -> Self {
        Self { name, summary, ..self }
    }

    /// Adds a longer description of the operation.
    #[must_use]
    pub fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    /// Declares the errors of its own.
    #[must_use]
    pub fn errors(self, errors: impl Into<Vec<Code>>) -> Self {
        Self { errors: errors.into(), ..self }
    }

    /// Adds an example of its body. Routes that accept different bodies have one for
    /// each.
    #[must_use]
    pub fn example(self, name: &'static str, body: &'static str) -> Self {
        let examples = self.examples.into_iter().chain([BodyExample { name, body }]).collect();
        Self { examples, ..self }
    }

    /// Declares the `Location` of what it creates: its path, or that of its list where it
    /// has none. `{created}` is the id of what was created, `{id}` that of the request.
    #[must_use]
    pub fn creates(self, location: &'static str) -> Self {
        Self { location, ..self }
    }

    /// Declares that its work can change cached responses.
    #[must_use]
    pub fn invalidates_cache(self) -> Self {
        Self { invalidates_cache: true, ..self }
    }

    /// Declares that the time of its work depends on the amount of data.
    #[must_use]
    pub fn slow(self) -> Self {
        Self { jobs: JobKind::Slow, ..self }
    }

    /// Declares that it is slow for a query with criteria: without any, its rows are the first
    /// of an index.
    #[must_use]
    pub fn slow_with_criteria(self) -> Self {
        Self { jobs_with_criteria: Some(JobKind::Slow), ..self }
    }

    /// Declares that its writes or its look-up are done together with those of others.
    #[must_use]
    pub fn batched(self) -> Self {
        Self { jobs: JobKind::Batched, ..self }
    }

    /// Does not count its requests as writes: it has limits of its own.
    #[must_use]
    pub fn limits_itself(self) -> Self {
        Self { limits_itself: true, ..self }
    }

    /// Logs the client address of its requests, of which an operator asks later from where
    /// they came.
    #[must_use]
    pub fn logs_client(self) -> Self {
        Self { logs_client: true, ..self }
    }

    /// Counts its outcomes, and logs the client address.
    #[must_use]
    pub fn counted(self, outcomes: OutcomeMetric) -> Self {
        Self { outcomes: Some(outcomes), ..self.logs_client() }
    }

    /// Whether its requests are counted as writes of their user.
    pub(crate) fn is_counted(&self) -> bool {
        self.access != Access::Public && WRITES.contains(&self.method) && !self.limits_itself
    }

    /// The route as actix serves it.
    pub(crate) fn serve(&self) -> actix_web::Route {
        (self.serve)()
    }

    /// The methods that it serves.
    pub(crate) fn methods(&self) -> Vec<Method> {
        if self.method == Method::GET { vec![Method::GET, Method::HEAD] } else { vec![self.method.clone()] }
    }
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $method:ident;)+) => {
        impl Route {$(
            $(#[$doc])*
            pub fn $name<H: Endpoint<A> + Send + Sync, A: FromRequest + 'static>(
                path: &'static str,
                access: impl Into<Access>,
                handler: H,
            ) -> Self
            where
                H::Output: Responder + 'static,
            {
                Self::new(Method::$method, path, access, handler)
            }
        )+}
    };
}

methods! {
    /// A row for GET and HEAD.
    get = GET;
    /// A row for POST.
    post = POST;
    /// A row for PUT.
    put = PUT;
    /// A row for PATCH.
    patch = PATCH;
    /// A row for DELETE.
    delete = DELETE;
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// The rows of one path, stored in the resource of actix.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    pub(crate) path: &'static str,
    rows: Vec<(Vec<Method>, RowFacts)>,
}

/// The facts of a row that each of its requests needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowFacts {
    pub(crate) access: Access,
    pub(crate) location: &'static str,
    pub(crate) invalidates_cache: bool,
    pub(crate) jobs: JobKind,
    pub(crate) jobs_with_criteria: Option<JobKind>,
    pub(crate) is_counted: bool,
    pub(crate) logs_client: bool,
    pub(crate) outcomes: Option<OutcomeMetric>,
}

impl RowFacts {
    /// The kind of the jobs of a request with this query.
    pub(crate) fn jobs_of(&self, query: &str) -> JobKind {
        self.jobs_with_criteria.filter(|_| has_criteria(query)).unwrap_or(self.jobs)
    }
}

impl Resource {
    pub(crate) fn new(path: &'static str, routes: &[&Route]) -> Self {
        let facts = |route: &Route| RowFacts {
            access: route.access,
            location: route.location,
            invalidates_cache: route.invalidates_cache,
            jobs: route.jobs,
            jobs_with_criteria: route.jobs_with_criteria,
            is_counted: route.is_counted(),
            logs_client: route.logs_client,
            outcomes: route.outcomes,
        };
        Self { path, rows: routes.iter().map(|route| (route.methods(), facts(route))).collect() }
    }

    /// The facts of the row that serves a method.
    pub(crate) fn row(&self, method: &Method) -> Option<RowFacts> {
        self.rows.iter().find(|(methods, _)| methods.contains(method)).map(|(_, facts)| *facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ApiError, Public, Success};

    async fn list(_: Public) -> Result<Success<()>, ApiError> {
        Err(ApiError::new(Code::NOT_FOUND, "There is none."))
    }

    fn jobs_of(route: &Route, query: &str) -> JobKind {
        Resource::new(route.path, &[route]).row(&Method::GET).unwrap().jobs_of(query)
    }

    #[test]
    fn a_list_that_criteria_make_slow_is_slow_with_them_only() {
        let list = Route::get("/things", Access::Public, list).slow_with_criteria();
        for query in ["", "limit=5", "cursor=x&limit=5"] {
            assert_eq!(jobs_of(&list, query), JobKind::Usual, "{query}");
        }
        for query in ["q=blade", "limit=5&sort=rating"] {
            assert_eq!(jobs_of(&list, query), JobKind::Slow, "{query}");
        }
    }

    #[test]
    fn a_list_that_is_always_slow_is_slow_without_criteria_too() {
        let list = Route::get("/things", Access::Public, list).slow();
        for query in ["", "limit=5", "q=blade"] {
            assert_eq!(jobs_of(&list, query), JobKind::Slow, "{query}");
        }
    }
}
