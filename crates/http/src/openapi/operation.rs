use std::collections::BTreeMap;

use repower_domain::accounts::Role;
use serde_json::Value;
use utoipa::openapi::{
    Content, Header, HeaderBuilder, Ref, RefOr, Required, Response, ResponseBuilder, SecurityRequirement,
    example::{Example, ExampleBuilder},
    extensions::Extensions,
    path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
    request_body::{RequestBody, RequestBodyBuilder},
};

use super::{
    errors::{self, Errors},
    examples::Recorded,
};
use crate::{
    code::Code,
    route::{Access, Route},
    schema::{
        SchemaRef, Schemas, constant, description, formatted, id, maybe_empty, object_with, property, text, whole,
    },
};

/// The name of the security scheme.
pub(super) const BEARER: &str = "bearer";
const JSON: &str = "application/json";

/// The operation of a route.
pub(super) fn describe(route: &Route, tag: &str, errors: &Errors<'_>, schemas: &mut Schemas) -> Operation {
    let recorded = errors.examples.of(route.name);
    let builder = OperationBuilder::new()
        .operation_id(Some(route.name))
        .tag(tag)
        .summary(Some(route.summary))
        .description(Some(about(route)))
        .securities(Some(securities(route.access)))
        .extensions(roles(route.access))
        .request_body(route.signature.body.map(|body| request(body(schemas), recorded)));
    let builder = parameters(route, schemas).into_iter().fold(builder, OperationBuilder::parameter);
    let successes = successes(route, recorded, schemas);
    let all = successes.into_iter().map(|(status, response)| (status, response.into()));
    let all = all.chain(failures(route, errors, schemas));
    all.fold(builder, |builder, (status, response): (u16, RefOr<Response>)| {
        builder.response(status.to_string(), response)
    })
    .build()
}

/// What it does, and the roles that it admits.
fn about(route: &Route) -> String {
    let roles = route.access.roles().map(|roles| {
        let roles: Vec<_> = roles.iter().map(|role| format!("`{role}`")).collect();
        format!("For {}.", roles.join(", "))
    });
    let parts = [Some(route.about.to_owned()).filter(|about| !about.is_empty()), roles];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// The roles that it admits, for programs; `None` if it does not check the role.
fn roles(access: Access) -> Option<Extensions> {
    let roles: Vec<_> = access.roles()?.into_iter().map(Role::as_str).collect();
    Some(Extensions::from_iter([("x-roles", roles)]))
}

fn securities(access: Access) -> Vec<SecurityRequirement> {
    let bearer = SecurityRequirement::new(BEARER, Vec::<String>::new());
    match access {
        Access::Public => Vec::new(),
        Access::Optional => vec![SecurityRequirement::default(), bearer],
        Access::Token | Access::Authenticated | Access::Permitted(_) => vec![bearer],
    }
}

fn request(schema: SchemaRef, recorded: Option<&Recorded>) -> RequestBody {
    let mut content = Content::new(Some(schema));
    content.examples.extend(recorded.into_iter().flat_map(Recorded::requests).map(example));
    RequestBodyBuilder::new().content(JSON, content).required(Some(Required::True)).build()
}

fn example((name, value): (String, Value)) -> (String, RefOr<Example>) {
    (name, ExampleBuilder::new().value(Some(value)).build().into())
}

fn parameters(route: &Route, schemas: &mut Schemas) -> Vec<Parameter> {
    let ids = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).map(|name| {
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True);
        parameter.schema(Some(route.signature.path_id.map_or_else(|| formatted("uuid"), id))).build()
    });
    let queried = route.signature.query.map(|query| query(schemas)).unwrap_or_default().into_iter().map(|one| {
        let required = if one.is_required { Required::True } else { Required::False };
        let parameter = ParameterBuilder::new().name(one.name).parameter_in(ParameterIn::Query).required(required);
        // Pages show the description of a parameter, not that of its schema.
        let about = description(&one.schema).map(str::to_owned);
        parameter.description(about).schema(Some(maybe_empty(one.schema))).build()
    });
    let key = text().min_length(Some(1)).max_length(Some(128)).pattern(Some("^[!-~]+$"));
    let key = route.signature.is_idempotent.then(|| {
        let about = "A repeated request with the same key has no effect and gets the stored response.";
        header_parameter("Idempotency-Key", key, about)
    });
    let known = route.signature.is_conditional.then(|| {
        header_parameter(
            "If-None-Match",
            text(),
            "The `ETag` of a response that the client has; 304 while it is current.",
        )
    });
    ids.chain(queried).chain(key).chain(known).collect()
}

