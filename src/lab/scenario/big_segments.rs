//! Who cuts a large send into segments.

use super::definition::{Needs, Scenario};
use super::place::{Lab, hang_up};
use crate::lab::LabError;
use crate::model::{Consequence, Measure, Purpose, ScenarioKey};

pub(super) const SCENARIO: Scenario = Scenario {
    measures: &[Measure::Segments],
    needs: Needs::OwnNetwork,
    columns: &["marks", "len"],
    play,
    ..Scenario::of(ScenarioKey::BigSegments)
};

/// Bytes of data in a segment: the MTU less 20 of IPv4, 20 of TCP and 12 of the timestamp option.
const SEGMENT: usize = 1500 - 20 - 20 - 12;
/// Half of what a new connection may send before the first acknowledgment, which is the most that Linux joins.
const SEGMENTS: usize = 5;

fn play(lab: &Lab) -> Result<(), LabError> {
    let listener = lab.listener(5)?;
    listener.set_mtu(1500)?;
    let client = lab.connected()?;
    let connection = listener.accept()?;
    let message = vec![b'x'; SEGMENT * SEGMENTS];
    client.send(&message)?;
    connection.recv_up_to(message.len())?;
    hang_up(client, connection)?;

    let client = lab.connected()?;
    let connection = listener.accept()?;
    client.turn_segmentation_offload_off()?;
    let mut packets = vec![Consequence::there(Purpose::Data(SEGMENT as u32)); SEGMENTS];
    packets.push(Consequence::back(Purpose::Ack));
    packets.extend([Consequence::back(Purpose::Ack).maybe(); SEGMENTS - 1]);
    client.expecting(packets).send(&message)?;
    connection.recv_up_to(message.len())?;
    hang_up(client, connection)?;
    listener.close()
}
