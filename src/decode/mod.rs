//! Bytes to layers, fields and problems.
//!
//! Two speeds over one set of field tables: [`headers()`](crate::decode::headers) finds every header of a packet
//! without allocating, for the packets that only pass by; [`dissect()`](crate::decode::dissect) spells out every field
//! with its bytes, for those somebody looks at. Neither fails: they stop, and say where and why. There is a file per
//! protocol, named after it; each holds the header's table (`FIELDS`), how to step over it (`walk`), and what its
//! variable part means. `walk` answers with a value that names what follows; `registry` alone knows whose `walk` reads it.
//!
//! This module does no I/O, knows no clock and keeps no state between packets: whatever needs two packets is
//! `analyse`'s.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

mod ah;
mod application;
mod arp;
mod checksum;
mod cursor;
mod damage;
mod dissect;
mod eigrp;
mod esp;
mod ethernet;
mod fragment;
mod gre;
mod group_records;
mod icmp;
mod icmpv6;
mod igmp;
mod ipv4;
mod ipv6;
mod ipv6_extension;
mod linux_sll;
mod llc;
mod malformed;
mod mpls;
mod null;
mod numbers;
mod ospf;
mod packet;
mod ppp;
mod pppoe;
mod protocol;
mod registry;
mod sctp;
mod slip;
mod spec;
mod tcp;
mod udp;
mod views;
mod vlan;
mod walk;

pub use application::{
    Announced, Application, announcement, application, application_as, application_name, dns_name, service,
};
pub use checksum::{Checksum, Unknowable, checksum};
pub use dissect::{Dissection, LayerFields, dissect, dissect_as, keys};
pub use fragment::Fragment;
pub use packet::{Packet, Span};
pub use protocol::Protocol;
pub use spec::{Meaning, Show, Spec};
pub use tcp::{Flags, TcpOption, TcpOptions, sack_edges, tcp_options};
pub use views::{Echo, Ip, Resolution, Tcp, Udp};
pub use walk::headers;
