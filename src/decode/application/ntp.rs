//! NTP (RFC 5905).

use std::borrow::Cow;

use super::message::{Message, Reading};
use crate::decode::spec::{self, Show, Spec, named};
use crate::model::Transport;

const VERSION: Spec = Spec::bits("ntp.flags.vn", "Version", 2, 3);
const MODE: Spec = Spec::bits("ntp.flags.mode", "Mode", 5, 3).meaning(mode_name);
const STRATUM: Spec = Spec::bytes("ntp.stratum", "Stratum", 1, 1);
const FLAGS: Spec = Spec::bytes("ntp.flags", "Flags", 0, 1).shown(Show::Hex).with(&[
    Spec::bits("ntp.flags.li", "Leap indicator", 0, 2),
    VERSION,
    MODE,
]);

const FIELDS: &[Spec] = &[
    FLAGS,
    STRATUM,
    Spec::bytes("ntp.ppoll", "Poll interval as a power of two", 2, 1),
    Spec::bytes("ntp.precision", "Precision as a power of two", 3, 1).shown(Show::Hex),
    Spec::bytes("ntp.rootdelay", "Root delay", 4, 4).shown(Show::Hex),
    Spec::bytes("ntp.rootdispersion", "Root dispersion", 8, 4).shown(Show::Hex),
    Spec::bytes("ntp.refid", "Reference id", 12, 4).shown(Show::Bytes),
    Spec::bytes("ntp.reftime", "Reference timestamp", 16, 8).shown(Show::Bytes),
    Spec::bytes("ntp.org", "Origin timestamp", 24, 8).shown(Show::Bytes),
    Spec::bytes("ntp.rec", "Receive timestamp", 32, 8).shown(Show::Bytes),
    Spec::bytes("ntp.xmt", "Transmit timestamp", 40, 8).shown(Show::Bytes),
];

/// Nothing in the bytes gives NTP away, so the port has to.
pub(super) fn read(message: &Message<'_>) -> Option<Reading> {
    let bytes = message.payload;
    let (version, mode) = (VERSION.read(bytes)?, MODE.read(bytes)?);
    if !message.by(Transport::Udp, 123) || !(1..=4).contains(&version) {
        return None;
    }
    // Control and private messages (RFC 9327) share the first byte alone.
    let table = if matches!(mode, 6 | 7) { &FIELDS[..1] } else { FIELDS };
    let line = format!("version {version}, {}", mode_name(mode).unwrap_or("reserved mode".into()));
    let fields = spec::fields(table, bytes, message.start);
    Some(Reading { protocol: "NTP", key: "ntp", line, fields })
}

fn mode_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        1 => "symmetric active",
        2 => "symmetric passive",
        3 => "client",
        4 => "server",
        5 => "broadcast",
        6 => "control message",
        7 => "private",
        _ => return None,
    })
}
