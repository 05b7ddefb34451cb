//! Conversations of every sort of packet through tracker, timeline and follow, and everything that is drawn of them.
#![no_main]

use layerscope::analyse::{Limits, Observed, Tracker};
use layerscope::model::Transport;
use layerscope::render::Style;
use layerscope::words::Language;
use layerscope_fuzz::{Scene, draw_packets, draw_stats, draw_timelines};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|scene: Scene| {
    let captured = scene.play();
    let mut tracker = Tracker::new(Limits { max_connections: scene.room.into() });
    let mut packets = Vec::new();
    for frame in captured.frames {
        let mut observed = Observed { frame, seen: None };
        observed.seen = tracker.observe(&observed.frame.as_frame(), &observed.packet());
        if let Some(seen) = observed.seen {
            assert!(tracker.connection(seen.transport, seen.stream).is_some(), "a conversation nobody knows");
        }
        packets.push(observed);
    }
    let counted: u64 = [Transport::Tcp, Transport::Udp]
        .into_iter()
        .flat_map(|transport| tracker.connections(transport))
        .map(|connection| connection.packets())
        .sum();
    let seen = packets.iter().filter(|observed| observed.seen.is_some()).count() as u64;
    assert!(tracker.evicted() > 0 || counted == seen, "{counted} of {seen} packets are counted");
    let style = Style { color: false, ascii: scene.look.0, width: 40 + usize::from(scene.look.1), language: Language::En };
    draw_timelines(&packets, &captured.calls, &tracker, style);
    let (frames, seen): (Vec<_>, Vec<_>) = packets.into_iter().map(|observed| (observed.frame, observed.seen)).unzip();
    draw_packets(&frames, &seen, style);
    if scene.room % 64 == 7 {
        let interval = [None, Some(1), Some(1_000_000_000), Some(i64::MAX)][usize::from(scene.room / 64)];
        draw_stats(&frames, interval, style);
    }
});
