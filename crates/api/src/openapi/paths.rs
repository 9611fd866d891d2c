//! What the document says of one operation: what its route tells, and what
//! follows from that.

use std::collections::BTreeMap;

use repower_domain::accounts::Role;
use serde_json::Value;
use utoipa::openapi::{
    Content, Header, HeaderBuilder, Ref, RefOr, Required, Response, ResponseBuilder, SecurityRequirement,
    example::{Example, ExampleBuilder},
    path::{Operation as PathOperation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
    request_body::{RequestBody, RequestBodyBuilder},
};

use super::{
    described::{SchemaRef, Schemas, description, formatted, maybe_empty, object_with, property, text, whole},
    examples::{Examples, Recorded},
    operation::{Access, Answered, Operation, Trait},
    refusals::{self, constant},
};
use crate::http::{Code, Route};

/// The name of the security scheme.
pub(super) const BEARER: &str = "bearer";
const JSON: &str = "application/json";

/// What the document says of `operation` at `route`.
pub(super) fn describe(
    route: &Route,
    operation: &Operation,
    examples: &Examples,
    schemas: &mut Schemas,
) -> PathOperation {
    let recorded = examples.of(operation.id);
    let builder = OperationBuilder::new()
        .operation_id(Some(operation.id))
        .tag(operation.tag.told().0)
        .summary(Some(operation.summary))
        .description(Some(about(operation)))
        .securities(Some(securities(operation.access)))
        .request_body(operation.body.map(|body| request(body(schemas), recorded)));
    let builder = parameters(route, operation, schemas).into_iter().fold(builder, OperationBuilder::parameter);
    let answers = answers(operation, recorded, schemas);
    let refused = refused(route, operation, examples, schemas);
    let answers = answers.map(|(status, response)| (status, response.into()));
    let all = answers.chain(refused);
    all.fold(builder, |builder, (status, response): (u16, RefOr<Response>)| {
        builder.response(status.to_string(), response)
    })
    .build()
}

/// What it does, and who may.
fn about(operation: &Operation) -> String {
    let roles = operation.access.roles().map(|roles| {
        let roles: Vec<_> = roles.iter().map(|role| format!("`{role}`")).collect();
        format!("For {}.", roles.join(", "))
    });
    let parts = [Some(operation.about.to_owned()).filter(|about| !about.is_empty()), roles];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

fn securities(access: Access) -> Vec<SecurityRequirement> {
    let bearer = SecurityRequirement::new(BEARER, Vec::<String>::new());
    match access {
        Access::Public => Vec::new(),
        Access::Optional => vec![SecurityRequirement::default(), bearer],
        Access::SignedIn | Access::Permitted(_) => vec![bearer],
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

fn parameters(route: &Route, operation: &Operation, schemas: &mut Schemas) -> Vec<Parameter> {
    let ids = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).map(|name| {
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True);
        parameter.schema(Some(formatted("uuid"))).build()
    });
    let queried = operation.parameters.map(|describe| describe(schemas)).unwrap_or_default().into_iter().map(|one| {
        let required = if one.is_required { Required::True } else { Required::False };
        let parameter = ParameterBuilder::new().name(one.name).parameter_in(ParameterIn::Query).required(required);
        // Pages show what is said of a parameter, not of its schema.
        let about = description(&one.schema).map(str::to_owned);
        parameter.description(about).schema(Some(maybe_empty(one.schema))).build()
    });
    let key = text().min_length(Some(1)).max_length(Some(128)).pattern(Some("^[!-~]+$"));
    let key = operation.has(Trait::Repeatable).then(|| {
        header_parameter(
            "Idempotency-Key",
            key,
            "Sent again with the same request, it makes nothing and gets the first answer.",
        )
    });
    let known = operation.has(Trait::Conditional).then(|| {
        header_parameter("If-None-Match", text(), "The `ETag` of the answer that is known; 304 where it still holds.")
    });
    ids.chain(queried).chain(key).chain(known).collect()
}

fn header_parameter(name: &str, schema: impl Into<SchemaRef>, about: &str) -> Parameter {
    let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(Required::False);
    parameter.schema(Some(schema)).description(Some(about)).build()
}

fn answers(
    operation: &Operation,
    recorded: Option<&Recorded>,
    schemas: &mut Schemas,
) -> impl Iterator<Item = (u16, Response)> + use<> {
    let answered = operation.answers.iter();
    let enveloped: Vec<_> = answered.map(|one| (one.status, answer(operation, one, recorded, schemas))).collect();
    let outside = operation.outside.map(|(media_type, schema)| {
        let content = Content::new(Some(schema(schemas)));
        let mut response = ResponseBuilder::new().description("Outside the envelope.").content(media_type, content);
        response = response.header_ref("X-Request-Id", request_id(schemas));
        if operation.has(Trait::Conditional) {
            response = response.header_ref("ETag", etag(schemas));
        }
        (200, response.build())
    });
    let unchanged = operation.has(Trait::Conditional).then(|| {
        let response = ResponseBuilder::new().description("What the client has still holds. No body.");
        let response = response.header_ref("X-Request-Id", request_id(schemas));
        (304, response.header_ref("ETag", etag(schemas)).build())
    });
    enveloped.into_iter().chain(outside).chain(unchanged)
}

fn answer(operation: &Operation, answered: &Answered, recorded: Option<&Recorded>, schemas: &mut Schemas) -> Response {
    let meta = answered.meta.map(|meta| property("meta", meta(schemas)));
    let properties = [
        property("success", constant(true.into())),
        property("message", text().description(Some("One sentence for people."))),
        property("data", (answered.data)(schemas)),
    ];
    let mut content = Content::new(Some(object_with(properties.into_iter().chain(meta))));
    content.examples.extend(recorded.into_iter().flat_map(|recorded| recorded.answers(answered.status)).map(example));
    let mut response = ResponseBuilder::new()
        .description(answered.about)
        .content(JSON, content)
        .header_ref("X-Request-Id", request_id(schemas));
    if operation.has(Trait::Repeatable) {
        response = response.header_ref("Idempotency-Replayed", replayed(schemas));
    }
    if operation.has(Trait::Conditional) {
        response = response.header_ref("ETag", etag(schemas));
    }
    response.build()
}

fn header(schema: impl Into<SchemaRef>, about: &str) -> Header {
    HeaderBuilder::new().schema(Some(schema)).description(Some(about)).build()
}

fn request_id(schemas: &mut Schemas) -> Ref {
    let schema = text().min_length(Some(1)).max_length(Some(128)).pattern(Some("^[A-Za-z0-9_.:-]+$"));
    schemas.header("X-Request-Id", || {
        header(schema, "By which the request is found in the logs; the client's own if it sent one.")
    })
}

fn etag(schemas: &mut Schemas) -> Ref {
    schemas.header("ETag", || header(text(), "The version of the answer."))
}

fn replayed(schemas: &mut Schemas) -> Ref {
    let about = "There where the answer is a repeated one.";
    schemas.header("Idempotency-Replayed", || header(text().enum_values(Some(["true"])), about))
}

fn retry_after(schemas: &mut Schemas) -> Ref {
    schemas.header("Retry-After", || header(whole(1, None), "When to try again, in seconds."))
}

fn challenge(schemas: &mut Schemas) -> Ref {
    schemas.header("WWW-Authenticate", || header(text().enum_values(Some(["Bearer"])), "How to authenticate."))
}

/// What a refusal with this code means, in this place or anywhere.
#[derive(Clone, Copy)]
struct Told {
    code: Code,
    when: Option<&'static str>,
}

/// All refusals of a route, by their status. Those that mean the same anywhere
/// are shared.
fn refused(
    route: &Route,
    operation: &Operation,
    examples: &Examples,
    schemas: &mut Schemas,
) -> impl Iterator<Item = (u16, RefOr<Response>)> + use<> {
    let mut by_status = BTreeMap::<u16, Vec<Told>>::new();
    let own = operation.refusals.iter().map(|(code, when)| Told { code: *code, when: Some(*when) });
    let implied = implied(route, operation).into_iter().map(|code| Told { code, when: None });
    for told in own.chain(implied) {
        let there = by_status.entry(told.code.status().as_u16()).or_default();
        if there.iter().all(|one| one.code != told.code) {
            there.push(told);
        }
    }
    let refused: Vec<_> =
        by_status.into_iter().map(|(status, told)| (status, refusal(operation, &told, examples, schemas))).collect();
    refused.into_iter()
}

/// The codes that follow from what a route takes.
fn implied(route: &Route, operation: &Operation) -> Vec<Code> {
    let roles = operation.access.roles();
    let implied: [(bool, &[Code]); 7] = [
        (true, &[Code::ValidationFailed]),
        (operation.access != Access::Public, &[Code::Unauthenticated]),
        (roles.is_some_and(|roles| roles.len() < Role::ALL.len()), &[Code::Forbidden]),
        (route.path.contains('{'), &[Code::NotFound]),
        (operation.body.is_some(), &[Code::MalformedJson, Code::PayloadTooLarge, Code::UnsupportedMediaType]),
        (operation.has(Trait::Paged), &[Code::InvalidCursor]),
        (operation.has(Trait::Repeatable), &[Code::IdempotencyMismatch, Code::Conflict]),
    ];
    let away = [Code::Internal, Code::DatabaseUnavailable, Code::Overloaded];
    let away = away.into_iter().filter(|_| !operation.has(Trait::Local));
    implied.into_iter().filter(|(holds, _)| *holds).flat_map(|(_, codes)| codes).copied().chain(away).collect()
}

fn refusal(operation: &Operation, told: &[Told], examples: &Examples, schemas: &mut Schemas) -> RefOr<Response> {
    if told.iter().any(|one| one.when.is_some()) {
        return refusal_of(told, |code| examples.of(operation.id)?.refusal(code), schemas).into();
    }
    let name = told.iter().map(|one| refusals::name(one.code)).collect::<Vec<_>>().join("Or");
    schemas.response(&name, |schemas| refusal_of(told, |code| examples.refusal(code), schemas))
}

fn refusal_of<'e>(told: &[Told], example_of: impl Fn(Code) -> Option<&'e Value>, schemas: &mut Schemas) -> Response {
    const LATER: [Code; 4] = [Code::TooManyRequests, Code::Conflict, Code::DatabaseUnavailable, Code::Overloaded];
    let codes: Vec<_> = told.iter().map(|one| one.code).collect();
    let about = told.iter().map(|one| {
        format!("`{}`: {}.", one.code.as_str(), one.when.unwrap_or_else(|| one.code.about().trim_end_matches('.')))
    });
    let mut content = Content::new(Some(refusals::one_of(&codes, schemas)));
    let examples = codes.iter().filter_map(|code| Some((code.as_str().to_owned(), example_of(*code)?.clone())));
    content.examples.extend(examples.map(example));
    let mut response = ResponseBuilder::new()
        .description(about.collect::<Vec<_>>().join("\n\n"))
        .content(JSON, content)
        .header_ref("X-Request-Id", request_id(schemas));
    if codes.iter().any(|code| LATER.contains(code)) {
        response = response.header_ref("Retry-After", retry_after(schemas));
    }
    if codes.contains(&Code::Unauthenticated) {
        response = response.header_ref("WWW-Authenticate", challenge(schemas));
    }
    response.build()
}
