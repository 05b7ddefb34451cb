//! What the two ends of one conversation said, byte by byte: segments put in order, each byte once, gaps as gaps.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::early::{Early, JoinedParts};
use super::marks::Marks;
use super::moment::Moment;
use super::seen::Seen;
use crate::decode::{Fragment, Packet};
use crate::model::{Frame, Lane, SeqNumber, Transport};

/// How many bytes of one direction wait for a gap before them to be filled; then it is taken for one that stays.
const WAITING: usize = 4 << 20;

/// What a waiting segment takes beside its bytes: a million of one byte each are no small thing.
const OVERHEAD: usize = 64;

/// The next part of what one side said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Bytes, and the packet that brought them first.
    Bytes {
        /// Who sent them.
        from: Lane,
        /// The place of the first in everything that side sent.
        offset: u64,
        /// The bytes.
        bytes: &'a [u8],
        /// The packet.
        at: Moment,
    },
    /// Bytes that are missing: the capture does not hold them, or in fragments that came long after their first one.
    Gap {
        /// Who sent them.
        from: Lane,
        /// The place of the first in everything that side sent.
        offset: u64,
        /// How many.
        len: u64,
    },
}

/// Follows one conversation. Of bytes that were sent twice the first count.
///
/// A gap is waited for until the other side acknowledges what lies behind it, or until 4 MiB wait behind it: what the
/// receiver had and the capture has not will not come any more.
#[derive(Debug, Default)]
pub struct Follow {
    sides: [Side; 2],
    /// Fragments that came before their first ones.
    early: Early,
}

/// What one side sent.
#[derive(Debug, Default)]
struct Side {
    /// How many bytes were handed out or given up.
    next: u64,
    /// The segments behind a gap, by their place: the captured bytes, and how many the capture cut off.
    waiting: BTreeMap<u64, Segment>,
    /// How much memory they take.
    held: usize,
    /// The datagrams that were not handed out as a whole: one whose fragments are still coming, and those behind it.
    open: Vec<Datagram>,
    /// The place behind the last datagram.
    behind: u64,
    /// How many bytes of datagrams were announced by their first fragments, and did not come.
    lacking: u64,
}

/// How many datagrams of one side are kept open: then the fragments of the first of them are not waited for any longer.
const OPEN: usize = 16;

/// A datagram in everything its side sent.
#[derive(Clone, Copy, Debug)]
struct Datagram {
    /// The place of its first byte.
    start: u64,
    /// The place behind its last one, by its own length.
    end: u64,
    /// What its fragments have in common; `None` where it came as a whole.
    identification: Option<u32>,
}

/// The length of a UDP header, which the place of a fragment counts (RFC 768).
const UDP_HEADER: u32 = 8;

/// The bytes of a packet that were captured, how many the capture cut off, and the packet.
type Carried<'a> = (&'a [u8], u64, Moment);

#[derive(Debug)]
struct Segment {
    bytes: Vec<u8>,
    cut: u64,
    at: Moment,
}

/// Bytes of a side as they come, from a place of their stream on, and how many behind them the capture does not hold.
#[derive(Clone, Copy)]
struct Stretch<'a> {
    from: Lane,
    place: u64,
    bytes: &'a [u8],
    cut: u64,
    at: Moment,
}

impl Follow {
    /// Takes in a packet that belongs to no conversation yet: a fragment that comes before its first one waits for it.
    pub fn keep(&mut self, frame: &Frame<'_>, packet: &Packet<'_>) {
        self.early.add(frame, packet);
    }

    /// How many bytes of one side's datagrams lie in fragments that did not come.
    #[must_use]
    pub const fn lacking(&self, from: Lane) -> u64 {
        self.sides[from as usize].lacking
    }

