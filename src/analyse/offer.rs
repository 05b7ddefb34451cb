//! What an end offers in its SYN or SYN-ACK.

use crate::decode::{Flags, TcpOption, TcpOptions};
use crate::model::Few;

/// The options one end offered in its SYN or SYN-ACK.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The largest segment it can take, in bytes (RFC 9293 §3.7.1).
    pub mss: Option<u16>,
    /// The shift count of its windows (RFC 7323 §2), as it stands in the option.
    pub window_scale: Option<u8>,
    /// Whether it understands selective acknowledgments (RFC 2018).
    pub sack_permitted: bool,
    /// Whether it sends timestamps (RFC 7323 §3).
    pub timestamps: bool,
    /// Whether it asks for, or agrees to, explicit congestion notification (RFC 3168 §6.1.1: ECE and CWR in a SYN,
    /// ECE alone in a SYN-ACK).
    pub ecn: bool,
    /// The length of its fast-open cookie in bytes, 0 for a request of one (RFC 7413 §4.1.1).
    pub fast_open: Option<u8>,
    /// Whether it offers Multipath TCP (RFC 8684).
    pub mptcp: bool,
    /// Whether it is signed with MD5 (RFC 2385).
    pub md5: bool,
    /// Whether it is signed with TCP-AO (RFC 5925).
    pub authentication: bool,
    /// The kinds of the first options that are none of the above.
    pub unknown: Few<u8, 4>,
}

impl Offer {
    pub(super) fn read(flags: Flags, options: TcpOptions<'_>) -> Self {
        // Bits 6 and 7 of the flags are ECE and CWR.
        let (ece, cwr) = (flags.bits() & 0x40 != 0, flags.bits() & 0x80 != 0);
        let mut offer = Self { ecn: ece && cwr != flags.ack(), ..Self::default() };
        for option in options {
            match option {
                TcpOption::MaximumSegmentSize(mss) => offer.mss = Some(mss),
                TcpOption::WindowScale(shift) => offer.window_scale = Some(shift),
                TcpOption::SackPermitted => offer.sack_permitted = true,
                TcpOption::Timestamps { .. } => offer.timestamps = true,
                TcpOption::Other { kind: 34, data } => offer.fast_open = Some(data.len() as u8),
                TcpOption::Other { kind: 30, .. } => offer.mptcp = true,
                TcpOption::Other { kind: 19, .. } => offer.md5 = true,
                TcpOption::Other { kind: 29, .. } => offer.authentication = true,
                TcpOption::Other { kind, .. } => {
                    offer.unknown.push(kind);
                }
                TcpOption::EndOfList | TcpOption::NoOperation | TcpOption::Sack(_) | TcpOption::Malformed { .. } => {}
            }
        }
        offer
    }
}
