use hmac::{Hmac, KeyInit};
use sha2::{Sha256, digest::InvalidLength};

/// HMAC-SHA-256 with a key.
pub(crate) type HmacSha256 = Hmac<Sha256>;

/// HMAC-SHA-256 with a key of any length.
pub(crate) fn keyed(key: &[u8]) -> HmacSha256 {
    HmacSha256::new_from_slice(key).unwrap_or_else(|InvalidLength| unreachable!("HMAC takes a key of any length"))
}

#[cfg(test)]
mod tests {
    use hmac::Mac;

    use super::*;

    /// RFC 4231, test cases 2 and 6: a short key, and one longer than a block.
    #[test]
    fn the_digests_are_those_of_the_rfc() {
        for (key, text, [first, last]) in [
            (&b"Jefe"[..], "what do ya want for nothing?", [0x5b, 0x43]),
            (&[0xaa; 131], "Test Using Larger Than Block-Size Key - Hash Key First", [0x60, 0x54]),
        ] {
            let digest = keyed(key).chain_update(text).finalize().into_bytes();
            assert_eq!([digest[0], digest[31]], [first, last], "{text}");
        }
    }
}
