//! Who cuts a large send into segments.

use super::definition::Scenario;
use super::place::{Lab, hang_up};
use crate::lab::LabError;
use crate::model::{Consequence, Measure, Purpose};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "big-segments",
    title: "one large send(): a super-segment with offload on, segments of the MSS with it off",
    teaches: &[
        "With an MTU of 1500 (ioctl(SIOCSIFMTU) on the loopback, whose own is 65536) the ends agree on an MSS of 1460: 1448 \
         bytes of data a segment, as 12 go to the timestamps.",
        "With segmentation offload the kernel hands one super-segment of 7240 bytes to the link, for the network card to \
         cut; loopback has no card, so it stays whole. A capture on a real machine shows the same.",
        "With offload off (ioctl(SIOCETHTOOL), as ethtool -K does it), the kernel cuts: five segments of 1448 bytes.",
    ],
    measures: &[Measure::Segments],
    changes_network: true,
    play,
    ..Scenario::PLAIN
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
