//! gzip and zstd streams, read to the last byte that is good.
//!
//! The readers of flate2 and zstd lose what they had decompressed in the call that meets the damage, which may be a
//! thousand packets. This one hands it out first and reports the damage afterwards.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

/// Room for 16 MiB of zstd history, enough for every level short of `--ultra`: the file must not decide our memory.
const ZSTD_WINDOW_LOG: u32 = 24;

/// What one step of a decompressor did.
struct Step {
    consumed: usize,
    produced: usize,
    /// Whether the member or frame is complete; another may follow.
    complete: io::Result<bool>,
}

enum Codec {
    Gzip(Decompress),
    /// The decoder and how many bytes it asks for next.
    Zstd(Decoder<'static>, usize),
}

impl Codec {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        match self {
            Self::Gzip(inflate) => {
                let before = (inflate.total_in(), inflate.total_out());
                let status = inflate.decompress(input, output, FlushDecompress::None);
                let consumed = inflate.total_in().saturating_sub(before.0) as usize;
                let produced = inflate.total_out().saturating_sub(before.1) as usize;
                if matches!(status, Ok(Status::StreamEnd)) {
                    *inflate = Decompress::new_gzip(15);
                }
                let complete = status.map(|status| status == Status::StreamEnd).map_err(io::Error::from);
                Step { consumed, produced, complete }
            }
            Self::Zstd(decoder, wanted) => {
                // No more than one block at a time: what a call decompresses before an error is lost.
                let (mut input, mut output) =
                    (InBuffer::around(&input[..input.len().min(*wanted)]), OutBuffer::around(output));
                let hint = decoder.run(&mut input, &mut output);
                *wanted = hint.as_ref().map_or(1, |&hint| hint.max(1));
                Step { consumed: input.pos(), produced: output.pos(), complete: hint.map(|hint| hint == 0) }
            }
        }
    }
}

/// Decompresses what it reads, member after member, frame after frame.
///
/// Damage is an error of kind `InvalidData`, a stream that ends too early one of `UnexpectedEof`.
pub(super) struct Decompressed<R> {
    input: BufReader<R>,
    codec: Codec,
    /// Whether the input may end here.
    between: bool,
    /// The error to report next, once what came before it has been handed out.
    failure: Option<io::Error>,
}

impl<R: Read> Decompressed<R> {
    pub(super) fn gzip(reader: R) -> Self {
        Self::new(reader, Codec::Gzip(Decompress::new_gzip(15)))
    }

    pub(super) fn zstd(reader: R) -> io::Result<Self> {
        let mut decoder = Decoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
        Ok(Self::new(reader, Codec::Zstd(decoder, 1)))
    }

    fn new(reader: R, codec: Codec) -> Self {
        Self { input: BufReader::with_capacity(1 << 16, reader), codec, between: true, failure: None }
    }
}

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
            let input = self.input.fill_buf()?;
            let at_end = input.is_empty();
            if at_end && self.between {
                return Ok(0);
            }
            let Step { consumed, produced, complete } = self.codec.step(input, output);
            self.input.consume(consumed);
            match complete {
                Ok(complete) => self.between = complete,
                Err(error) => self.failure = Some(io::Error::new(ErrorKind::InvalidData, error)),
            }
            if produced > 0 {
                return Ok(produced);
            }
            if at_end && self.failure.is_none() && !self.between {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
    }
}
