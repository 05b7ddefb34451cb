//! What was measured in a run, an object a number.

use serde::Serialize;

use crate::analyse::Measured;

/// Something measured. Where the run's times were replaced, there are none.
#[derive(Serialize)]
pub(super) struct MeasuredObject<'a> {
    key: &'static str,
    #[serde(flatten)]
    values: Values<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Values<'a> {
    Accepted { packet: u64, after_ns: Option<i64>, waited: bool },
    Woken { lane: &'static str, call: &'a str, packet: u64, waited_ns: Option<i64>, after_ns: Option<i64> },
    Repeated { packet: u64, repeats: u64, after_ns: Option<i64> },
    WindowClosed { packet: u64, unread: u32, probe: Option<LaterObject>, opened: Option<LaterObject> },
    Segments { from: &'static str, bytes: u64, segments: Vec<SegmentsObject> },
    SlowestAck { packet: u64, data: u64, after_ns: Option<i64> },
    Probed { packet: u64, after_ns: Option<i64> },
    WaitedInVain { lane: &'static str, call: &'a str, after_ns: Option<i64> },
    Echoed { packet: u64, request: u64, identifier: u16, sequence: u16, after_ns: Option<i64> },
    Flights { from: &'static str, flights: &'a [u32] },
    Traffic { connections: u64, packets: u64, with_data: u64 },
}

/// A packet, and how long after the other it came.
#[derive(Serialize)]
pub(super) struct LaterObject {
    packet: u64,
    after_ns: Option<i64>,
}

/// Segments in a row that have one size.
#[derive(Serialize)]
pub(super) struct SegmentsObject {
    count: u32,
    size: u32,
}

impl<'a> MeasuredObject<'a> {
    pub(super) fn new(measured: &'a Measured, has_times: bool) -> Self {
        let time = |nanos: i64| has_times.then_some(nanos);
        let later =
            |found: Option<(u64, i64)>| found.map(|(packet, after)| LaterObject { packet, after_ns: time(after) });
        let values = match *measured {
            Measured::Accepted { handshake, after, waited } => {
                Values::Accepted { packet: handshake, after_ns: time(after), waited }
            }
            Measured::Woken { lane, ref call, packet, waited, after } => {
                Values::Woken { lane: lane.name(), call, packet, waited_ns: time(waited), after_ns: time(after) }
            }
            Measured::Repeated { first, again, after } => {
                Values::Repeated { packet: again, repeats: first, after_ns: time(after) }
            }
            Measured::WindowClosed { packet, unread, probe, opened } => {
                Values::WindowClosed { packet, unread, probe: later(probe), opened: later(opened) }
            }
            Measured::Segments { from, bytes, ref sizes } => {
                let segments = sizes.iter().map(|&(count, size)| SegmentsObject { count, size }).collect();
                Values::Segments { from: from.name(), bytes, segments }
            }
            Measured::SlowestAck { data, ack, after } => {
                Values::SlowestAck { packet: ack, data, after_ns: time(after) }
            }
            Measured::Probed { packet, after } => Values::Probed { packet, after_ns: time(after) },
            Measured::WaitedInVain { lane, ref call, after } => {
                Values::WaitedInVain { lane: lane.name(), call, after_ns: time(after) }
            }
            Measured::Echoed { request, reply, identifier, sequence, after } => {
                Values::Echoed { packet: reply, request, identifier, sequence, after_ns: time(after) }
            }
            Measured::Flights { from, ref segments } => Values::Flights { from: from.name(), flights: segments },
            Measured::Traffic { connections, packets, with_data } => {
                Values::Traffic { connections, packets, with_data }
            }
        };
        Self { key: measured.key(), values }
    }
}
