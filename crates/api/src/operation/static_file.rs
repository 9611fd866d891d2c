use std::{error::Error, thread};

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::header, web::Bytes};
use repower_http::{AcceptEncoding, Coding, DescribeReply, Effort, IfNoneMatch, ReplyFacts, entity_tag};
use tokio::sync::{OnceCell, oneshot};
use utoipa::openapi::{ObjectBuilder, Type};

/// The content security policy of the page: files of this server, and pictures in its
/// styles. The page may request no other host.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file that stays the same while the program runs. It is compressed once.
#[derive(Debug)]
pub(crate) struct StaticFile {
    content_type: &'static str,
    content: &'static [u8],
    br: OnceCell<Bytes>,
    zstd: OnceCell<Bytes>,
    gzip: OnceCell<Bytes>,
}

impl StaticFile {
    pub(crate) const fn new(content_type: &'static str, content: &'static [u8]) -> Self {
        Self {
            content_type,
            content,
            br: OnceCell::const_new(),
            zstd: OnceCell::const_new(),
            gzip: OnceCell::const_new(),
        }
    }

    /// The file as the client takes it, or 304 when the client has it.
    pub(super) async fn serve(&'static self, known: &IfNoneMatch, accepted: AcceptEncoding) -> ServedFile {
        let tag = entity_tag(self.content);
        let plain = ServedFile {
            content_type: self.content_type,
            body: Bytes::from_static(self.content),
            is_known: known.contains(&tag),
            etag: tag,
            coding: None,
        };
        let Some(coding) = accepted.for_length(self.content.len()) else { return plain };
        let etag = coding.tag(&plain.etag);
        if known.contains(&etag) {
            return ServedFile { etag, coding: Some(coding), is_known: true, ..plain };
        }
        match self.once(coding).get_or_try_init(|| self.encode(coding)).await {
            Ok(body) => ServedFile { body: body.clone(), etag, coding: Some(coding), is_known: false, ..plain },
            Err(_no_thread) => plain,
        }
    }

    const fn once(&self, coding: Coding) -> &OnceCell<Bytes> {
        match coding {
            Coding::Br => &self.br,
            Coding::Zstd => &self.zstd,
            Coding::Gzip => &self.gzip,
        }
    }

    /// Compresses the file on a thread of its own, once while the program runs: it takes
    /// longer than a worker or an executor may be held.
    async fn encode(&'static self, coding: Coding) -> Result<Bytes, Box<dyn Error>> {
        let (sender, encoded) = oneshot::channel();
        let work = move || {
            // The client may have gone.
            let _ = sender.send(coding.encode(self.content, Effort::Large).into());
        };
        thread::Builder::new().spawn(work)?;
        Ok(encoded.await?)
    }
}

/// The response with a static file.
pub(super) struct ServedFile {
    content_type: &'static str,
    body: Bytes,
    etag: String,
    coding: Option<Coding>,
    is_known: bool,
}

impl Responder for ServedFile {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = if self.is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response
            .insert_header((header::ETAG, self.etag))
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .insert_header((header::VARY, "Accept-Encoding"))
            .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
            .insert_header((header::X_FRAME_OPTIONS, "DENY"));
        if self.is_known {
            return response.finish();
        }
        if let Some(coding) = self.coding {
            response.insert_header((header::CONTENT_ENCODING, coding.name()));
        }
        response.content_type(self.content_type).body(self.body)
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
