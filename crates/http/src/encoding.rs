//! The compression of responses that hold nothing private.

use std::{convert::Infallible, future::Ready, io::Write};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
};
use brotli::{CompressorWriter, enc::BrotliEncoderParams};
use flate2::{Compression, write::GzEncoder};

use crate::signature::Describe;

/// The size in bytes from which a response is compressed: a smaller one fits into a
/// packet anyhow.
const MIN_BYTES: usize = 1024;

/// A content coding of responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Brotli.
    Br,
    /// Zstandard.
    Zstd,
    /// Gzip.
    Gzip,
}

/// How much time a compression takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Little: for a page that is served for a second.
    Small,
    /// Much: for a file that is compressed once.
    Large,
}

impl Coding {
    /// All codings, the best first.
    pub const ALL: [Self; 3] = [Self::Br, Self::Zstd, Self::Gzip];

    /// The name in headers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Br => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// The compressed bytes.
    pub fn encode(self, bytes: &[u8], effort: Effort) -> Vec<u8> {
        let is_large = effort == Effort::Large;
        match self {
            Self::Br => {
                let quality = if is_large { 9 } else { 5 };
                // The window decides on the memory of the encoder.
                let lgwin = if is_large { 22 } else { 18 };
                let parameters = BrotliEncoderParams { quality, lgwin, size_hint: bytes.len(), ..Default::default() };
                let mut encoder = CompressorWriter::with_params(Vec::new(), 4096, &parameters);
                // Writing into memory does not fail.
                let _ = encoder.write_all(bytes);
                encoder.into_inner()
            }
            // The window is the body, and so within the 8 MiB that clients take.
            Self::Zstd => zstd::bulk::compress(bytes, if is_large { 19 } else { 3 }).unwrap_or_default(),
            Self::Gzip => {
                let level = if is_large { Compression::best() } else { Compression::default() };
                let mut encoder = GzEncoder::new(Vec::new(), level);
                let _ = encoder.write_all(bytes);
                encoder.finish().unwrap_or_default()
            }
        }
    }

    /// The entity tag of a compressed body, from that of the body: their bytes differ.
    pub fn tag(self, tag: &str) -> String {
        format!("{}-{}\"", tag.trim_end_matches('"'), self.name())
    }
}

/// The codings that a client takes, from `Accept-Encoding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AcceptEncoding {
    best: Option<Coding>,
    refuses_identity: bool,
}

impl AcceptEncoding {
    /// The codings of a request.
    pub fn of(headers: &HeaderMap) -> Self {
        let lists = headers.get_all(header::ACCEPT_ENCODING).filter_map(|value| value.to_str().ok());
        let codings: Vec<_> = lists.flat_map(|list| list.split(',')).filter_map(weighed).collect();
        let stated = |name: &str| codings.iter().find(|(coding, _)| coding.eq_ignore_ascii_case(name)).map(|(_, q)| *q);
        let any = stated("*");
        let weight = |coding: Coding| stated(coding.name()).or(any).unwrap_or(0);
        let identity = stated("identity").or(any.filter(|weight| *weight == 0));
        // `max_by_key` returns the last of equals.
        let best = Coding::ALL.into_iter().rev().max_by_key(|coding| weight(*coding));
        let best = best.filter(|coding| weight(*coding) > 0 && weight(*coding) >= identity.unwrap_or(0));
        Self { best, refuses_identity: identity == Some(0) }
    }

    /// What tells the clients apart that get different bytes; `None` for a client that
    /// takes no coding.
    pub fn name(self) -> Option<String> {
        let best = self.best?.name();
        Some(if self.refuses_identity { format!("{best} only") } else { best.to_owned() })
    }

    /// The coding for a body of this length; `None` where it is sent as it is.
    pub fn for_length(self, bytes: usize) -> Option<Coding> {
        self.best.filter(|_| bytes >= MIN_BYTES || self.refuses_identity)
    }
}