    /// Takes in a packet of the conversation, and hands what can be said now to `say`.
    ///
    /// # Errors
    ///
    /// Whatever `say` says.
    pub fn observe<E>(
        &mut self,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        seen: &Seen,
        mut say: impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (from, bytes, at) = (seen.from, packet.carried(), Moment::of(frame));
        let cut = u64::from(seen.len).saturating_sub(bytes.len() as u64);
        if seen.transport == Transport::Udp {
            self.datagram(from, packet.fragment(), seen.later_len, (bytes, cut, at), &mut say)?;
            let (_, parts) = self.early.take(frame, packet);
            let side = &mut self.sides[from as usize];
            let open = side.open.last().copied();
            return open.map_or(Ok(()), |open| {
                parts.iter().try_for_each(|part| side.put(from, open, part.start, part.as_carried(), &mut say))
            });
        }
        let reset = packet.tcp().is_some_and(|tcp| tcp.flags().rst());
        let opens = packet.tcp().is_some_and(|tcp| tcp.flags().syn());
        // Those wait, or are told together with others.
        let is_of_split = packet.is_fragment() && self.is_of_split_header(frame, packet, seen, &mut say)?;
        if let (Some(seq), false, false) =
            (seen.seq.filter(|_| !is_of_split), reset, seen.marks.contains(Marks::KEEP_ALIVE))
        {
            // Numbers count from 1, behind the SYN; a keep-alive's byte is none of the stream.
            let place = self.sides[from as usize].place(seq.wrapping_add(u32::from(opens)));
            if let Some(place) = place.filter(|_| seen.len > 0) {
                self.sides[from as usize].take(Stretch { from, place, bytes, cut, at }, &mut say)?;
            }
            if let Some(place) = place {
                let (header, parts) = self.early.take(frame, packet);
                for part in parts {
                    let place = place.saturating_add(part.start.saturating_sub(header).into());
                    self.sides[from as usize]
                        .take(Stretch { from, place, bytes: &part.bytes, cut: part.cut, at: part.at }, &mut say)?;
                }
            }
        }
        match seen.ack {
            Some(ack) if !reset => self.sides[from.other() as usize].acknowledged(from.other(), ack, &mut say),
            _ => Ok(()),
        }
    }

    /// Takes in a fragment of a segment whose header comes in several of them; false where it is none, or one that comes
    /// later. What the segment carries is told once its header is there.
    fn is_of_split_header<E>(
        &mut self,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        seen: &Seen,
        say: &mut impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let begins = packet.is_header_split();
        if !begins && !self.early.is_split(packet) {
            return Ok(false);
        }
        self.early.add(frame, packet);
        let Some(JoinedParts { payload, opens, parts }) = self.early.join(packet) else {
            return Ok(begins || seen.seq.is_none());
        };
        let side = &mut self.sides[seen.from as usize];
        let place = seen.seq.and_then(|seq| side.place(seq.wrapping_add(u32::from(opens))));
        for part in &parts {
            let header = payload.saturating_sub(part.start) as usize;
            let bytes = part.bytes.get(header..).unwrap_or_default();
            let cut = part.cut.saturating_sub(header.saturating_sub(part.bytes.len()) as u64);
            let place = place.map(|place| place.saturating_add(part.start.saturating_sub(payload).into()));
            if let Some(place) = place.filter(|_| !bytes.is_empty() || cut > 0) {
                side.take(Stretch { from: seen.from, place, bytes, cut, at: part.at }, say)?;
            }
        }
        Ok(true)
    }

    /// Takes in a datagram or a fragment of one. What a datagram lacks is waited for until the other side speaks, or until
    /// several datagrams have come behind it.
    fn datagram<E>(
        &mut self,
        from: Lane,
        fragment: Option<Fragment>,
        later: u32,
        carried: Carried<'_>,
        say: &mut impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let side = &mut self.sides[from as usize];
        if let Some(fragment) = fragment.as_ref().filter(|fragment| fragment.bytes.start > 0) {
            let is_it = |open: &&Datagram| open.identification == Some(fragment.identification);
            let open = side.open.iter().rfind(is_it).copied();
            return open.map_or(Ok(()), |open| side.put(from, open, fragment.bytes.start, carried, say));
        }
        self.sides[from.other() as usize].end_datagrams(from.other(), say)?;
        let side = &mut self.sides[from as usize];
        if side.open.len() == OPEN {
            side.end_oldest(from, say)?;
        }
        let (bytes, cut, at) = carried;
        let start = side.behind.max(side.next);
        let identification = fragment.map(|fragment| fragment.identification);
        let end = start.saturating_add(bytes.len() as u64).saturating_add(cut).saturating_add(later.into());
        let open = Datagram { start, end, identification };
        (side.behind, side.lacking) = (open.end, side.lacking.saturating_add(later.into()));
        side.open.push(open);
        if !bytes.is_empty() || cut > 0 {
            side.take(Stretch { from, place: start, bytes, cut, at }, say)?;
        }
        side.close_whole();
        Ok(())
    }

    /// Hands out what still waits behind gaps: nothing more will come.
    ///
    /// # Errors
    ///
    /// Whatever `say` says.
    pub fn finish<E>(&mut self, mut say: impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
        for from in [Lane::Client, Lane::Server] {
            self.sides[from as usize].end_datagrams(from, &mut say)?;
        }
        Ok(())
    }
}

impl Side {
    /// The place in the stream of a relative sequence number, the nearest to what comes next; `None` before its
    /// beginning.
    fn place(&self, seq: u32) -> Option<u64> {
        let next = SeqNumber((self.next as u32).wrapping_add(1));
        self.next.checked_add_signed(SeqNumber(seq).distance_from(next).into())
    }

