//! How much may be under way: slow start, a loss, fast retransmit.

use std::time::Duration;

use super::definition::Scenario;
use super::place::{Lab, Pair, hang_up_slowly};
use crate::lab::network::Fate;
use crate::lab::{LabError, Topology};
use crate::model::{Consequence, Measure, Purpose, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario = Scenario {
    measures: &[Measure::Flights, Measure::Repetition],
    seconds: Some(1),
    play,
    ..Scenario::apart(ScenarioKey::Congestion, &[Topology::Routed])
};

/// How long each packet takes.
const WAY: Duration = Duration::from_millis(50);

/// Bytes of data in a segment: the MTU less 20 of IPv4, 20 of TCP and 12 of the timestamp option.
const SEGMENT: usize = 1500 - 20 - 20 - 12;
/// Enough for flights of 10, 20 and 40, and what follows the loss.
const SEGMENTS: usize = 100;
/// The one that is lost, in the third flight.
const LOST: usize = 45;

fn play(lab: &Lab) -> Result<(), LabError> {
    let mut segments = 0;
    let router = lab.hosts.forward(move |passing| {
        let is_data = passing.to_server && passing.data() > 0;
        segments += usize::from(is_data);
        if is_data && segments == LOST { Fate::IsLost } else { Fate::Waits(WAY) }
    })?;
    let mut listener = lab.server(Transport::Tcp)?;
    listener.reuse_address()?;
    listener.receive_buffer(2 * SEGMENT * SEGMENTS)?;
    listener.bind(lab.at_server())?;
    listener.listen(5)?;
    let mut client = lab.client(Transport::Tcp)?;
    client.use_reno()?;
    client.send_buffer(2 * SEGMENT * SEGMENTS)?;
    client.connect(lab.at_server())?;
    let connection = listener.accept()?;
    let segment = Consequence::there(Purpose::Data(SEGMENT as u32)).or_in_pieces();
    let ack = Consequence::back(Purpose::Ack);
    let mut packets = vec![segment; SEGMENTS + 1];
    packets.extend([segment.maybe(); 2]);
    packets.push(ack);
    packets.extend([ack.maybe(); SEGMENTS + 10]);
    client.expecting(packets).send(&[b'x'; SEGMENT * SEGMENTS])?;
    connection.recv_all(SEGMENT * SEGMENTS)?;
    hang_up_slowly(Pair { listener, client, connection })?;
    router.finish().map_err(LabError::Router)
}
