//! The columns a packet can be shown in: what each is called, and how much it would be missed. What stands in them is
//! the business of [`cells`](super::cells).

use super::time::TimeStyle;
use crate::model::Layer;

/// What there is to know about a column.
struct About {
    name: &'static str,
    heading: &'static str,
    layer: Option<Layer>,
    /// How much it would be missed: where there is no room, the column with the highest number goes first.
    dispensable: u8,
    /// Whether it holds numbers, which stand to the right and are never cut.
    is_number: bool,
    /// Whether it needs to know the packet's conversation.
    follows: bool,
    /// How wide its cells usually are, for when there are too few to tell.
    usual: usize,
}

const NUMBER: bool = true;
const TEXT: bool = false;
const FOLLOWS: bool = true;
const ALONE: bool = false;

/// One line a column: name, heading, layer, how dispensable, whether it is a number, whether it follows conversations,
/// how wide it usually is.
macro_rules! columns {
    ($($(#[$doc:meta])* $variant:ident: $name:literal, $heading:literal, $layer:expr, $dispensable:literal, $number:expr, $follows:expr, $usual:literal;)*) => {
        /// A column of the packet table, from left to right.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Column {
            $($(#[$doc])* $variant,)*
        }

        impl Column {
            /// All there are, from left to right.
            pub const ALL: &[Self] = &[$(Self::$variant),*];
        }

        /// In the order of the variants.
        const ABOUT: &[About] = &[$(About {
            name: $name, heading: $heading, layer: $layer, dispensable: $dispensable, is_number: $number, follows: $follows, usual: $usual,
        }),*];
    };
}

const LINK: Option<Layer> = Some(Layer::Link);
const INTERNET: Option<Layer> = Some(Layer::Internet);
const TRANSPORT: Option<Layer> = Some(Layer::Transport);
const APPLICATION: Option<Layer> = Some(Layer::Application);

columns! {
    /// The packet's number in the capture.
    Number: "number", "#", None, 0, NUMBER, ALONE, 6;
    /// Seconds since the first packet.
    Time: "time", "time", None, 6, NUMBER, ALONE, 10;
    /// The moment in UTC.
    Absolute: "absolute", "time (UTC)", None, 6, TEXT, ALONE, 30;
    /// Seconds since the packet shown before.
    Delta: "delta", "delta", None, 6, NUMBER, ALONE, 9;
    /// Seconds since 1970.
    Epoch: "epoch", "epoch", None, 6, NUMBER, ALONE, 20;
    /// The interface it came from: its name, else its index where the packet has it, else its number, counted from 0.
    Interface: "interface", "if", None, 20, TEXT, ALONE, 5;
    /// Its length on the wire in bytes.
    Length: "length", "length", None, 12, NUMBER, ALONE, 5;
    /// Where the link layer's header lies.
    LinkBytes: "link-bytes", "bytes", LINK, 11, TEXT, ALONE, 5;
    /// From which network card to which.
    Macs: "macs", "MACs", LINK, 15, TEXT, ALONE, 37;
    /// Its VLAN ids, the outermost first.
    Vlan: "vlan", "VLAN", LINK, 14, TEXT, ALONE, 4;
    /// Where the internet layer's headers lie.
    InternetBytes: "internet-bytes", "bytes", INTERNET, 10, TEXT, ALONE, 6;
    /// From which host to which.
    Addresses: "addresses", "addresses", INTERNET, 7, TEXT, ALONE, 33;
    /// The sending host.
    Source: "src", "source", INTERNET, 7, TEXT, ALONE, 15;
    /// The receiving host.
    Destination: "dst", "destination", INTERNET, 7, TEXT, ALONE, 15;
    /// What the sending host is called.
    SourceName: "src-name", "source", INTERNET, 7, TEXT, ALONE, 30;
    /// What the receiving host is called.
    DestinationName: "dst-name", "destination", INTERNET, 7, TEXT, ALONE, 30;
    /// Time to live, or hop limit.
    Ttl: "ttl", "TTL", INTERNET, 16, NUMBER, ALONE, 3;
    /// The IPv4 identification.
    Id: "id", "ID", INTERNET, 17, NUMBER, ALONE, 5;
    /// Where the transport's header lies.
    TransportBytes: "transport-bytes", "bytes", TRANSPORT, 9, TEXT, ALONE, 6;
    /// The innermost header's protocol.
    Protocol: "protocol", "protocol", TRANSPORT, 2, TEXT, ALONE, 4;
    /// The transport, and from which port to which.
    Ports: "ports", "ports", TRANSPORT, 2, TEXT, ALONE, 17;
    /// The sender's port.
    SourcePort: "srcport", "port", TRANSPORT, 2, NUMBER, ALONE, 5;
    /// The receiver's port.
    DestinationPort: "dstport", "to port", TRANSPORT, 2, NUMBER, ALONE, 5;
    /// The service registered for the receiver's port, else for the sender's.
    Service: "service", "service", TRANSPORT, 13, TEXT, ALONE, 6;
    /// The conversation's number, TCP's and UDP's counted apart.
    Stream: "stream", "stream", TRANSPORT, 8, NUMBER, FOLLOWS, 4;
    /// The TCP flags.
    Flags: "flags", "flags", TRANSPORT, 1, TEXT, ALONE, 7;
    /// The sequence number, relative.
    Seq: "seq", "seq", TRANSPORT, 3, NUMBER, FOLLOWS, 7;
    /// The sequence number as it stands in the header.
    SeqRaw: "seq-raw", "seq (raw)", TRANSPORT, 18, NUMBER, ALONE, 10;
    /// The acknowledgment number, relative.
    Ack: "ack", "ack", TRANSPORT, 4, NUMBER, FOLLOWS, 7;
    /// The acknowledgment number as it stands in the header.
    AckRaw: "ack-raw", "ack (raw)", TRANSPORT, 18, NUMBER, ALONE, 10;
    /// The window in bytes; as it stands in the header where the scale is unknown, which the table marks with `?`.
    Window: "win", "win", TRANSPORT, 12, NUMBER, FOLLOWS, 6;
    /// What the window field was multiplied by; empty where nobody knows, because not both SYNs were seen.
    WindowScale: "win-scale", "scale", TRANSPORT, 18, NUMBER, FOLLOWS, 5;
    /// What the checksums say.
    Checksum: "checksum", "checksums", TRANSPORT, 19, TEXT, ALONE, 8;
    /// What is remarkable about it: retransmission, window full.
    Marks: "marks", "marks", TRANSPORT, 8, TEXT, FOLLOWS, 14;
    /// The processes behind its two ends.
    Process: "process", "process", APPLICATION, 2, TEXT, ALONE, 46;
    /// The process behind its sending end.
    SourceProcess: "src-process", "process", APPLICATION, 2, TEXT, ALONE, 22;
    /// The process behind its receiving end.
    DestinationProcess: "dst-process", "to process", APPLICATION, 2, TEXT, ALONE, 22;
    /// How many bytes the transport carried.
    PayloadLength: "len", "len", APPLICATION, 8, NUMBER, ALONE, 5;
    /// Where the payload lies.
    DataBytes: "data-bytes", "bytes", APPLICATION, 9, TEXT, ALONE, 7;
    /// The payload's beginning, what the packet says, or what stopped decoding.
    Data: "data", "data", APPLICATION, 5, TEXT, ALONE, 255;
}

impl Column {
    /// The columns of the table where nobody chooses.
    pub const TABLE: &[Self] = &[
        Self::Number,
        Self::Time,
        Self::LinkBytes,
        Self::InternetBytes,
        Self::Addresses,
        Self::TransportBytes,
        Self::Ports,
        Self::Flags,
        Self::Seq,
        Self::Ack,
        Self::Window,
        Self::Marks,
        Self::DataBytes,
        Self::Data,
    ];

    /// The columns of CSV where nobody chooses: one value each.
    pub const CSV: &[Self] = &[
        Self::Number,
        Self::Time,
        Self::Source,
        Self::SourcePort,
        Self::Destination,
        Self::DestinationPort,
        Self::Protocol,
        Self::Length,
        Self::Stream,
        Self::Flags,
        Self::Seq,
        Self::Ack,
        Self::Window,
        Self::PayloadLength,
        Self::Data,
    ];

    const fn about(self) -> &'static About {
        &ABOUT[self as usize]
    }

    /// The column that tells the time in a style.
    #[must_use]
    pub const fn of_time(style: TimeStyle) -> Self {
        match style {
            TimeStyle::Relative => Self::Time,
            TimeStyle::Absolute => Self::Absolute,
            TimeStyle::Delta => Self::Delta,
            TimeStyle::Epoch => Self::Epoch,
        }
    }

    /// Its name for programs and command lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.about().name
    }

    /// Its heading for people.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        self.about().heading
    }

    /// The layer it speaks of.
    #[must_use]
    pub const fn layer(self) -> Option<Layer> {
        self.about().layer
    }

    /// How much it would be missed: where there is no room, the column with the highest number goes first.
    #[must_use]
    pub const fn dispensable(self) -> u8 {
        self.about().dispensable
    }

    /// Whether it holds numbers, which stand to the right and are never cut.
    #[must_use]
    pub const fn is_number(self) -> bool {
        self.about().is_number
    }

    /// Whether it needs to know the packet's conversation ([`Row::seen`](super::row::Row::seen)).
    #[must_use]
    pub const fn follows(self) -> bool {
        self.about().follows
    }

    /// How wide its cells usually are.
    #[must_use]
    pub const fn usual_width(self) -> usize {
        self.about().usual
    }

    /// Whether it needs to know the processes behind a packet ([`Known::processes`](super::row::Known::processes)).
    #[must_use]
    pub const fn needs_processes(self) -> bool {
        matches!(self, Self::Process | Self::SourceProcess | Self::DestinationProcess)
    }

    /// Whether it needs to know what hosts are called ([`Known::names`](super::row::Known::names)).
    #[must_use]
    pub const fn needs_names(self) -> bool {
        matches!(self, Self::SourceName | Self::DestinationName)
    }
}
