//! What lies between `send()` and `recv()`.

use std::time::Duration;

use super::{Lab, Pair, SERVER, Scenario};
use crate::lab::LabError;
use crate::model::{Consequence, Purpose, Transport};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "buffers",
    title: "send() returns before anybody reads; the window shrinks to zero and opens again",
    teaches: &[
        "send() returns when the kernel has the bytes: five messages were sent before the server read one.",
        "The window is the room left in the receiver's buffer: it shrank with every segment, down to 0.",
        "The fifth message had to wait in the sender's kernel, which asked with probes whether the window had opened.",
        "When the server read, a window update let the last message go.",
    ],
    play,
    ..Scenario::PLAIN
};

/// A quarter of the window that a receive buffer of this size makes.
const BUFFER: usize = 4096;
const MESSAGE: [u8; 1024] = [b'x'; 1024];

fn play(lab: &Lab) -> Result<(), LabError> {
    let mut listener = lab.server(Transport::Tcp)?;
    listener.reuse_address()?;
    listener.receive_buffer(BUFFER)?;
    listener.bind(SERVER)?;
    listener.listen(5)?;
    let client = lab.connected()?;
    let connection = listener.accept()?;
    for _ in 0..4 {
        client.send(&MESSAGE)?;
        connection.acknowledge_at_once();
    }
    let probe = [Consequence::there(Purpose::Ack), Consequence::back(Purpose::Ack)];
    client.expecting([probe[0], probe[1], probe[0].maybe(), probe[1].maybe()]).send(&MESSAGE)?;
    // Meanwhile the server does something else.
    client.wait_readable(Duration::from_millis(300))?;
    let update = Consequence::there(Purpose::Ack);
    let rest = [Consequence::back(Purpose::Data(1024)), Consequence::there(Purpose::Ack)];
    connection.expecting([update, rest[0], rest[1]]).recv()?;
    connection.recv()?;
    Pair { listener, client, connection }.hang_up()
}