/// A coding with its weight in thousandths: `gzip;q=0.5`.
fn weighed(item: &str) -> Option<(&str, u32)> {
    let mut parts = item.split(';').map(str::trim);
    let coding = parts.next().filter(|coding| !coding.is_empty())?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some((coding, weight.map_or(Some(1_000), thousandths)?))
}

/// The thousandths of a weight from 0 to 1.
fn thousandths(weight: &str) -> Option<u32> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals: u32 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(1_000),
        _ => None,
    }
}

impl FromRequest for AcceptEncoding {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self::of(request.headers())))
    }
}

impl Describe for AcceptEncoding {}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use actix_web::http::header::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn accepted(header: &str) -> AcceptEncoding {
        AcceptEncoding::of(&[(header::ACCEPT_ENCODING, HeaderValue::from_str(header).unwrap())].into_iter().collect())
    }

    #[test]
    fn the_coding_with_the_highest_weight_is_chosen() {
        for (header, coding) in [
            ("gzip, deflate, br, zstd", Some(Coding::Br)),
            ("gzip", Some(Coding::Gzip)),
            ("GZIP;q=1.0", Some(Coding::Gzip)),
            ("br;q=0.5, gzip;q=0.8", Some(Coding::Gzip)),
            ("br;q=0, *", Some(Coding::Zstd)),
            ("*", Some(Coding::Br)),
            ("gzip;q=0.001", Some(Coding::Gzip)),
            ("identity, gzip;q=0.5", None),
            ("identity;q=0.5, gzip;q=0.5", Some(Coding::Gzip)),
            ("*;q=0", None),
            ("br;q=0, gzip;q=0", None),
            ("zstd, gzip", Some(Coding::Zstd)),
            ("deflate", None),
            ("gzip;q=2", None),
            ("gzip;q=x", None),
            ("", None),
        ] {
            assert_eq!(accepted(header).for_length(MIN_BYTES), coding, "{header}");
        }
        assert_eq!(AcceptEncoding::default().for_length(MIN_BYTES), None);
    }

    #[test]
    fn a_small_body_is_compressed_only_for_a_client_that_takes_no_other() {
        let for_small = |header: &str| accepted(header).for_length(MIN_BYTES - 1);
        assert_eq!(for_small("br, gzip"), None);
        assert_eq!(for_small("gzip, identity;q=0"), Some(Coding::Gzip));
        assert_eq!(for_small("gzip, *;q=0"), Some(Coding::Gzip));
        let names = ["gzip, *;q=0", "gzip", "identity;q=0"].map(|header| accepted(header).name());
        assert_eq!(names, [Some("gzip only".to_owned()), Some("gzip".to_owned()), None]);
    }

    #[test]
    fn the_tag_of_a_compressed_body_is_another() {
        assert_eq!(Coding::ALL.map(|coding| coding.tag("\"ab\"")), ["\"ab-br\"", "\"ab-zstd\"", "\"ab-gzip\""]);
    }

    proptest! {
        #[test]
        fn a_compressed_body_is_the_body(body in prop::collection::vec(any::<u8>(), 0..3_000)) {
            for effort in [Effort::Small, Effort::Large] {
                let mut read = Vec::new();
                let compressed = Coding::Br.encode(&body, effort);
                brotli::Decompressor::new(compressed.as_slice(), 4096).read_to_end(&mut read).unwrap();
                prop_assert_eq!(&read, &body);
                read.clear();
                let compressed = Coding::Zstd.encode(&body, effort);
                zstd::Decoder::new(compressed.as_slice()).unwrap().read_to_end(&mut read).unwrap();
                prop_assert_eq!(&read, &body);
                read.clear();
                let compressed = Coding::Gzip.encode(&body, effort);
                flate2::read::GzDecoder::new(compressed.as_slice()).read_to_end(&mut read).unwrap();
                prop_assert_eq!(&read, &body);
            }
        }

        #[test]
        fn no_header_panics(header in "[a-z*;=,.0-9q ]{0,40}") {
            accepted(&header).for_length(MIN_BYTES);
        }
    }
}
