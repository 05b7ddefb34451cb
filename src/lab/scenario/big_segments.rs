//! Who cuts a large send into segments.

use super::{Lab, Pair, Scenario};
use crate::lab::LabError;
use crate::lab::link::{set_mtu, set_segmentation_offload};
use crate::model::{Consequence, Lane, Measure, Purpose};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "big-segments",
    title: "one large send(): a super-segment with offload on, segments of the MSS with it off",
    teaches: &[
        "With an MTU of 1500 the ends agree on an MSS of 1460: 1448 bytes of data a segment, as 12 go to the timestamps.",
        "With segmentation offload the kernel hands one super-segment of 7240 bytes to the link, for the network card to \
         cut; loopback has no card, so it stays whole. A capture on a real machine shows the same.",
        "With offload off, the kernel cuts: five segments of 1448 bytes.",
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
    set_mtu(1500).map_err(|errno| refused("setting the MTU", errno))?;
    let pair = lab.pair()?;
    let message = vec![b'x'; SEGMENT * SEGMENTS];
    pair.client.send(&message)?;
    pair.connection.recv_up_to(message.len())?;
    pair.hang_up()?;

    set_segmentation_offload(false).map_err(|errno| refused("turning offload off", errno))?;
    let Pair { listener, client, connection } = lab.pair()?;
    let mut packets = vec![Consequence::there(Purpose::Data(SEGMENT as u32)); SEGMENTS];
    packets.push(Consequence::back(Purpose::Ack));
    packets.extend([Consequence::back(Purpose::Ack).maybe(); SEGMENTS - 1]);
    client.expecting(packets).send(&message)?;
    connection.recv_up_to(message.len())?;
    Pair { listener, client, connection }.hang_up()
}

fn refused(doing: &str, errno: rustix::io::Errno) -> LabError {
    LabError::Call { lane: Lane::Server, call: doing.to_owned(), errno }
}
