//! A frame of any link type and any bytes: headers and fields agree, lie in the frame, and can be drawn without harm.
//!
//! The first four bytes are the link type and how many bytes more than were captured the frame had on the wire.
#![no_main]

use layerscope::analyse::{Limits, Tracker};
use layerscope::decode::headers;
use layerscope::model::{Frame, LinkType, Timestamp};
use layerscope::render::Style;
use layerscope::words::Language;
use layerscope_fuzz::{check_decoded, draw_packets};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&[a, b, c, d], bytes)) = bytes.split_first_chunk() else { return };
    let (link, cut) = (LinkType(u16::from_le_bytes([a, b])), u16::from_le_bytes([c, d]));
    let wire_len = bytes.len() as u32 + u32::from(cut);
    let time = Some(Timestamp::from_nanos(1_700_000_000_000_000_000));
    let frame = Frame { number: 1, time, interface: 0, link, wire_len, bytes, comments: &[] };
    check_decoded(&frame);
    let seen = Tracker::new(Limits::default()).observe(&frame, &headers(&frame));
    let style = Style { color: false, ascii: c & 1 == 1, width: 80 + usize::from(d), language: Language::En };
    draw_packets(&[frame.to_owned()], &[seen], style);
});
