//! The end of a chunked body. The rules are those of actix-http, so that both see the
//! same end.

/// Reads a chunked body to its end.
#[derive(Debug, Default)]
pub(crate) struct Chunks(State);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// The first digit of a size.
    #[default]
    SizeStart,
    Size(u64),
    Padding(u64),
    Extension(u64),
    SizeLf(u64),
    Data(u64),
    DataCr,
    DataLf,
    /// The start of a line after the last chunk.
    LastLine,
    Trailer,
    TrailerLf,
    LastLf,
    Ended,
    Broken,
}

impl Chunks {
    /// Reads bytes of the body; returns the number of those that belong to it and are
    /// right.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        while let Some(byte) = bytes.get(taken)
            && !self.has_ended()
        {
            if let State::Data(left) = self.0 {
                let available = bytes.len() - taken;
                let part = available.min(usize::try_from(left).unwrap_or(available));
                let left = left - u64::try_from(part).unwrap_or(left);
                self.0 = if left == 0 { State::DataCr } else { State::Data(left) };
                taken += part;
                continue;
            }
            self.0 = self.0.after(*byte);
            if self.is_broken() {
                break;
            }
            taken += 1;
        }
        taken
    }

    /// Whether the body has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.0 == State::Ended
    }

    /// Whether the body is none.
    pub(crate) fn is_broken(&self) -> bool {
        self.0 == State::Broken
    }
}

impl State {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::SizeStart, _) => digit(byte).map_or(Self::Broken, Self::Size),
            (Self::Size(size) | Self::Padding(size), b'\t' | b' ') => Self::Padding(size),
            (Self::Size(size) | Self::Padding(size), b';') => Self::Extension(size),
            (Self::Size(size) | Self::Padding(size) | Self::Extension(size), b'\r') => Self::SizeLf(size),
            (Self::Size(size), _) => {
                let longer = digit(byte).and_then(|digit| Some(size.checked_mul(16)? + digit));
                longer.map_or(Self::Broken, Self::Size)
            }
            (Self::Extension(_), 0x00..=0x08 | 0x0a..=0x1f | 0x7f) => Self::Broken,
            (Self::Extension(_), _) => self,
            (Self::SizeLf(0) | Self::TrailerLf, b'\n') => Self::LastLine,
            (Self::SizeLf(size), b'\n') => Self::Data(size),
            (Self::DataCr, b'\r') => Self::DataLf,
            (Self::DataLf, b'\n') => Self::SizeStart,
            (Self::LastLine, b'\r') => Self::LastLf,
            (Self::Trailer, b'\r') => Self::TrailerLf,
            (Self::LastLine | Self::Trailer, _) => Self::Trailer,
            (Self::LastLf, b'\n') => Self::Ended,
            _ => Self::Broken,
        }
    }
}

/// The value of a hexadecimal digit.
fn digit(byte: u8) -> Option<u64> {
    char::from(byte).to_digit(16).map(u64::from)
}