    /// Takes in a later fragment of a datagram, as far as that is long by its own word.
    fn put<E>(
        &mut self,
        from: Lane,
        open: Datagram,
        start: u32,
        (bytes, cut, at): Carried<'_>,
        say: &mut impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.lacking = self.lacking.saturating_sub(bytes.len() as u64).saturating_sub(cut);
        let place = open.start.saturating_add(start.saturating_sub(UDP_HEADER).into());
        let room = open.end.saturating_sub(place);
        let bytes = &bytes[..bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX))];
        let cut = cut.min(room.saturating_sub(bytes.len() as u64));
        if !bytes.is_empty() || cut > 0 {
            self.take(Stretch { from, place, bytes, cut, at }, say)?;
        }
        self.close_whole();
        Ok(())
    }

    /// Forgets the first datagrams, as far as they were handed out as a whole.
    fn close_whole(&mut self) {
        let next = self.next;
        let is_open = |open: &Datagram| open.end > next;
        let whole = self.open.iter().position(is_open).unwrap_or(self.open.len());
        self.open.drain(..whole);
    }

    /// Gives up what is missing of the datagrams that came so far.
    fn end_datagrams<E>(&mut self, from: Lane, say: &mut impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
        self.open.clear();
        while !self.waiting.is_empty() {
            self.give_up(from, say)?;
        }
        self.skip_to(from, self.behind).map_or(Ok(()), say)
    }

    /// Gives up what is missing of the first datagram that is open.
    fn end_oldest<E>(&mut self, from: Lane, say: &mut impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
        let end = self.open.first().map_or(0, |open| open.end);
        while self.waiting.first_key_value().is_some_and(|(place, _)| *place < end) {
            self.give_up(from, say)?;
        }
        self.skip_to(from, end).map_or(Ok(()), &mut *say)?;
        self.catch_up(from, say)?;
        self.close_whole();
        Ok(())
    }

    /// Takes in a segment: says it where it is next, keeps it where it comes behind a gap.
    fn take<E>(&mut self, stretch: Stretch<'_>, say: &mut impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
        let Stretch { from, place, bytes, cut, at } = stretch;
        if place <= self.next {
            self.tell(stretch, say)?;
            return self.catch_up(from, say);
        }
        // The first bytes count: of a segment that repeats one waiting, only what is longer is news.
        let known = self.waiting.get(&place).map_or(0, |known| known.bytes.len());
        if let Some(news) = bytes.get(known..).filter(|news| known == 0 || !news.is_empty())
            && let Entry::Vacant(free) = self.waiting.entry(place.saturating_add(known as u64))
        {
            free.insert(Segment { bytes: news.to_vec(), cut, at });
            self.held = self.held.saturating_add(news.len()).saturating_add(OVERHEAD);
        }
        while self.held > WAITING {
            self.give_up(from, say)?;
        }
        Ok(())
    }

    /// Says a segment's part that is new; what the capture cut off or later fragments hold is a gap.
    fn tell<E>(&mut self, stretch: Stretch<'_>, say: &mut impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
        let Stretch { from, place, bytes, cut, at } = stretch;
        let known = usize::try_from(self.next.saturating_sub(place)).unwrap_or(usize::MAX);
        if let Some(new) = bytes.get(known..).filter(|new| !new.is_empty()) {
            say(Piece::Bytes { from, offset: self.next, bytes: new, at })?;
            self.next = self.next.saturating_add(new.len() as u64);
        }
        let end = place.saturating_add(bytes.len() as u64).saturating_add(cut);
        self.skip_to(from, if cut > 0 { end } else { self.next }).map_or(Ok(()), say)
    }

    /// Says what is next in line, as far as nothing is missing.
    fn catch_up<E>(&mut self, from: Lane, say: &mut impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
        while let Some(entry) = self.waiting.first_entry().filter(|entry| *entry.key() <= self.next) {
            let (place, segment) = entry.remove_entry();
            self.held = self.held.saturating_sub(segment.bytes.len()).saturating_sub(OVERHEAD);
            self.tell(Stretch { from, place, bytes: &segment.bytes, cut: segment.cut, at: segment.at }, say)?;
        }
        Ok(())
    }

    /// Gives up the first gap, and says what waited behind it.
    fn give_up<E>(&mut self, from: Lane, say: &mut impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
        let waits_at = self.waiting.first_key_value().map_or(self.next, |(place, _)| *place);
        self.skip_to(from, waits_at).map_or(Ok(()), &mut *say)?;
        self.catch_up(from, say)
    }

    /// What is missing before a place, which comes next from now on.
    fn skip_to(&mut self, from: Lane, place: u64) -> Option<Piece<'static>> {
        let (offset, len) = (self.next, place.saturating_sub(self.next));
        self.next = self.next.max(place);
        (len > 0).then_some(Piece::Gap { from, offset, len })
    }

    /// Gives up the gaps before what the other side has acknowledged.
    fn acknowledged<E>(
        &mut self,
        from: Lane,
        ack: u32,
        say: &mut impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(acknowledged) = self.place(ack) else { return Ok(()) };
        while self.waiting.first_key_value().is_some_and(|(place, _)| *place < acknowledged) {
            self.give_up(from, say)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::model::LinkType;

    fn moment() -> Moment {
        let link = LinkType::RAW;
        Moment::of(&Frame { number: 1, time: None, interface: 0, link, wire_len: 0, bytes: &[], comments: &[] })
    }

    /// What is said of segments at relative numbers, `-n-` for a gap of n; `ack` comes after them.
    fn said(segments: &[(u32, &str, u64)], ack: Option<u32>, finish: bool) -> String {
        let (mut follow, mut text) = (Follow::default(), String::new());
        let mut say = |piece: Piece<'_>| {
            match piece {
                Piece::Bytes { bytes, .. } => text.push_str(std::str::from_utf8(bytes).unwrap()),
                Piece::Gap { len, .. } => text.push_str(&format!("-{len}-")),
            }
            Ok::<(), Infallible>(())
        };
        let side = &mut follow.sides[0];
        for (seq, bytes, cut) in segments {
            if let Some(place) = side.place(*seq) {
                side.take(
                    Stretch { from: Lane::Client, place, bytes: bytes.as_bytes(), cut: *cut, at: moment() },
                    &mut say,
                )
                .unwrap();
            }
        }
        if let Some(ack) = ack {
            side.acknowledged(Lane::Client, ack, &mut say).unwrap();
        }
        if finish {
            follow.finish(&mut say).unwrap();
        }
        text
    }

    #[test]
    fn segments_are_put_in_order_and_said_once() {
        assert_eq!(said(&[(4, "def", 0), (1, "abc", 0), (1, "abc", 0), (7, "g", 0)], None, false), "abcdefg");
    }

    #[test]
    fn of_bytes_sent_twice_the_first_count() {
        assert_eq!(said(&[(1, "abc", 0), (2, "XYd", 0), (5, "e", 0)], None, false), "abcde");
        assert_eq!(said(&[(4, "de", 0), (4, "XXf", 0), (1, "abc", 0)], None, false), "abcdef");
        assert_eq!(said(&[(3, "cd", 0), (2, "XXX", 0), (1, "a", 0)], None, false), "aXXX", "as they come in order");
    }

    #[test]
    fn a_gap_is_given_up_when_it_is_acknowledged_or_at_the_end() {
        let segments = [(1, "ab", 0), (6, "fg", 0)];
        assert_eq!(said(&segments, None, false), "ab");
        assert_eq!(said(&segments, Some(5), false), "ab");
        assert_eq!(said(&segments, Some(8), false), "ab-3-fg");
        assert_eq!(said(&segments, None, true), "ab-3-fg");
    }

    #[test]
    fn what_the_capture_cut_off_is_a_gap() {
        assert_eq!(said(&[(1, "ab", 8), (11, "kl", 0)], None, false), "ab-8-kl");
    }

    #[test]
    fn numbers_wrap_after_four_gigabytes() {
        let mut side = Side { next: (1 << 32) - 3, ..Side::default() };
        assert_eq!(side.place(u32::MAX - 1), Some((1 << 32) - 3));
        assert_eq!(side.place(2), Some((1 << 32) + 1));
        side.next = (1 << 32) + 5;
        assert_eq!(side.place(u32::MAX), Some((1 << 32) - 2));
    }

    #[test]
    fn what_waits_is_bounded_in_bytes_and_in_segments() {
        for (len, apart) in [(60_000, 100_000), (1, 2)] {
            let (mut side, mut gaps, bytes) = (Side::default(), 0, vec![0; len]);
            for index in 0..(2 * WAITING / (len + OVERHEAD)) as u64 {
                let mut say = |piece: Piece<'_>| {
                    gaps += usize::from(matches!(piece, Piece::Gap { .. }));
                    Ok::<(), Infallible>(())
                };
                side.take(
                    Stretch { from: Lane::Client, place: 1 + index * apart, bytes: &bytes, cut: 0, at: moment() },
                    &mut say,
                )
                .unwrap();
                assert!(side.held <= WAITING && side.waiting.len() <= WAITING / (len + OVERHEAD));
            }
            assert!(gaps >= WAITING / (len + OVERHEAD) - 1, "{gaps}");
        }
    }
}
