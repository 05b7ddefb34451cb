//! What is worth measuring in a run.

/// A quantity that a run's packets and calls tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// How long calls had waited for the packet that ended their wait.
    Wait,
    /// How long after a finished handshake `accept()` took it over.
    AcceptAfterHandshake,
    /// How long the kernel waited before it sent something again.
    Repetition,
    /// How much lay unread when the window closed, and when it opened again.
    ClosedWindow,
    /// How a side's bytes were cut into segments.
    Segments,
    /// How long the slowest acknowledgment took.
    SlowestAck,
    /// After how much silence the kernel probed.
    Probe,
    /// How long a call waited in vain.
    VainWait,
    /// How many connections and packets it took.
    Traffic,
    /// How long it took until a host said that it is there.
    Echo,
    /// How many segments went off together, between two pauses.
    Flights,
}
