//! Lines of the protocols that speak in lines of text.

/// The first line of a message without its line break; `None` where it holds control characters, which no such
/// protocol sends, or where there is no end in sight and `payload` is too long for a line.
pub(super) fn first_line(payload: &[u8]) -> Option<&[u8]> {
    const LONGEST: usize = 1024;
    let end = payload.iter().take(LONGEST).position(|byte| *byte == b'\n');
    let line = match end {
        Some(end) => &payload[..end],
        None if payload.len() <= LONGEST => payload,
        None => return None,
    };
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let plain = |byte: &u8| *byte == b'\t' || (*byte >= 0x20 && *byte != 0x7f);
    (!line.is_empty() && line.iter().all(plain)).then_some(line)
}

/// A command word and what follows it: `MAIL`, `FROM:<a@b>`.
pub(super) fn command(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    (word, rest.strip_prefix(b" ").unwrap_or(rest))
}

/// A three-digit reply and its text: `220`, `ready` (RFC 959 §4.2, RFC 5321 §4.2).
pub(super) fn reply(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (code, rest) = line.split_at_checked(3)?;
    let digits = code[0].is_ascii_digit() && (b'1'..=b'6').contains(&code[0]) && code.iter().all(u8::is_ascii_digit);
    match rest {
        [] if digits => Some((code, rest)),
        [b' ' | b'-', text @ ..] if digits => Some((code, text)),
        _ => None,
    }
}

/// The number that three ASCII digits write.
pub(super) fn number(digits: &[u8]) -> u64 {
    digits
        .iter()
        .fold(0, |number, digit| u64::saturating_mul(number, 10).saturating_add(u64::from(digit.wrapping_sub(b'0'))))
}
