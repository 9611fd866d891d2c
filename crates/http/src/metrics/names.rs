use actix_web::{
    HttpRequest,
    http::{Method, StatusCode},
};

use crate::route::Resource;

/// The path of the route of a request as in the table of routes; `unmatched` where
/// no route matches.
pub(crate) fn route_name(request: &HttpRequest) -> &'static str {
    request.app_data::<Resource>().map_or("unmatched", |resource| resource.path)
}

/// The method; `OTHER` for one that no route has.
pub(crate) fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// The class of a status: `2xx`.
pub(super) fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_method_is_other() {
        assert_eq!(method_name(&Method::PATCH), "PATCH");
        for unknown in ["TRACE", "canary", "get"] {
            assert_eq!(method_name(&Method::from_bytes(unknown.as_bytes()).unwrap()), "OTHER");
        }
    }

    #[test]
    fn the_class_of_a_status_is_its_first_digit() {
        let classes = [101, 200, 204, 304, 404, 429, 500, 503].map(|status| StatusCode::from_u16(status).unwrap());
        assert_eq!(classes.map(status_class), ["1xx", "2xx", "2xx", "3xx", "4xx", "4xx", "5xx", "5xx"]);
    }
}
