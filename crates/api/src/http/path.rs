use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Uri, uri::PathAndQuery},
    middleware::Next,
};

/// Reads `//jobs/` as `/jobs`. Where there is nothing to change, it costs no more
/// than a look.
pub async fn plain_path(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if let Some(uri) = plain(request.uri()) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
    next.call(request).await
}

/// The same with one slash before each part of the path and none behind the
/// last; `None` where it is so already.
fn plain(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if path == "/" || !path.ends_with('/') && !path.contains("//") {
        return None;
    }
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let path = PathAndQuery::try_from(format!("/{}{query}", parts.join("/"))).ok()?;
    let mut whole = uri.clone().into_parts();
    whole.path_and_query = Some(path);
    Uri::from_parts(whole).ok()
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App, HttpRequest,
        dev::ServiceFactory,
        middleware::{NormalizePath, from_fn},
        test::{TestRequest, call_and_read_body, init_service},
        web::{self, Bytes},
    };
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slashes_that_say_nothing_are_left_out() {
        for (sent, read) in [
            ("/jobs/", "/jobs"),
            ("//jobs///7/?q=a//b/", "/jobs/7?q=a//b/"),
            ("/jobs/%2F/", "/jobs/%2F"),
            ("/jobs/?", "/jobs?"),
            ("//", "/"),
        ] {
            let [sent, read] = [sent, read].map(|path| format!("http://localhost{path}").parse::<Uri>().unwrap());
            assert_eq!(plain(&sent), Some(read), "{sent}");
        }
    }

    #[test]
    fn what_is_plain_stays_as_it_is() {
        for sent in ["/", "/jobs", "/jobs?q=//", "/jobs/7", "*"] {
            assert_eq!(plain(&sent.parse().unwrap()), None, "{sent}");
        }
    }

    async fn shown(request: HttpRequest) -> String {
        format!("{} {} {:?}", request.uri(), request.path(), request.match_info().get("id"))
    }

    fn routes()
    -> App<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>>
    {
        let app = App::new().route("/{id}", web::get().to(shown)).route("/a/{id}", web::get().to(shown));
        app.default_service(web::to(shown))
    }

    async fn read_by_both(uri: &str) -> [Bytes; 2] {
        let request = || TestRequest::get().uri(uri).to_request();
        let ours = init_service(routes().wrap(from_fn(plain_path))).await;
        let theirs = init_service(routes().wrap(NormalizePath::trim())).await;
        [call_and_read_body(&ours, request()).await, call_and_read_body(&theirs, request()).await]
    }

    proptest! {
        #[test]
        fn any_path_is_read_as_the_library_reads_it(
            path in "(/{1,2}(a|b|%25|%2F|%C3%A9|5){0,3}){1,4}",
            query in "(\\?[a-z/=]{0,5})?",
        ) {
            let uri = format!("http://localhost{path}{query}");
            let [ours, theirs] = actix_web::rt::System::new().block_on(read_by_both(&uri));
            prop_assert_eq!(ours, theirs);
        }
    }
}
