//! Sets of words that each language spells: headings and labels.

/// The words of a ladder that do not depend on its conversation.
#[derive(Clone, Copy, Debug)]
pub struct LadderWords {
    /// Who the ends are.
    pub sides: [&'static str; 2],
    /// Above the calls of each side.
    pub calls: [&'static str; 2],
    /// Above the states of each side.
    pub states: [&'static str; 2],
    /// Above the states of the side that one looks on from.
    pub own_state: &'static str,
    /// Above the arrows.
    pub wire: &'static str,
    /// What the sign behind a state means.
    pub confirmed: &'static str,
    /// Above rows as they come, before and behind the arrows' ends: what is from the peer, what to it, and calls.
    pub live: [&'static str; 3],
    /// Above times of day.
    pub time: &'static str,
    /// A packet of UDP.
    pub datagram: &'static str,
}

/// The words around a packet that is opened.
#[derive(Clone, Copy, Debug)]
pub struct OpenedWords {
    /// The border between the application and the transport.
    pub socket_interface: &'static str,
    /// A header of a packet that is quoted.
    pub quoted: &'static str,
    /// A value without bytes.
    pub derived: &'static str,
    /// A bit, 0 and 1.
    pub bit: [&'static str; 2],
    /// Above the bars of the layers' sizes, and below them.
    pub each_layer_adds: &'static str,
    /// How much a character of them stands for.
    pub two_bytes: &'static str,
    /// Above the sentences of a scenario.
    pub shows: &'static str,
}

/// The words around packets that were seen in several places.
#[derive(Clone, Copy, Debug)]
pub struct WaysWords {
    /// Above where each packet was seen.
    pub everywhere: &'static str,
    /// Above what each is.
    pub packet: &'static str,
    /// A question whether a host is there, and its answer, before their number.
    pub echo: [&'static str; 2],
    /// Above the names of the places.
    pub place: &'static str,
    /// Above who sent a frame.
    pub source: &'static str,
    /// Above whom it went to.
    pub destination: &'static str,
    /// What is the same everywhere.
    pub unchanged: &'static str,
}

/// What a message of the protocols around IP says, where that is no name of its table.
#[derive(Clone, Copy, Debug)]
pub enum Asks<'a> {
    /// ARP asks who has the first address, and tells the second.
    WhoHas(&'a str, &'a str),
    /// ARP answers where the first address is.
    IsAt(&'a str, &'a str),
    /// A type without a name.
    Type(&'a str),
}
