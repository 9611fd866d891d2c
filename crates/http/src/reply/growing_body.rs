//! The memory of a body while it is serialised.

use std::io::{self, Write};

use actix_web::web::Bytes;

use crate::{bounded::MAX_RESPONSE_BYTES, executor::count_written};

/// The most bytes of memory that a body holds beside its own.
const MAX_UNUSED_BYTES: usize = 16 * 1024;

/// The size in bytes from which a body that grows gets the memory of the largest one, and
/// counts as a large result.
const LARGE: usize = 64 * 1024;

/// A body that is being serialised. While it is small, it grows by doubling; a large one grows
/// once. Each step leaves memory that only this thread can use, until the allocator returns it.
#[derive(Default)]
pub(super) struct GrowingBody(Vec<u8>);

impl GrowingBody {
    /// The whole body, without its unused memory where that is much. A large one counts as a
    /// result of the job that has written it.
    pub(super) fn finish(mut self) -> Bytes {
        // It may wait for its client for long.
        if self.0.capacity() - self.0.len() > MAX_UNUSED_BYTES {
            self.0.shrink_to_fit();
        }
        if self.0.len() >= LARGE {
            count_written(self.0.len());
        }
        self.0.into()
    }
}

impl Write for GrowingBody {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = self.0.len() + bytes.len();
        if length > self.0.capacity() && (LARGE..=MAX_RESPONSE_BYTES).contains(&length) {
            self.0.reserve_exact(MAX_RESPONSE_BYTES - self.0.len());
        }
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The memory of a body after each of the writes that changed it.
    fn memory(write: usize, writes: usize) -> (Vec<usize>, Bytes) {
        let mut body = GrowingBody::default();
        let mut memory = Vec::new();
        for number in 0..writes {
            body.write_all(&vec![number.to_le_bytes()[0]; write]).unwrap();
            memory.push(body.0.capacity());
        }
        memory.dedup();
        (memory, body.finish())
    }

    #[test]
    fn a_large_body_grows_once() {
        let (memory, body) = memory(1_000, 1_000);
        assert_eq!(memory.iter().filter(|bytes| **bytes > 2 * LARGE).collect::<Vec<_>>(), [&MAX_RESPONSE_BYTES]);
        assert_eq!(body.len(), 1_000_000);
        assert!(body.chunks(1_000).enumerate().all(|(number, part)| part == [number.to_le_bytes()[0]; 1_000]));
    }

    #[test]
    fn a_small_body_has_little_memory() {
        let (memory, body) = memory(100, 100);
        assert!(memory.iter().all(|bytes| *bytes <= 2 * body.len()), "{memory:?}");
    }

    #[test]
    fn a_body_that_exceeds_the_limit_is_copied_a_few_times() {
        let (memory, body) = memory(1_000, 5_000);
        assert!(memory.len() < 20, "{memory:?}");
        assert_eq!(body.len(), 5_000_000);
    }
}