fn header_parameter(name: &str, schema: impl Into<SchemaRef>, about: &str) -> Parameter {
    let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(Required::False);
    parameter.schema(Some(schema)).description(Some(about)).build()
}

/// The success responses of a route, and 304.
fn successes(route: &Route, recorded: Option<&Recorded>, schemas: &mut Schemas) -> Vec<(u16, Response)> {
    let statuses = route.reply.statuses.iter();
    let mut responses: Vec<_> =
        statuses.map(|(status, about)| (*status, success(route, *status, about, recorded, schemas))).collect();
    if route.signature.is_conditional {
        let response = ResponseBuilder::new().description("The response that the client has is current. No body.");
        let response = response.header_ref("X-Request-Id", request_id(schemas));
        responses.push((304, response.header_ref("ETag", etag(schemas)).build()));
    }
    responses
}

fn success(route: &Route, status: u16, about: &str, recorded: Option<&Recorded>, schemas: &mut Schemas) -> Response {
    let (media_type, content) = match route.reply.media_type {
        Some(media_type) => (media_type, Content::new(Some((route.reply.data)(schemas)))),
        None => (JSON, enveloped(route, status, recorded, schemas)),
    };
    let mut response = ResponseBuilder::new()
        .description(about)
        .content(media_type, content)
        .header_ref("X-Request-Id", request_id(schemas));
    if status == 201 {
        response = response.header_ref("Location", location(schemas));
    }
    if route.signature.is_idempotent {
        response = response.header_ref("Idempotency-Replayed", replayed(schemas));
    }
    if route.signature.is_conditional {
        response = response.header_ref("ETag", etag(schemas));
    }
    response.build()
}

fn enveloped(route: &Route, status: u16, recorded: Option<&Recorded>, schemas: &mut Schemas) -> Content {
    let properties = [
        property("success", constant(true.into())),
        property("message", text().description(Some("One sentence for people."))),
        property("data", (route.reply.data)(schemas)),
    ];
    let meta = (route.reply.meta)(schemas).map(|meta| property("meta", meta));
    let mut content = Content::new(Some(object_with(properties.into_iter().chain(meta))));
    content.examples.extend(recorded.into_iter().flat_map(|recorded| recorded.responses(status)).map(example));
    content
}

fn header(schema: impl Into<SchemaRef>, about: &str) -> Header {
    HeaderBuilder::new().schema(Some(schema)).description(Some(about)).build()
}

fn request_id(schemas: &mut Schemas) -> Ref {
    let schema = text().min_length(Some(1)).max_length(Some(128)).pattern(Some("^[A-Za-z0-9_.:-]+$"));
    schemas.header("X-Request-Id", || {
        header(schema, "The id of the request in the log; the client's own if it sent a valid one.")
    })
}

fn location(schemas: &mut Schemas) -> Ref {
    let about = "The path of what was created; of its list where it has no path of its own.";
    schemas.header("Location", || header(text().pattern(Some("^/api/")), about))
}

fn etag(schemas: &mut Schemas) -> Ref {
    schemas.header("ETag", || header(text(), "The version of the response."))
}

fn replayed(schemas: &mut Schemas) -> Ref {
    let about = "Present where the response is a stored one.";
    schemas.header("Idempotency-Replayed", || header(text().enum_values(Some(["true"])), about))
}

