//! A conversation of any length in a bounded number of rows: runs of data are folded, then the middle is left out.

use super::event::{Event, Run, What};
use super::marks::{Mark, Marks};
use super::observed::Observed;
use super::timeline::Timeline;
use crate::model::{SeqNumber, Transport};

/// The fewest rows worth keeping: the beginning and the end of a conversation.
const FEWEST: usize = 8;

/// Marks that say nothing about how the data got through.
const HARMLESS: Marks = Marks::of(&[Mark::Cut, Mark::SuperSegment, Mark::WindowUpdate]);

/// Collects the packets of one conversation.
#[derive(Debug)]
pub struct Rows {
    max: usize,
    rows: Vec<Row>,
    /// Once the middle is left out: how many rows stand before it, and how many packets it holds.
    omitted: Option<(usize, u64)>,
}

/// A packet, or several folded into the first of them.
#[derive(Debug)]
struct Row {
    observed: Observed,
    run: Option<Run>,
}

impl Rows {
    /// Keeps at most about `max` rows; up to there every packet is a row of its own.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { max: max.max(FEWEST), rows: Vec::new(), omitted: None }
    }

    /// Takes in the next packet.
    pub fn push(&mut self, observed: Observed) {
        self.rows.push(Row { observed, run: None });
        if self.rows.len() > self.max.saturating_mul(2) {
            self.fold();
        }
    }

    /// The packets that are left, and the timeline of the conversation made of them by `make`, which may say more
    /// of them.
    pub fn finish(
        mut self,
        make: impl FnOnce(&mut [Observed]) -> Option<Timeline>,
    ) -> (Vec<Observed>, Option<Timeline>) {
        if self.rows.len() > self.max {
            self.fold();
        }
        let (mut packets, runs): (Vec<Observed>, Vec<Option<Run>>) =
            self.rows.into_iter().map(|row| (row.observed, row.run)).unzip();
        let timeline = make(&mut packets).map(|mut timeline| {
            note(&mut timeline.events, &runs, self.omitted);
            timeline
        });
        (packets, timeline)
    }

    /// Folds what can be folded, and leaves out the middle of what is still too much.
    fn fold(&mut self) {
        let before = self.omitted.map_or(0, |(before, _)| before);
        let mut folded: Vec<Row> = Vec::with_capacity(self.rows.len());
        for (place, row) in self.rows.drain(..).enumerate() {
            let refused = match folded.last_mut() {
                Some(last) if place != before => last.absorb(row),
                _ => Some(row),
            };
            folded.extend(refused);
            if place.checked_add(1) == Some(before) {
                self.omitted = self.omitted.map(|(_, packets)| (folded.len(), packets));
            }
        }
        self.rows = folded;
        if self.rows.len() > self.max {
            self.leave_out();
        }
    }

    fn leave_out(&mut self) {
        let (before, already) = self.omitted.unwrap_or((self.max / 2, 0));
        let until = self.rows.len().saturating_sub(self.max / 2);
        let left_out = self.rows.drain(before..until.max(before)).map(|row| row.packets()).fold(0, u64::saturating_add);
        self.omitted = Some((before, left_out.saturating_add(already)));
    }
}

impl Row {
    /// How many packets it stands for.
    fn packets(&self) -> u64 {
        self.run.map_or(1, |run| run.packets.saturating_add(run.acks))
    }

    /// Takes in the next row where it goes on with this one's data, else gives it back.
    fn absorb(&mut self, next: Row) -> Option<Row> {
        let (Some(mut run), Some(more)) = (self.run.or_else(|| self.as_run()), next.run.or_else(|| next.as_run()))
        else {
            return Some(next);
        };
        let (Some(own), Some(other)) = (self.observed.seen, next.observed.seen) else { return Some(next) };
        let same_side = own.from == other.from;
        let goes_on = match (run.packets > 0, more.packets > 0) {
            (true, true) => same_side,
            (true, false) => !same_side && !is_repeated(other.marks),
            (false, false) => same_side && own.marks == other.marks,
            (false, true) => false,
        };
        if !goes_on || (own.client, own.server) != (other.client, other.server) {
            return Some(next);
        }
        run.numbers = run.numbers.zip(more.numbers).map(|((first, end), (_, next_end))| {
            (first, if same_side { SeqNumber(end).later(SeqNumber(next_end)).0 } else { end })
        });
        run.packets = run.packets.saturating_add(more.packets);
        run.bytes = run.bytes.saturating_add(more.bytes);
        run.acks = run.acks.saturating_add(more.acks);
        self.run = Some(run);
        None
    }

