//! Everything that can be drawn of packets and conversations, into memory.

use std::io::Write;

use layerscope::analyse::{Connection, Follow, Observed, Piece, Seen, Stats, Timeline, Tracker, explain, timelines};
use layerscope::decode::{Packet, dissect, headers};
use layerscope::model::{Frame, OwnedFrame, SocketCall, Timestamp, Transport};
use layerscope::render::{
    Column, CsvRows, Details, EventRow, Flow, FollowShape, FollowWriter, GridFormat, HandshakeRow, JsonRows, Known,
    Ladder, LineFormat, PacketTable, PacketWriter, PlainRows, Row, StatsView, Style, TimeStyle, Totals, View, json,
    text, write_csv, write_encapsulation, write_handshake, write_mermaid, write_ndjson, write_packet_bytes,
    write_stats, write_svg, write_table, write_timeline,
};
use layerscope::words::Spelling;

/// What is drawn into always takes everything.
const TAKEN: &str = "memory takes everything";

fn view(style: Style) -> View<'static> {
    View { style, absolute: style.ascii, read_text: &layerscope::render::Utf8OrHex }
}

/// Whether text may be sent to a terminal: whole characters, and none that steers it but the end of a line.
#[must_use]
pub fn is_harmless(drawn: &[u8]) -> bool {
    let is_plain = |character: char| character == '\n' || !character.is_control();
    std::str::from_utf8(drawn).is_ok_and(|text| text.chars().all(is_plain))
}

fn assert_harmless(drawn: &[u8], what: &str) {
    let line = || drawn.split(|byte| *byte == b'\n').find(|line| !is_harmless(line)).map(String::from_utf8_lossy);
    assert!(is_harmless(drawn), "{what}: {:?}", line());
}

fn assert_json_lines(drawn: &[u8], what: &str) {
    for line in drawn.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let read = serde_json::from_slice::<serde_json::Value>(line);
        assert!(read.is_ok(), "{what}: {read:?} in {:?}", String::from_utf8_lossy(line));
    }
}

/// Draws packets in every shape that shows them one by one.
pub fn draw_packets(frames: &[OwnedFrame], seen: &[Option<Seen>], style: Style) {
    let packets: Vec<Packet<'_>> = frames.iter().map(|frame| headers(&frame.as_frame())).collect();
    let origin = frames.first().and_then(|frame| frame.time);
    let mut previous = None;
    let mut rows = Vec::new();
    for ((frame, packet), seen) in frames.iter().zip(&packets).zip(seen) {
        let frame = frame.as_frame();
        rows.push(Row { frame, packet, seen: *seen, origin, previous, known: Known::default() });
        previous = frame.time;
    }
    draw_rows(&rows, style);
    for row in &rows {
        draw_fields(&row.frame, row.packet, style);
    }
    let mut out = Vec::new();
    write_encapsulation(packets.iter().cloned(), style, &mut out).expect(TAKEN);
    assert!(style.color || is_harmless(&out));
}

fn draw_rows(rows: &[Row<'_>], style: Style) {
    let view = view(style);
    let rows_of = |time| PlainRows::new(time);
    let details = Details { rows: rows_of(TimeStyle::Epoch), fields: true, hex: true, view };
    let writers: [(&str, Box<dyn PacketWriter>); 7] = [
        ("table", Box::new(PacketTable::new(Column::TABLE.to_vec(), true, view))),
        ("every column", Box::new(PacketTable::new(Column::ALL.to_vec(), false, view))),
        ("plain", Box::new(rows_of(TimeStyle::Relative))),
        ("plain, delta", Box::new(rows_of(TimeStyle::Delta))),
        ("details", Box::new(details)),
        ("csv", Box::new(CsvRows::new(Column::CSV.to_vec(), view))),
        ("json", Box::new(JsonRows::new(view, true))),
    ];
    for (name, mut writer) in writers {
        let mut out = Vec::new();
        writer.begin(&mut out).expect(TAKEN);
        for row in rows {
            writer.write(row, &mut out).expect(TAKEN);
        }
        writer.finish(&mut out).expect(TAKEN);
        if !style.color {
            assert_harmless(&out, name);
        }
        if name == "json" {
            assert_json_lines(&out, name);
        }
    }
}

fn draw_fields(frame: &Frame<'_>, packet: &Packet<'_>, style: Style) {
    let (dissection, mut out) = (dissect(frame), Vec::new());
    write_packet_bytes(frame, packet, &dissection, &view(style), &mut out).expect(TAKEN);
    assert!(style.color || is_harmless(&out), "{:?}", String::from_utf8_lossy(&out));
    out.clear();
    json::write_fields(frame, &dissection, None, &mut out).expect(TAKEN);
    assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok());
}

/// Draws what a capture is made of, by intervals of so many nanoseconds. It looks at every port there is, which takes
/// longer than all else.
pub fn draw_stats(frames: &[OwnedFrame], interval: Option<i64>, style: Style) {
    let (mut stats, mut out) = (Stats::new(interval), Vec::new());
    for frame in frames.iter().map(OwnedFrame::as_frame) {
        stats.observe(&frame, &headers(&frame));
    }
    let view = StatsView { stats: &stats, top: 10, columns: &[], sort: None, exact_intervals: false };
    for format in GridFormat::ALL {
        write_stats(&view, *format, style, &mut out).expect(TAKEN);
    }
    assert!(style.color || is_harmless(&out));
}

