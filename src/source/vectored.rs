//! Writing savefile records that lie in parts, and how much of them is whole where only a part was taken.

use std::io::{ErrorKind, IoSlice, Result, Write};

use super::format::Format;

/// Writes all of the parts, in one call where `out` takes them; says how many bytes were taken, also where not all were.
pub(super) fn write_parts(out: &mut impl Write, parts: [&[u8]; 3]) -> (usize, Result<()>) {
    let mut slices = parts.map(IoSlice::new);
    let mut left = &mut slices[..];
    let mut written = 0;
    IoSlice::advance_slices(&mut left, 0);
    while !left.is_empty() {
        match out.write_vectored(left) {
            Ok(0) => return (written, Err(ErrorKind::WriteZero.into())),
            Ok(taken) => {
                written = usize::saturating_add(written, taken);
                IoSlice::advance_slices(&mut left, taken);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (written, Err(error)),
        }
    }
    (written, Ok(()))
}

/// How many of the first `written` bytes are whole records. `records` are records of this format, one after the other; the
/// last may lack its end.
pub(super) fn whole(records: &[u8], format: Format, written: usize) -> usize {
    let mut end = 0;
    let next = |end: usize| {
        length(records.get(end..)?, format).map(|length| end.saturating_add(length)).filter(|end| *end <= written)
    };
    while let Some(after) = next(end) {
        end = after;
    }
    end
}

/// How long the first of the records is, by its own word.
fn length(records: &[u8], format: Format) -> Option<usize> {
    let (place, header) = match format {
        Format::Pcap => (8..12, 16),
        Format::Pcapng => (4..8, 0),
    };
    let said = u32::from_le_bytes(records.get(place)?.try_into().ok()?);
    Some((said as usize).saturating_add(header))
}