    /// The packet as a run of one: data, or an acknowledgment and nothing else; `None` for whatever is worth seeing alone.
    fn as_run(&self) -> Option<Run> {
        let seen = self.observed.seen?;
        let has_data = seen.len > 0 || seen.transport == Transport::Udp;
        let harmless = if has_data { HARMLESS } else { HARMLESS | Marks::DUPLICATE_ACK };
        let harmful = !harmless.contains(seen.marks);
        let is_plain = match self.observed.packet().tcp() {
            Some(tcp) => !(tcp.flags().syn() || tcp.flags().fin() || tcp.flags().rst()),
            None => seen.transport == Transport::Udp,
        };
        if harmful || !is_plain {
            return None;
        }
        Some(Run {
            packets: u64::from(has_data),
            bytes: u64::from(seen.len),
            numbers: if has_data {
                seen.seq.map(|seq| (seq, seq.wrapping_add(seen.len)))
            } else {
                seen.ack.map(|ack| (ack, ack))
            },
            acks: u64::from(!has_data),
        })
    }
}

/// Whether an acknowledgment says nothing but that a segment is still missing.
const fn is_repeated(marks: Marks) -> bool {
    marks.contains(Marks::DUPLICATE_ACK)
}

/// Writes the runs, and what is left out, into the events.
fn note(events: &mut Vec<Event>, runs: &[Option<Run>], omitted: Option<(usize, u64)>) {
    let mut gap = None;
    for (index, event) in events.iter_mut().enumerate() {
        let What::Packet { packet, .. } = event.what else { continue };
        if omitted.is_some_and(|(before, _)| packet >= before) {
            gap = gap.or(Some(index));
        }
        if let Some(run) = runs.get(packet).copied().flatten() {
            event.what = What::Run { packet, run };
        }
    }
    if let (Some(index), Some((_, packets))) = (gap, omitted) {
        events.insert(index, Event::new(None, What::Omitted(packets)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::Seen;
    use crate::model::{Lane, LinkType, OwnedFrame};

    fn datagram(number: u64, from: Lane, marks: Marks) -> Observed {
        let frame = OwnedFrame {
            number,
            time: None,
            interface: 0,
            link: LinkType::RAW,
            wire_len: 0,
            bytes: Vec::new(),
            comments: Vec::new(),
        };
        let seen = Seen {
            transport: Transport::Udp,
            stream: 0,
            from,
            assumed: false,
            seq: None,
            ack: None,
            window: None,
            window_scale: None,
            len: 10,
            later_len: 0,
            client: None,
            server: None,
            answers: None,
            announced: None,
            marks,
        };
        Observed { frame, seen: Some(seen) }
    }

    fn folded(max: usize, packets: impl Iterator<Item = Observed>) -> Rows {
        let mut rows = Rows::new(max);
        packets.for_each(|packet| rows.push(packet));
        if rows.rows.len() > rows.max {
            rows.fold();
        }
        rows
    }

    /// The first packet of each row, and how many it stands for.
    fn kept(rows: &Rows) -> Vec<(u64, u64)> {
        rows.rows.iter().map(|row| (row.observed.frame.number, row.packets())).collect()
    }

    #[test]
    fn what_fits_is_left_as_it_is() {
        let rows = folded(8, (1..=8).map(|number| datagram(number, Lane::Client, Marks::NONE)));
        assert_eq!((kept(&rows).len(), rows.omitted), (8, None));
    }

    #[test]
    fn runs_end_where_the_direction_turns_or_something_is_remarkable() {
        let packets = (1..=30).map(|number| match number {
            11..=20 => datagram(number, Lane::Server, Marks::NONE),
            25 => datagram(number, Lane::Client, Marks::RETRANSMISSION),
            _ => datagram(number, Lane::Client, Marks::NONE),
        });
        let rows = folded(8, packets);
        assert_eq!(kept(&rows), [(1, 10), (11, 10), (21, 4), (25, 1), (26, 5)]);
        assert_eq!(rows.omitted, None);
    }

    #[test]
    fn no_packet_is_lost_count_of_when_the_middle_is_left_out() {
        let turn = |number: u64| if number.is_multiple_of(2) { Lane::Client } else { Lane::Server };
        let rows = folded(10, (1..=1000).map(|number| datagram(number, turn(number), Marks::NONE)));
        let (numbers, packets): (Vec<u64>, Vec<u64>) = kept(&rows).into_iter().unzip();
        assert_eq!(packets.iter().sum::<u64>() + rows.omitted.unwrap().1, 1000);
        assert_eq!(numbers, [1, 2, 3, 4, 5, 996, 997, 998, 999, 1000]);
    }
}
