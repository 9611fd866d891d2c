use actix_web::{
    HttpRequest,
    http::{Method, StatusCode},
};

/// What a resource is mounted at, for [`route_name`].
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Template(pub(in crate::http) &'static str);

/// The template of the route that a request is for, as in the tables of routes;
/// `unmatched` where there is none.
pub(in crate::http) fn route_name(request: &HttpRequest) -> &'static str {
    request.app_data().map_or("unmatched", |Template(path)| path)
}

/// The method; `OTHER` for whatever a client thought up.
pub(in crate::http) fn method_name(method: &Method) -> &'static str {
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

/// The first digit of the status, with `xx` for the others.
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
    fn a_method_that_nobody_knows_is_another() {
        assert_eq!(method_name(&Method::PATCH), "PATCH");
        for unknown in ["TRACE", "canary", "get"] {
            assert_eq!(method_name(&Method::from_bytes(unknown.as_bytes()).unwrap()), "OTHER");
        }
    }

    #[test]
    fn a_status_belongs_to_the_class_of_its_first_digit() {
        let classes = [101, 200, 204, 304, 404, 429, 500, 503].map(|status| StatusCode::from_u16(status).unwrap());
        assert_eq!(classes.map(status_class), ["1xx", "2xx", "2xx", "3xx", "4xx", "4xx", "5xx", "5xx"]);
    }
}
