//! TCP's header put together from the fragments it came in.

use crate::decode::Tcp;

/// The bytes that fragments hold, from the first on as far as there is no gap.
pub(super) struct Assembled {
    head: Vec<u8>,
    /// Where the transport's payload begins.
    pub(super) payload: u32,
    /// Where the next byte is missing.
    pub(super) reach: u32,
    /// Whether that is the packet's end.
    pub(super) is_whole: bool,
}

impl Assembled {
    /// Takes fragments in the order of their places: where each begins and ends, whether others follow, and its bytes as far
    /// as they may be of the header. `None` where TCP's header is not there in full, or nothing
    /// is behind it so far.
    pub(super) fn of<'p>(parts: impl Iterator<Item = (u32, u32, bool, &'p [u8])>) -> Option<Self> {
        let (mut head, mut reach, mut is_whole) = (Vec::new(), 0, false);
        for (start, end, more, bytes) in parts {
            if start > reach {
                break;
            }
            let known = head.len().checked_sub(start as usize);
            head.extend(known.and_then(|known| bytes.get(known..)).unwrap_or_default());
            reach = reach.max(end);
            is_whole |= !more && reach == end;
        }
        let payload = Tcp::read(&head)?.bytes().len() as u32;
        (reach > payload || is_whole).then_some(Self { head, payload, reach, is_whole })
    }

    /// TCP's header.
    pub(super) fn tcp(&self) -> Option<Tcp<'_>> {
        Tcp::read(&self.head)
    }
}
