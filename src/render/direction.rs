//! What one side of a conversation sent, and how that went, as columns.

use super::connection::{Connected, traffic};
use super::grid::{Column, Get};
use crate::analyse::{Connection, Health, Mark, Moment, RoundTrip};
use crate::model::Lane;

/// The columns of how long something took whenever it happened: the kind of rows, the beginning of the keys, its name, and a
/// row's times.
macro_rules! times {
    ($row:ty, $key:expr, $name:literal, $times:expr) => {
        [
            Column::new(
                concat!($key, ".samples"),
                concat!("how often the ", $name, " was measured"),
                Get::Count(|row: &$row| $times(row).map(|times| times.samples)),
            ),
            times!(@of $row, $key, $times, min, "the shortest ", $name),
            times!(@of $row, $key, $times, median, "the median ", $name),
            times!(@of $row, $key, $times, p95, "the ", $name, " that 95 % do not exceed"),
            times!(@of $row, $key, $times, max, "the longest ", $name),
        ]
    };
    (@of $row:ty, $key:expr, $times:expr, $which:ident, $($doc:literal),+) => {
        Column::new(
            concat!($key, ".", stringify!($which)),
            concat!($($doc),+),
            Get::Duration(|row: &$row| $times(row).map(|times| times.$which)),
        )
    };
}

pub(super) use times;

/// What one side sent, and how that went: who that is, the beginning of its keys and of its headings in CSV, and the
/// arrow above the table's columns.
macro_rules! side {
    ($lane:expr, $group:literal, $side:literal, $arrow:literal) => {{
        fn times<T: Connected>(row: &T) -> Option<RoundTrip> {
            row.connection().health($lane).and_then(Health::round_trip)
        }
        let mut columns: Vec<Column<T>> = traffic($lane).into();
        columns.extend([
            Column::new(
                concat!($group, ".payload"),
                concat!("bytes that the ", $side, "'s packets carried"),
                Get::Count(|row: &T| Some(row.connection().traffic($lane).payload)),
            )
            .headed(concat!("payload ", $arrow), 0)
            .once(&[concat!($side, "_payload")]),
            Column::new(
                concat!($group, ".first_frame"),
                concat!("the ", $side, "'s first packet"),
                Get::Number(|row: &T| row.connection().traffic($lane).first.map(Moment::frame)),
            )
            .or_null(),
            Column::new(
                concat!($group, ".last_frame"),
                concat!("the ", $side, "'s last packet"),
                Get::Number(|row: &T| row.connection().traffic($lane).last.map(Moment::frame)),
            )
            .or_null(),
            Column::new(
                concat!($group, ".marks"),
                "by their keys, which are Wireshark's behind tcp.analysis where it has one; what never occurred is left out",
                Get::Counts(|row: &T, each| marks(row.connection(), $lane, each)),
            ),
        ]);
        columns.extend(times!(T, concat!($group, ".rtt_ns"), "round trip", times));
        columns.extend([
            Column::new(
                concat!($group, ".max_in_flight"),
                concat!("the most bytes of the ", $side, " that were on their way at once"),
                Get::Count(|row: &T| row.connection().health($lane).map(|health| health.max_in_flight().into())),
            )
            .or_null(),
            Column::new(
                concat!($group, ".missed_bytes"),
                "of TCP: acknowledged, but not captured; of UDP: in fragments that did not come",
                Get::Count(|row: &T| row.connection().missed($lane)),
            )
            .or_null(),
            Column::new(
                concat!($group, ".goodput_bits_per_second"),
                concat!("bits of the ", $side, " that were acknowledged in a second"),
                Get::Count(|row: &T| row.connection().health($lane).and_then(Health::goodput)),
            )
            .or_null(),
        ]);
        columns
    }};
}

/// What the client sent.
pub(super) fn from_client<T: Connected>() -> Vec<Column<T>> {
    side!(Lane::Client, "from_client", "client", "→")
}

/// What the server sent.
pub(super) fn from_server<T: Connected>() -> Vec<Column<T>> {
    side!(Lane::Server, "from_server", "server", "←")
}

/// How often each mark occurred on one side, in the order of their names.
fn marks(connection: &Connection, from: Lane, each: &mut dyn FnMut(&str, u64)) {
    let counted = Mark::ALL.iter().map(|mark| (mark, connection.marked_from(from, (*mark).into())));
    let mut counts: Vec<(&'static str, u32)> =
        counted.filter(|(_, count)| *count > 0).map(|(mark, count)| (mark.key(), count)).collect();
    counts.sort_unstable();
    counts.iter().for_each(|(name, count)| each(name, (*count).into()));
}
