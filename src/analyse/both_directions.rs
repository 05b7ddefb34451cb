//! What one conversation comes to, both directions taken together.

use super::connection::Connection;
use super::marks::Marks;
use crate::model::Lane;

/// Both directions of a conversation.
const LANES: [Lane; 2] = [Lane::Client, Lane::Server];

/// What both directions come to.
fn of_both(of: impl Fn(Lane) -> u64) -> u64 {
    LANES.into_iter().map(of).fold(0, u64::saturating_add)
}

impl Connection {
    /// Nanoseconds from its earliest packet to its latest, by their times, in whatever order they were captured; `None`
    /// where the capture gives no times.
    #[must_use]
    pub fn duration(&self) -> Option<i64> {
        self.span().map(|(earliest, latest)| latest - earliest)
    }

    /// How many packets of both directions carry a mark.
    #[must_use]
    pub fn marked(&self, mark: Marks) -> u64 {
        of_both(|lane| self.marked_from(lane, mark).into())
    }

    /// How many packets of one side carry a mark.
    #[must_use]
    pub fn marked_from(&self, from: Lane, mark: Marks) -> u32 {
        if mark == Marks::CUT {
            return u32::try_from(self.traffic(from).cut).unwrap_or(u32::MAX);
        }
        // The client's SYN is remembered where there is nothing else yet to have a health.
        let reopens = self.reopens && from == Lane::Client && mark == Marks::REUSED_PORTS;
        self.health(from).map_or(0, |health| health.count(mark)).saturating_add(u32::from(reopens))
    }

    /// Packets of both directions.
    #[must_use]
    pub fn packets(&self) -> u64 {
        of_both(|lane| self.traffic(lane).packets)
    }

    /// Bytes on the wire of both directions.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        of_both(|lane| self.traffic(lane).bytes)
    }

    /// How many resets were sent, by either side.
    #[must_use]
    pub fn resets(&self) -> u64 {
        self.closing().map_or(0, |closing| of_both(|lane| closing.resets(lane).into()))
    }

    /// The round trip in nanoseconds: the median of the direction that waits longer for its acknowledgments, which is
    /// the one whose sender is nearer to the capture; the handshake's where no data was acknowledged. For UDP, the
    /// median time of an answer.
    #[must_use]
    pub fn round_trip_time(&self) -> Option<i64> {
        if let Some(exchange) = self.exchange() {
            return exchange.answer_times().map(|times| times.median);
        }
        let measured = LANES.iter().filter_map(|lane| Some(self.health(*lane)?.round_trip()?.median)).max();
        measured.or_else(|| self.handshake()?.initial_rtt())
    }
}
