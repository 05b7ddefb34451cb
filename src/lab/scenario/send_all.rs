//! What `send()` takes when the buffer is full.

use std::time::Duration;

use rustix::io::Errno;

use super::definition::{FLOW, Scenario};
use super::place::{Lab, Pair, SERVER};
use crate::lab::error::must_fail;
use crate::lab::{LabError, Socket};
use crate::model::{Consequence, Measure, Purpose, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario =
    Scenario { measures: &[Measure::ClosedWindow], columns: FLOW, play, ..Scenario::of(ScenarioKey::SendAll) };

/// The buffers that are asked for; Linux doubles both, for what it notes beside the bytes.
const BUFFER: usize = 8_192;

/// More than both buffers hold.
const MESSAGE: usize = 40_000;

fn play(lab: &Lab) -> Result<(), LabError> {
    let mut listener = lab.server(Transport::Tcp)?;
    listener.reuse_address()?;
    listener.receive_buffer(BUFFER)?;
    listener.bind(SERVER)?;
    listener.listen(5)?;
    let mut client = lab.client(Transport::Tcp)?;
    client.send_buffer(BUFFER)?;
    client.connect(SERVER)?;
    let connection = listener.accept()?;
    client.do_not_wait()?;
    send_all(&client, &connection)?;
    Pair { listener, client, connection }.hang_up()
}

/// What `sendall()` does: it sends what is left until nothing is, and waits where there is no room. Meanwhile the server
/// reads.
fn send_all(client: &Socket, connection: &Socket) -> Result<(), LabError> {
    let message = [b'x'; MESSAGE];
    let ack = Consequence::there(Purpose::Ack).maybe();
    let (mut taken, mut left, mut received) = (0, 0, 0);
    while received < MESSAGE {
        while let Some(rest) = message.get(taken..).filter(|rest| !rest.is_empty()) {
            let Some(more) = take(client.send_some(rest))? else { break };
            taken += more;
            let segment = Consequence::there(leaves(client, taken, &mut left)?);
            client.accounts_for([segment.or_in_pieces(), Consequence::back(Purpose::Ack).maybe()]);
        }
        received += connection.recv_up_to(MESSAGE)?.len();
        let segment = Consequence::back(leaves(client, taken, &mut left)?);
        connection.accounts_for([ack, ack, segment.or_in_pieces(), ack]);
        if taken < MESSAGE {
            client.wait_writable(Duration::from_secs(1))?;
        }
    }
    Ok(())
}

/// The bytes that left the client's buffer by a call: of those that the kernel took, all but what waits, less those before.
fn leaves(client: &Socket, taken: usize, left: &mut usize) -> Result<Purpose, LabError> {
    let now = taken.saturating_sub(client.unsent()?);
    let more = now.saturating_sub(std::mem::replace(left, now));
    Ok(Purpose::Data(u32::try_from(more).unwrap_or(u32::MAX)))
}

/// How many bytes were taken; `None` where there was no room.
fn take(sent: Result<usize, LabError>) -> Result<Option<usize>, LabError> {
    match sent {
        Ok(taken) => Ok(Some(taken)),
        full @ Err(_) => must_fail(full, Errno::AGAIN).map(|()| None),
    }
}
