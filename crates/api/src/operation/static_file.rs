use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::header, web::Bytes};
use repower_http::{DescribeReply, IfNoneMatch, ReplyFacts, entity_tag};
use utoipa::openapi::{ObjectBuilder, Type};

/// The content security policy of the page: files of this server, and pictures in its
/// styles. The page may request no other host.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file that stays the same while the program runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct StaticFile {
    pub(super) content_type: &'static str,
    pub(super) content: &'static [u8],
}

impl StaticFile {
    /// The file, or 304 when the client has it.
    pub(super) fn serve(self, known: &IfNoneMatch) -> ServedFile {
        let etag = entity_tag(self.content);
        let is_known = known.contains(&etag);
        ServedFile { file: self, etag, is_known }
    }
}

/// The response with a static file.
pub(super) struct ServedFile {
    file: StaticFile,
    etag: String,
    is_known: bool,
}

impl Responder for ServedFile {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = if self.is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response
            .insert_header((header::ETAG, self.etag))
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
            .insert_header((header::X_FRAME_OPTIONS, "DENY"));
        if self.is_known {
            response.finish()
        } else {
            response.content_type(self.file.content_type).body(Bytes::from_static(self.file.content))
        }
    }
}

/// Only the OpenAPI document is one that it describes.
impl DescribeReply for ServedFile {
    fn facts() -> ReplyFacts {
        ReplyFacts {
            statuses: &[(200, "Outside the envelope.")],
            data: |_| ObjectBuilder::new().schema_type(Type::Object).into(),
            meta: |_| None,
            is_page: false,
            media_type: Some("application/json"),
        }
    }
}
