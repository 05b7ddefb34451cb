//! Names in a DNS message, which may point back to what was written before (RFC 1035 §4.1.4).

use std::cell::Cell;

use crate::decode::spec::stretch;

/// More labels than a name of 255 bytes can have, and so more pointers than can each lead to one (RFC 1035 §2.3.4).
const MOST_LABELS: usize = 128;

/// Reads the names of one message. Together they take no more steps, labels and pointers, than the message has bytes,
/// which is several times what honest ones take: names that lead from pointer to pointer could make a short message long.
pub(in crate::decode::application) struct Names<'a> {
    bytes: &'a [u8],
    steps_left: Cell<usize>,
}

/// A question, or the beginning of a record.
pub(in crate::decode::application) struct Entry {
    pub(in crate::decode::application) name: String,
    pub(in crate::decode::application) kind: u16,
    pub(in crate::decode::application) class: u16,
    /// Where the name ends, and where the class does.
    pub(in crate::decode::application) name_end: usize,
    pub(in crate::decode::application) end: usize,
}

impl<'a> Names<'a> {
    /// Reads the names of the message `bytes`.
    pub(in crate::decode::application) const fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, steps_left: Cell::new(bytes.len().saturating_add(MOST_LABELS)) }
    }

    /// The name at byte `at` and where it ends there; `None` where there is none, or where the names before it took all
    /// steps there are.
    pub(in crate::decode::application) fn name(&self, at: usize) -> Option<(String, usize)> {
        let (mut name, mut at, mut limit, mut end) = (String::new(), at, at, None);
        for _ in 0..2 * MOST_LABELS {
            self.steps_left.set(self.steps_left.get().checked_sub(1)?);
            match *self.bytes.get(at)? {
                0 => {
                    let name = if name.is_empty() { "<Root>".to_owned() } else { name };
                    return Some((name, end.unwrap_or(at.saturating_add(1))));
                }
                len @ 1..=0x3f => {
                    let label = stretch(at.saturating_add(1), len.into());
                    at = label.end;
                    let label = self.bytes.get(label)?;
                    if !name.is_empty() {
                        name.push('.');
                    }
                    name.push_str(&String::from_utf8_lossy(label));
                }
                high @ 0xc0.. => {
                    let low = *self.bytes.get(at.saturating_add(1))?;
                    let target = usize::from(u16::from_be_bytes([high & 0x3f, low]));
                    end.get_or_insert(at.saturating_add(2));
                    if target >= limit {
                        return None;
                    }
                    (at, limit) = (target, target);
                }
                _ => return None,
            }
            if name.len() > 255 {
                return None;
            }
        }
        None
    }

    /// Where the name at byte `at` ends there, without a look at where it points.
    pub(super) fn end(&self, mut at: usize) -> Option<usize> {
        loop {
            match *self.bytes.get(at)? {
                0 => return Some(at.saturating_add(1)),
                len @ 1..=0x3f => at = at.saturating_add(1).saturating_add(len.into()),
                0xc0.. => return Some(at.saturating_add(2)).filter(|end| *end <= self.bytes.len()),
                _ => return None,
            }
        }
    }

    /// The question, or the beginning of the record, at byte `at` (RFC 1035 §4.1.2).
    pub(in crate::decode::application) fn entry(&self, at: usize) -> Option<Entry> {
        let (name, name_end) = self.name(at)?;
        let &[a, b, c, d] = self.bytes.get(name_end..)?.first_chunk::<4>()?;
        let (kind, class) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        Some(Entry { name, kind, class, name_end, end: name_end.saturating_add(4) })
    }
}

/// The name at byte `at` of a DNS message, `<Root>` for the empty one, and where it ends there. Pointers only ever lead
/// back (RFC 1035 §4.1.4), so that following them ends. As it was sent: **not** safe to show as it is.
#[must_use]
pub fn dns_name(bytes: &[u8], at: usize) -> Option<(String, usize)> {
    Names::of(bytes).name(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message of nothing but pointers, each to the one before it, down to the name `a` at byte 12.
    fn chain(pointers: usize) -> Vec<u8> {
        let mut bytes = vec![0; 12];
        bytes.extend([1, b'a', 0]);
        let mut target = 12_u16;
        for _ in 0..pointers {
            let here = bytes.len() as u16;
            bytes.extend((0xc000 | target).to_be_bytes());
            target = here;
        }
        bytes
    }

    #[test]
    fn pointers_to_pointers_are_followed_as_far_as_an_honest_name_needs() {
        for (pointers, is_read) in [(1, true), (2, true), (127, true), (8000, false)] {
            let bytes = chain(pointers);
            let name = dns_name(&bytes, bytes.len() - 2);
            assert_eq!(name.is_some(), is_read, "{pointers}");
            assert_eq!(
                Names::of(&bytes).end(bytes.len() - 2),
                Some(bytes.len()),
                "where it ends is known all the same"
            );
        }
    }

    #[test]
    fn all_names_of_a_message_take_no_more_steps_than_it_has_bytes() {
        let bytes = chain(120);
        let names = Names::of(&bytes);
        let read = (0..1000).take_while(|_| names.name(bytes.len() - 2).is_some()).count();
        assert_eq!(read, (bytes.len() + MOST_LABELS) / 122, "120 pointers, a label and the end");
    }
}
