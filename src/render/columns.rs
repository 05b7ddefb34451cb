//! The columns a packet can be shown in, each listed once: its key, what it says, how much it would be missed, and how its
//! value is got at. Any decoded field is one more, by its Wireshark key.

use super::about::{About, Get};
use super::cells::{
    ack, addresses, application, application_line, both, checksum_keys, checksums, comments, destination_process,
    flags, frame_protocols, interface, macs_of, mark_keys, mark_words, marked_window, ports, processes, seq,
    since_origin, since_previous, source_process, span_of, stream, vlans, window,
};
use super::row::{Row, innermost, names};
use super::time::TimeStyle;
use crate::decode::{Packet, Protocol, service};
use crate::model::{Layer, SeqNumber, Transport};

/// One entry a column: what it says, its variant, and what there is to know about it.
macro_rules! columns {
    ($($(#[doc = $doc:literal])* $variant:ident: $about:expr;)*) => {
        /// A column of packets, from left to right.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Column {
            $($(#[doc = $doc])* $variant,)*
            /// A decoded field by its key, one of [`field_keys`](super::field_keys).
            Field(&'static str),
        }

        impl Column {
            /// All there are beside fields, from left to right.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            pub(super) const fn about(self) -> &'static About {
                match self {
                    $(Self::$variant => const { &$about.says(concat!($($doc),*)) },)*
                    Self::Field(_) => &FIELD,
                }
            }
        }
    };
}

const LINK: Option<Layer> = Some(Layer::Link);
const INTERNET: Option<Layer> = Some(Layer::Internet);
const TRANSPORT: Option<Layer> = Some(Layer::Transport);
const APPLICATION: Option<Layer> = Some(Layer::Application);

/// What all fields have in common.
const FIELD: About = About::new("", "", None, 10, 10, Get::Field);

/// A field that stands under its key in JSON, and is made of what is known here.
const fn keyed(key: &'static str, layer: Option<Layer>, get: Get) -> About {
    About::new(key, key, layer, 10, 10, get)
}

columns! {
    /// The packet's number in the capture.
    Number: About::new("number", "#", None, 0, 6, Get::Number(|row| Some(row.frame.number)));
    /// Seconds since the first packet.
    Time: About::new("time", "time", None, 6, 10, Get::Time(TimeStyle::Relative));
    /// The moment in UTC.
    Absolute: About::new("absolute", "time (UTC)", None, 6, 30, Get::Time(TimeStyle::Absolute));
    /// Seconds since the packet shown before.
    Delta: About::new("delta", "delta", None, 6, 9, Get::Time(TimeStyle::Delta));
    /// Seconds since 1970.
    Epoch: About::new("epoch", "epoch", None, 6, 20, Get::Time(TimeStyle::Epoch));
    /// The interface it came from: its name, else its index where the packet has it, else its number, counted from 0.
    Interface: About::new("interface", "if", None, 20, 5, Get::Words(interface));
    /// Its length on the wire in bytes.
    Length: About::new("length", "length", None, 12, 5, Get::Number(|row| Some(row.frame.wire_len.into())));
    /// Where the link layer's header lies.
    LinkBytes: About::new("link-bytes", "bytes", LINK, 11, 5, Get::Words(|row, _, out| span_of(Layer::Link, row, out)));
    /// From which network card to which.
    Macs: About::new("macs", "MACs", LINK, 15, 37, Get::Words(macs_of));
    /// Its VLAN ids, the outermost first.
    Vlan: About::new("vlan", "VLAN", LINK, 14, 4, Get::Words(vlans));
    /// Where the internet layer's headers lie.
    InternetBytes: About::new("internet-bytes", "bytes", INTERNET, 10, 6, Get::Words(|row, _, out| span_of(Layer::Internet, row, out)));
    /// From which host to which.
    Addresses: About::new("addresses", "addresses", INTERNET, 7, 33, Get::Words(addresses));
    /// The sending host.
    Source: About::new("src", "source", INTERNET, 7, 15, Get::Address(|row| row.packet.ip()?.source()));
    /// The receiving host.
    Destination: About::new("dst", "destination", INTERNET, 7, 15, Get::Address(|row| row.packet.ip()?.destination()));
    /// What the sending host is called.
    SourceName: About::new("src-name", "source", INTERNET, 7, 30, Get::Text(|row| names(row).source));
    /// What the receiving host is called.
    DestinationName: About::new("dst-name", "destination", INTERNET, 7, 30, Get::Text(|row| names(row).destination));
    /// Time to live, or hop limit.
    Ttl: About::new("ttl", "TTL", INTERNET, 16, 3, Get::Number(|row| row.packet.ip()?.ttl().map(u64::from)));
    /// The IPv4 identification.
    Id: About::new("id", "ID", INTERNET, 17, 5, Get::Number(|row| row.packet.ip()?.identification().map(u64::from)));
    /// Where the transport's header lies.
    TransportBytes: About::new("transport-bytes", "bytes", TRANSPORT, 9, 6, Get::Words(|row, _, out| span_of(Layer::Transport, row, out)));
    /// The innermost header's protocol.
    Protocol: About::new("protocol", "protocol", TRANSPORT, 2, 4, Get::Key(|row| innermost(row.packet).map(Protocol::name)));
    /// The transport, and from which port to which.
    Ports: About::new("ports", "ports", TRANSPORT, 2, 17, Get::Words(ports));
    /// The sender's port.
    SourcePort: About::new("srcport", "port", TRANSPORT, 2, 5, Get::Number(|row| Some(row.packet.ends()?.1.port.into())));
    /// The receiver's port.
    DestinationPort: About::new("dstport", "to port", TRANSPORT, 2, 5, Get::Number(|row| Some(row.packet.ends()?.2.port.into())));
    /// The service registered for the receiver's port, else for the sender's.
    Service: About::new("service", "service", TRANSPORT, 13, 6, Get::Key(|row| service_of(row.packet)));
    /// The conversation's number, TCP's and UDP's counted apart.
    Stream: About::new("stream", "stream", TRANSPORT, 8, 4, Get::Number(|row| Some(row.seen?.stream.into()))).follows();
    /// The TCP flags.
    Flags: About::new("flags", "flags", TRANSPORT, 1, 7, Get::Words(flags));
    /// The sequence number, relative.
    Seq: About::new("seq", "seq", TRANSPORT, 3, 7, Get::Number(|row| row.seen?.seq.map(u64::from)))
        .told(|row, view, out| both(row.seen.and_then(|seen| seen.seq), seq(row.packet), view, out))
        .follows();
    /// The sequence number as it stands in the header.
    SeqRaw: About::new("seq-raw", "seq (raw)", TRANSPORT, 18, 10, Get::Number(|row| seq(row.packet).map(raw)));
    /// The acknowledgment number, relative.
    Ack: About::new("ack", "ack", TRANSPORT, 4, 7, Get::Number(|row| row.seen?.ack.map(u64::from)))
        .told(|row, view, out| both(row.seen.and_then(|seen| seen.ack), ack(row.packet), view, out))
        .follows();
    /// The acknowledgment number as it stands in the header.
    AckRaw: About::new("ack-raw", "ack (raw)", TRANSPORT, 18, 10, Get::Number(|row| ack(row.packet).map(raw)));
    /// The window in bytes; as it stands in the header where the scale is unknown, which the table marks with `?`.
    Window: About::new("win", "win", TRANSPORT, 12, 6, Get::Number(window)).told(marked_window).follows();
    /// What the window field was multiplied by; empty where nobody knows, because not both SYNs were seen.
    WindowScale: About::new("win-scale", "scale", TRANSPORT, 18, 5, Get::Number(|row| Some(1 << row.seen?.window_scale?))).follows();
    /// What the checksums say: `good` where all are, else those that are not, each with its protocol.
    Checksum: About::new("checksum", "checksums", TRANSPORT, 19, 8, Get::Keys(checksum_keys)).told(checksums);
    /// What is remarkable about it: retransmission, window full.
    Marks: About::new("marks", "marks", TRANSPORT, 8, 14, Get::Keys(mark_keys)).told(mark_words).follows();
    /// The processes behind its two ends.
    Process: About::new("process", "process", APPLICATION, 2, 46, Get::Words(processes));
    /// The process behind its sending end.
    SourceProcess: About::new("src-process", "process", APPLICATION, 2, 22, Get::Words(source_process));
    /// The process behind its receiving end.
    DestinationProcess: About::new("dst-process", "to process", APPLICATION, 2, 22, Get::Words(destination_process));
    /// How many bytes the transport carried.
    PayloadLength: About::new("len", "len", APPLICATION, 8, 5, Get::Number(payload_len));
    /// Where the payload lies.
    DataBytes: About::new("data-bytes", "bytes", APPLICATION, 9, 7, Get::Words(|row, _, out| span_of(Layer::Application, row, out)));
    /// The payload's beginning, what the packet says, or what stopped decoding.
    Data: About::new("data", "data", APPLICATION, 5, 255, Get::Data);
    /// The packet's number in the capture.
    FrameNumber: keyed("frame.number", None, Get::Number(|row| Some(row.frame.number)));
    /// Seconds since 1970.
    FrameEpoch: keyed("frame.time_epoch", None, Get::Time(TimeStyle::Epoch));
    /// Seconds since the first packet.
    FrameRelative: keyed("frame.time_relative", None, Get::Seconds(since_origin));
    /// Seconds since the packet shown before.
    FrameDelta: keyed("frame.time_delta_displayed", None, Get::Seconds(since_previous));
    /// Its length on the wire in bytes.
    FrameLength: keyed("frame.len", None, Get::Number(|row| Some(row.frame.wire_len.into())));
    /// How many of its bytes were captured.
    FrameCaptured: keyed("frame.cap_len", None, Get::Number(|row| Some(row.frame.bytes.len() as u64)));
    /// The number of the interface it came from.
    FrameInterface: keyed("frame.interface_id", None, Get::Number(|row| Some(row.frame.interface.into())));
    /// What that interface is called.
    FrameInterfaceName: keyed("frame.interface_name", None, Get::Text(|row| row.known.interface));
    /// What it is made of, from the outside in: `eth:ethertype:ip:tcp`.
    FrameProtocols: keyed("frame.protocols", None, Get::Words(frame_protocols)).follows();
    /// Its comments.
    FrameComment: keyed("frame.comment", None, Get::Words(comments));
    /// The number of the TCP conversation.
    TcpStream: keyed("tcp.stream", TRANSPORT, Get::Number(|row| stream(Transport::Tcp, row))).follows();
    /// The sequence number, relative.
    TcpSeq: keyed("tcp.seq", TRANSPORT, Get::Number(|row| row.seen?.seq.map(u64::from))).follows();
    /// The acknowledgment number, relative.
    TcpAck: keyed("tcp.ack", TRANSPORT, Get::Number(|row| row.seen?.ack.map(u64::from))).follows();
    /// The window in bytes; as it stands in the header where the scale is unknown.
    TcpWindow: keyed("tcp.window_size", TRANSPORT, Get::Number(|row| row.seen?.window.map(u64::from))).follows();
    /// What the window field was multiplied by.
    TcpScale: keyed("tcp.window_size_scalefactor", TRANSPORT, Get::Number(|row| Some(1 << row.seen?.window_scale?))).follows();
    /// What is remarkable about a segment: `retransmission`, `window_full`.
    TcpAnalysis: keyed("tcp.analysis", TRANSPORT, Get::Keys(mark_keys)).follows();
    /// How many bytes TCP carried.
    TcpLength: keyed("tcp.len", TRANSPORT, Get::Number(|row| row.packet.tcp().and_then(|_| payload_len(row))));
    /// The number of the UDP conversation.
    UdpStream: keyed("udp.stream", TRANSPORT, Get::Number(|row| stream(Transport::Udp, row))).follows();
    /// The protocol that the payload speaks.
    ApplicationProtocol: keyed("application.protocol", APPLICATION, Get::Key(|row| Some(application(row)?.protocol))).follows();
    /// What it says.
    ApplicationLine: keyed("application.line", APPLICATION, Get::Words(application_line)).follows();
    /// What stopped decoding, or contradicts itself.
    Problem: keyed("problem.key", None, Get::Key(|row| Some(row.packet.trouble()?.fault.key())));
}

const fn raw(SeqNumber(raw): SeqNumber) -> u64 {
    raw as u64
}

fn payload_len(row: &Row<'_>) -> Option<u64> {
    row.packet.endpoints().map(|_| row.packet.payload_len().into())
}

fn service_of(packet: &Packet<'_>) -> Option<&'static str> {
    let (transport, source, destination) = packet.ends()?;
    service(transport, destination.port).or_else(|| service(transport, source.port))
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

    /// The column of a name, but for fields.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|column| column.name() == name)
    }

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
        match self {
            Self::Field(key) => key,
            _ => self.about().key,
        }
    }

    /// What it says, in a clause.
    #[must_use]
    pub const fn doc(self) -> &'static str {
        self.about().doc.trim_ascii()
    }

    /// Its heading for people.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Field(key) => key,
            _ => self.about().heading,
        }
    }

    /// The layer it speaks of.
    #[must_use]
    pub const fn layer(self) -> Option<Layer> {
        self.about().layer
    }

    /// How much it would be missed: where there is no room, the column with the highest number goes first.
    #[must_use]
    pub const fn dispensable(self) -> u8 {
        self.about().rank
    }

    /// Whether it holds numbers, which stand to the right and are never cut.
    #[must_use]
    pub const fn is_number(self) -> bool {
        self.about().is_number()
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
