//! Options whose lengths do not fit their header: what the header carries is read all the same, so finding it is no part of
//! finding headers.

use std::borrow::Cow;
use std::ops::Range;

use super::malformed::first_malformed;
use super::packet::{Packet, Span};
use super::protocol::Protocol;
use super::{spec, tcp};
use crate::model::{Fault, Limit, Problem};

impl Packet<'_> {
    /// What is wrong with it: [`Packet::problem`], else the first option of a header that is there in full whose length does
    /// not fit.
    #[must_use]
    pub fn trouble(&self) -> Option<Cow<'_, Problem>> {
        match &self.problem {
            Some(problem) => Some(Cow::Borrowed(problem)),
            None => self.spans.iter().find_map(|span| self.damaged_option(span)).map(Cow::Owned),
        }
    }

    fn damaged_option(&self, span: &Span) -> Option<Problem> {
        let is_cut = span.range().end == self.bytes.len() && self.bytes.len() < self.wire_len as usize;
        let range = damaged(span.protocol, self.slice(span), span.range().start).filter(|_| !span.quoted && !is_cut)?;
        Some(Problem {
            layer: span.protocol.layer(),
            protocol: span.protocol.name(),
            needed: 0,
            available: range.len(),
            range,
            limit: Limit::Packet,
            fault: Fault::OptionLength,
        })
    }
}

/// The bytes of a header, which begins at `start`, from its first option on whose length does not fit.
fn damaged(protocol: Protocol, header: &[u8], start: usize) -> Option<Range<usize>> {
    if protocol == Protocol::Tcp {
        return tcp::damaged_option(header).map(|at| spec::placed(start, at..header.len()));
    }
    let has_options =
        matches!(protocol, Protocol::Ipv4 | Protocol::HopByHop | Protocol::DestinationOptions | Protocol::Icmpv6);
    if !has_options || header.len() <= spec::len(protocol.fields()) {
        return None;
    }
    first_malformed(&protocol.rest(header, start))
}