fn retry_after(schemas: &mut Schemas) -> Ref {
    schemas.header("Retry-After", || header(whole(1, None), "When to retry, in seconds."))
}

fn challenge(schemas: &mut Schemas) -> Ref {
    schemas.header("WWW-Authenticate", || header(text().enum_values(Some(["Bearer"])), "The authentication scheme."))
}

/// The error responses of a route by status. Those with shared codes only are
/// shared components.
fn failures(route: &Route, errors: &Errors<'_>, schemas: &mut Schemas) -> Vec<(u16, RefOr<Response>)> {
    let mut by_status = BTreeMap::<u16, Vec<Code>>::new();
    for code in route.errors.iter().copied().chain(implied(route)) {
        let codes = by_status.entry(code.status().as_u16()).or_default();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    by_status.into_iter().map(|(status, codes)| (status, failure(route, &codes, errors, schemas))).collect()
}

/// The codes that follow from the signature and the access of a route.
fn implied(route: &Route) -> impl Iterator<Item = Code> {
    let (signature, roles) = (&route.signature, route.access.roles());
    let implied: [(bool, &[Code]); 9] = [
        (true, &[Code::VALIDATION_FAILED]),
        (route.access != Access::Public, &[Code::UNAUTHENTICATED]),
        (route.is_counted(), &[Code::TOO_MANY_REQUESTS]),
        (roles.is_some_and(|roles| roles.len() < Role::ALL.len()), &[Code::FORBIDDEN]),
        (signature.path_id.is_some(), &[Code::NOT_FOUND]),
        (signature.body.is_some(), &[Code::MALFORMED_JSON, Code::PAYLOAD_TOO_LARGE, Code::UNSUPPORTED_MEDIA_TYPE]),
        (route.reply.is_page, &[Code::INVALID_CURSOR]),
        (signature.is_idempotent, &[Code::IDEMPOTENCY_MISMATCH, Code::CONFLICT, Code::LIMIT_REACHED]),
        (signature.uses_executor, &[Code::INTERNAL, Code::DATABASE_UNAVAILABLE, Code::OVERLOADED]),
    ];
    implied.into_iter().filter(|(holds, _)| *holds).flat_map(|(_, codes)| codes).copied()
}

/// The response of a failure. A 400 is never shared, as its example differs in each operation.
fn failure(route: &Route, codes: &[Code], errors: &Errors<'_>, schemas: &mut Schemas) -> RefOr<Response> {
    let is_own = |code: &Code| code.is_own() || !Code::SHARED.contains(code) || *code == Code::VALIDATION_FAILED;
    if codes.iter().any(is_own) {
        return failure_with(codes, Some(route.name), errors, schemas).into();
    }
    let name = codes.iter().map(|code| errors::name(*code)).collect::<Vec<_>>().join("Or");
    schemas.response(&name, |schemas| failure_with(codes, None, errors, schemas))
}

fn failure_with(codes: &[Code], operation: Option<&str>, errors: &Errors<'_>, schemas: &mut Schemas) -> Response {
    const RETRIED: [Code; 4] = [Code::TOO_MANY_REQUESTS, Code::CONFLICT, Code::DATABASE_UNAVAILABLE, Code::OVERLOADED];
    let about = codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.about()));
    let mut content = Content::new(Some(errors.one_of(codes, schemas)));
    let examples =
        codes.iter().filter_map(|code| Some((code.as_str().to_owned(), errors.example(operation, *code)?.clone())));
    content.examples.extend(examples.map(example));
    let mut response = ResponseBuilder::new()
        .description(about.collect::<Vec<_>>().join("\n\n"))
        .content(JSON, content)
        .header_ref("X-Request-Id", request_id(schemas));
    if codes.iter().any(|code| RETRIED.contains(code)) {
        response = response.header_ref("Retry-After", retry_after(schemas));
    }
    if codes.contains(&Code::UNAUTHENTICATED) {
        response = response.header_ref("WWW-Authenticate", challenge(schemas));
    }
    response.build()
}
