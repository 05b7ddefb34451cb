//! Everything that is drawn of a packet, for the packets of every capture: nothing panics, and nothing that a
//! packet holds reaches the output unsanitised.

use layerscope::analyse::{Limits, Observed, Tracker, timelines};
use layerscope::decode::{Packet, dissect, headers};
use layerscope::model::OwnedFrame;

use layerscope::render::{
    Column, CsvRows, EventRow, JsonRows, Known, Ladder, PacketTable, PacketWriter, PlainRows, Row, Style, TimeStyle,
    View, text, write_csv, write_packet_bytes, write_timeline,
};
use layerscope::words::Language;

use crate::support::{captures, frames, name, over};

/// Packets of a file that are drawn: in the table and in timelines, and of those opened to their bytes. The largest
/// files have tens of thousands that are much alike.
const DRAWN: usize = 150;
const OPENED: usize = 6;

#[test]
fn every_capture_is_drawn_without_harm() {
    let harmed: Vec<String> = over(&captures(), |path| {
        let mut frames = frames(path);
        frames.truncate(DRAWN);
        let drawn = draw(&frames);
        let is_harmless = |line: &str| line.chars().all(|character| !character.is_control());
        let harm: Vec<String> = String::from_utf8(drawn)
            .map_err(|error| error.to_string())
            .map(|text| text.lines().filter(|line| !is_harmless(line)).map(|line| format!("{line:?}")).collect())
            .unwrap_or_else(|error| vec![error]);
        harm.first().map(|first| format!("{}: {first}", name(path)))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(harmed.is_empty(), "{}", harmed.join("\n"));
}

fn draw(frames: &[OwnedFrame]) -> Vec<u8> {
    let style = Style { color: false, ascii: false, width: 120, language: Language::En };
    let read_text = |bytes: &[u8]| text::utf8_or_hex(bytes);
    let view = View { style, absolute: true, read_text: &read_text };
    let mut tracker = Tracker::new(Limits::default());
    let packets: Vec<Packet<'_>> = frames.iter().map(|frame| headers(&frame.as_frame())).collect();
    let rows: Vec<Row<'_>> = frames
        .iter()
        .zip(&packets)
        .map(|(frame, packet)| {
            let frame = frame.as_frame();
            let seen = tracker.observe(&frame, packet);
            Row { frame, packet, seen, origin: frames[0].time, previous: frames[0].time, known: Known::default() }
        })
        .collect();
    let mut out = Vec::new();
    let writers: [Box<dyn PacketWriter>; 4] = [
        Box::new(PacketTable::new(Column::TABLE.to_vec(), true, view)),
        Box::new(PlainRows::new(TimeStyle::Absolute)),
        Box::new(JsonRows::new(view, true)),
        Box::new(CsvRows::new(Column::CSV.to_vec(), view)),
    ];
    for mut writer in writers {
        writer.begin(&mut out).unwrap();
        rows.iter().for_each(|row| writer.write(row, &mut out).unwrap());
        writer.finish(&mut out).unwrap();
    }
    for row in rows.iter().take(OPENED) {
        write_packet_bytes(&row.frame, row.packet, &dissect(&row.frame), &view, &mut out).unwrap();
    }
    let observed: Vec<Observed> = frames
        .iter()
        .zip(&rows)
        .take(DRAWN)
        .map(|(frame, row)| Observed { frame: frame.clone(), seen: row.seen })
        .collect();
    for timeline in timelines(&observed, &[]) {
        let origin = frames[0].time;
        let ladder = Ladder {
            timeline: &timeline,
            packets: &observed,
            calls: &[],
            origin,
            longest: 0,
            explain: true,
            view: &view,
        };
        write_timeline(&ladder, &mut out).unwrap();
        write_csv(&EventRow::events(&ladder), &[], &mut out).unwrap();
    }
    out
}
