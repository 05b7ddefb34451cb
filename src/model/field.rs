//! A header field tied to its bytes.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// What a field's bytes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number people read in decimal: a port, a length.
    Decimal(u64),
    /// A number people read in hexadecimal (a checksum, an EtherType) and how many bits it has.
    Hex(u64, u8),
    /// One bit.
    Flag(bool),
    /// An IEEE 802 address.
    Mac([u8; 6]),
    /// An IPv4 address.
    Ipv4(Ipv4Addr),
    /// An IPv6 address.
    Ipv6(Ipv6Addr),
    /// Text found in the packet. It is hostile until `render::text` has seen it.
    Text(String),
    /// Bytes without a shape of their own; they are in the frame, at the field's range.
    Bytes,
    /// A heading over its children, like one TCP option.
    Group,
}

/// One field of a packet, in wire order within its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Wireshark's display-filter name: `tcp.flags.syn`.
    pub key: &'static str,
    /// The field's name as its RFC has it: `Time to live`.
    pub label: Cow<'static, str>,
    /// The bytes it lies in, as absolute offsets in the frame; `None` for a derived value, which has no bytes.
    pub range: Option<Range<usize>>,
    /// Which bits of that range, most significant first, where it is not all of them.
    pub mask: Option<u64>,
    /// What the bits say.
    pub value: Value,
    /// What that means: `TCP` for protocol 6.
    pub meaning: Option<Cow<'static, str>>,
    /// Whether its length does not fit, so that neither it nor what follows is read.
    pub malformed: bool,
    /// The parts it is made of.
    pub children: Vec<Field>,
}

impl Field {
    /// A field that lies in whole bytes.
    #[must_use]
    pub fn new(key: &'static str, label: impl Into<Cow<'static, str>>, range: Range<usize>, value: Value) -> Self {
        Self { range: Some(range), ..Self::derived(key, label, value) }
    }

    /// A value worked out from others: it has no bytes of its own.
    #[must_use]
    pub fn derived(key: &'static str, label: impl Into<Cow<'static, str>>, value: Value) -> Self {
        Self {
            key,
            label: label.into(),
            range: None,
            mask: None,
            value,
            meaning: None,
            malformed: false,
            children: Vec::new(),
        }
    }

    /// The same field with its meaning in words.
    #[must_use]
    pub fn meaning(mut self, meaning: impl Into<Cow<'static, str>>) -> Self {
        self.meaning = Some(meaning.into());
        self
    }

    /// The same field, whose length does not fit.
    #[must_use]
    pub fn malformed(mut self) -> Self {
        self.malformed = true;
        self
    }

    /// The same field with the parts it is made of.
    #[must_use]
    pub fn with(mut self, children: Vec<Field>) -> Self {
        self.children = children;
        self
    }

    /// Whether the value was worked out rather than read.
    #[must_use]
    pub fn is_derived(&self) -> bool {
        self.range.is_none()
    }
}