/// Draws what a tracker knows when it has seen these packets: tables, timelines in every format, and what was said.
pub fn draw_timelines(packets: &[Observed], calls: &[SocketCall], tracker: &Tracker, style: Style) {
    let origin = packets.first().and_then(|observed| observed.frame.time);
    let mut out = Vec::new();
    draw_connections(tracker, origin, style, &mut out);
    for timeline in timelines(packets, calls) {
        let view = view(style);
        let ladder = Ladder { timeline: &timeline, packets, calls, origin, longest: 0, explain: true, view: &view };
        write_timeline(&ladder, &mut out).expect(TAKEN);
        write_csv(&EventRow::events(&ladder), &[], &mut out).expect(TAKEN);
        write_mermaid(&ladder, &mut out).expect(TAKEN);
        write_svg(&ladder, &mut out).expect(TAKEN);
        let mut lines = Vec::new();
        write_ndjson(&EventRow::conversation(&ladder), &[], &mut lines).expect(TAKEN);
        assert_json_lines(&lines, "events");
        tell(&timeline, packets, &mut out);
    }
    for connection in all(tracker) {
        follow(packets, connection, style, &mut out);
    }
    if !style.color {
        assert_harmless(&out, "timelines");
    }
}

fn all(tracker: &Tracker) -> impl Iterator<Item = &Connection> {
    [Transport::Tcp, Transport::Udp].into_iter().flat_map(|transport| tracker.connections(transport))
}

fn draw_connections(tracker: &Tracker, origin: Option<Timestamp>, style: Style, out: &mut Vec<u8>) {
    let flows: Vec<Flow<'_>> = all(tracker).map(|connection| Flow { connection, origin }).collect();
    let handshakes: Vec<HandshakeRow<'_>> = all(tracker)
        .filter_map(|connection| Some(HandshakeRow { connection, handshake: connection.handshake()?, origin }))
        .collect();
    let mut totals = Totals::default();
    flows.iter().for_each(|flow| totals.add(flow.connection));
    totals.write(1, style, out).expect(TAKEN);
    write_table(&flows, &[], style, out).expect(TAKEN);
    write_table(&handshakes, &[], style, out).expect(TAKEN);
    for row in &handshakes {
        write_handshake(row.handshake, style, out).expect(TAKEN);
    }
    let mut lines = Vec::new();
    write_ndjson(&flows, &[], &mut lines).expect(TAKEN);
    write_ndjson(&handshakes, &[], &mut lines).expect(TAKEN);
    assert_json_lines(&lines, "connections");
    write_csv(&flows, &[], out).expect(TAKEN);
    write_csv(&handshakes, &[], out).expect(TAKEN);
}

/// Every packet of a timeline stands in it once, and can be told in a sentence.
fn tell(timeline: &Timeline, packets: &[Observed], out: &mut Vec<u8>) {
    let mut told = vec![false; packets.len()];
    for event in &timeline.events {
        if let layerscope::analyse::What::Packet { packet, .. } = event.what {
            assert!(!std::mem::replace(&mut told[packet], true), "packet {packet} stands there twice");
            if let Some(explained) = explain(timeline, &packets[packet], event.what) {
                writeln!(out, "{}", Spelling::default().explanation(&explained)).expect(TAKEN);
            }
        }
    }
    for (packet, told) in packets.iter().zip(told) {
        let is_of_it =
            packet.seen.is_some_and(|seen| (seen.transport, seen.stream) == (timeline.transport, timeline.stream));
        assert!(told || !is_of_it, "packet {} is left out", packet.frame.number);
    }
}

/// What each side said comes in order, each byte once.
fn follow(packets: &[Observed], connection: &Connection, style: Style, out: &mut Vec<u8>) {
    let id = (connection.transport(), connection.stream());
    let read_text = |bytes: &[u8]| text::utf8_or_hex(bytes);
    for shape in
        [FollowShape::Text, FollowShape::Hex, FollowShape::Rows(LineFormat::Json), FollowShape::Rows(LineFormat::Csv)]
    {
        let mut writer = FollowWriter::new(shape, style, false, &read_text);
        let mut next = [0; 2];
        let mut tell = |piece: Piece<'_>| {
            let (from, offset, len) = match piece {
                Piece::Bytes { from, offset, bytes, .. } => (from, offset, bytes.len() as u64),
                Piece::Gap { from, offset, len } => (from, offset, len),
            };
            assert!(len > 0 && offset == next[from as usize], "{offset} comes behind {}", next[from as usize]);
            next[from as usize] = offset + len;
            writer.write(piece, out)
        };
        let mut follow = Follow::default();
        for observed in packets {
            let (frame, packet) = (observed.frame.as_frame(), observed.packet());
            match observed.seen {
                Some(seen) if (seen.transport, seen.stream) == id => {
                    follow.observe(&frame, &packet, &seen, &mut tell).expect(TAKEN);
                }
                Some(_) => {}
                None => follow.keep(&frame, &packet),
            }
        }
        follow.finish(&mut tell).expect(TAKEN);
        writer.finish(out).expect(TAKEN);
    }
}
