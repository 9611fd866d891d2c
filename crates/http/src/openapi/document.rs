use serde_json::Value;
use utoipa::openapi::{
    Info, InfoBuilder, License, OpenApi, OpenApiBuilder, PathItem, Paths,
    extensions::Extensions,
    path::HttpMethod,
    security::{Http, HttpAuthScheme, HttpBuilder, SecurityScheme},
    tag::TagBuilder,
};

use super::{
    errors::Errors,
    examples::Examples,
    operation::{BEARER, describe},
};
use crate::{code::Code, route::Route, schema::Schemas, signature::MakeSchema};

/// A group of routes in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// The name.
    pub name: &'static str,
    /// A sentence about the routes.
    pub about: &'static str,
}

/// The parts of the document.
pub struct Document<'d> {
    /// The title of the API.
    pub title: &'static str,
    /// The version of the API.
    pub version: &'static str,
    /// The introduction, as Markdown.
    pub about: &'static str,
    /// The SPDX expression of the licence.
    pub license: &'static str,
    /// The routes, grouped by tag in the order of the document.
    pub routes: &'d [(Tag, Vec<Route>)],
    /// The schemas of `details`, for the codes that have any.
    pub details: &'d [(Code, MakeSchema)],
    /// Examples of requests and responses.
    pub examples: &'d Examples,
    /// An extension for programs, by a name that begins with `x-`. The order of several would
    /// vary.
    pub extension: (&'d str, Value),
}

impl Document<'_> {
    /// The document.
    pub fn build(&self) -> OpenApi {
        let (mut schemas, mut paths) = (Schemas::default(), Paths::new());
        let errors = Errors { details: self.details, examples: self.examples };
        for (tag, route) in self.routes.iter().flat_map(|(tag, routes)| routes.iter().map(move |route| (tag, route))) {
            if route.name.is_empty() {
                continue;
            }
            let item = PathItem::new(method(route), describe(route, tag.name, &errors, &mut schemas));
            paths.paths.entry(route.path.to_owned()).or_default().merge_operations(item);
        }
        errors.any(&self.codes(), &mut schemas);
        let mut components = schemas.into_components();
        components.add_security_scheme(BEARER, SecurityScheme::Http(bearer()));
        let tags =
            self.routes.iter().map(|(tag, _)| TagBuilder::new().name(tag.name).description(Some(tag.about)).build());
        let mut document =
            OpenApiBuilder::new().info(self.info()).paths(paths).components(Some(components)).tags(Some(tags)).build();
        document.extensions = Some(Extensions::from_iter([self.extension.clone()]));
        document
    }

    /// The codes of all routes: the shared ones, then those of features.
    fn codes(&self) -> Vec<Code> {
        let mut codes = Code::SHARED.to_vec();
        for code in self.routes.iter().flat_map(|(_, routes)| routes).flat_map(|route| &route.errors) {
            if !codes.contains(code) {
                codes.push(*code);
            }
        }
        codes
    }

    fn info(&self) -> Info {
        let mut license = License::new(self.license);
        license.identifier = Some(self.license.to_owned());
        let info = InfoBuilder::new().title(self.title).version(self.version);
        info.description(Some(self.about)).license(Some(license)).build()
    }
}

fn bearer() -> Http {
    HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The `token` of a registration or a login."))
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
