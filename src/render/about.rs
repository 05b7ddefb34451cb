//! What there is to know about a column of packets, and how its value is got at.

use std::net::IpAddr;

use super::row::Row;
use super::style::View;
use super::time::TimeStyle;
use crate::model::Layer;

/// What there is to know about a column.
pub(super) struct About {
    pub(super) key: &'static str,
    /// What it says, in a clause.
    pub(super) doc: &'static str,
    pub(super) heading: &'static str,
    pub(super) layer: Option<Layer>,
    /// How much it would be missed: where there is no room, the column with the highest number goes first.
    pub(super) rank: u8,
    /// How wide its cells usually are, for when there are too few to tell.
    pub(super) usual: usize,
    /// Whether it needs to know the packet's conversation.
    pub(super) follows: bool,
    pub(super) get: Get,
    /// How people read it, where that is not simply its value.
    pub(super) told: Option<Tell>,
}

/// Appends what a packet has for a column, safe to print.
pub(super) type Tell = fn(&Row<'_>, &View<'_>, &mut Vec<u8>);

/// Tells keys one by one.
pub(super) type EachKey = fn(&Row<'_>, &mut dyn FnMut(&str));

/// How a packet's value is got at, by what kind of value it is; `None`, or nothing, where there is none.
#[derive(Clone, Copy)]
pub(super) enum Get {
    /// A number.
    Number(fn(&Row<'_>) -> Option<u64>),
    /// When it was captured.
    Time(TimeStyle),
    /// Nanoseconds, which are told as seconds.
    Seconds(fn(&Row<'_>) -> Option<i64>),
    /// A host.
    Address(fn(&Row<'_>) -> Option<IpAddr>),
    /// One of a few words of ours.
    Key(fn(&Row<'_>) -> Option<&'static str>),
    /// Several of them.
    Keys(EachKey),
    /// Text from strangers.
    Text(for<'r> fn(&Row<'r>) -> Option<&'r str>),
    /// What is put together for a reader.
    Words(Tell),
    /// What the packet holds, in a few words.
    Data,
    /// Nothing: the column is not shown.
    Nothing,
    /// A decoded field, by the column's key.
    Field,
}

impl About {
    /// A column with its key, its heading, its layer, how much it would be missed and how wide it usually is.
    pub(super) const fn new(
        key: &'static str,
        heading: &'static str,
        layer: Option<Layer>,
        rank: u8,
        usual: usize,
        get: Get,
    ) -> Self {
        Self { key, doc: "", heading, layer, rank, usual, follows: false, get, told: None }
    }

    /// The same with what it says.
    pub(super) const fn says(self, doc: &'static str) -> Self {
        Self { doc, ..self }
    }

    /// The same, which needs to know the packet's conversation.
    pub(super) const fn follows(self) -> Self {
        Self { follows: true, ..self }
    }

    /// The same as people read it.
    pub(super) const fn told(self, told: Tell) -> Self {
        Self { told: Some(told), ..self }
    }

    /// Whether it holds numbers, which stand to the right and are never cut.
    pub(super) const fn is_number(&self) -> bool {
        match self.get {
            Get::Time(style) => !matches!(style, TimeStyle::Absolute),
            Get::Number(_) | Get::Seconds(_) => true,
            _ => false,
        }
    }
}
