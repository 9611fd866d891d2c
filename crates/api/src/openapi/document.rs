//! Puts the document together.

use utoipa::openapi::{
    Info, InfoBuilder, License, OpenApi, OpenApiBuilder, PathItem, Paths,
    path::HttpMethod,
    security::{Http, HttpAuthScheme, HttpBuilder, SecurityScheme},
    tag::TagBuilder,
};

use super::{
    described::Schemas,
    examples::Examples,
    operation::Tag,
    paths::{BEARER, describe},
    refusals,
};
use crate::http::Route;

/// The document of these routes.
pub(super) fn document<'r>(routes: impl IntoIterator<Item = &'r Route>) -> OpenApi {
    let (mut schemas, examples, mut paths) = (Schemas::default(), Examples::recorded(), Paths::new());
    let mut rows: Vec<_> = routes.into_iter().filter_map(|route| Some((route, route.operation()?))).collect();
    rows.sort_by_key(|(_, operation)| Tag::ALL.iter().position(|tag| *tag == operation.tag));
    for (route, operation) in rows {
        let described = describe(route, &operation, &examples, &mut schemas);
        let item = PathItem::new(method(route), described);
        paths.paths.entry(route.path.to_owned()).or_default().merge_operations(item);
    }
    refusals::any(&mut schemas);
    let mut components = schemas.into_components();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer()));
    let tags = Tag::ALL.iter().map(|tag| {
        let (name, about) = tag.told();
        TagBuilder::new().name(name).description(Some(about)).build()
    });
    OpenApiBuilder::new().info(info()).paths(paths).components(Some(components)).tags(Some(tags)).build()
}

fn info() -> Info {
    let mut license = License::new("MIT OR Apache-2.0");
    license.identifier = Some("MIT OR Apache-2.0".to_owned());
    InfoBuilder::new()
        .title("Re.Power V3")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("about.md")))
        .license(Some(license))
        .build()
}

fn bearer() -> Http {
    HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The `token` that registering or signing in answers."))
        .build()
}

fn method(route: &Route) -> HttpMethod {
    match route.method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}
