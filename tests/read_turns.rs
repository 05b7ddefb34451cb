//! Rows that several threads write come out as if one had written them.

use std::path::PathBuf;
use std::process::{Command, Output};

use layerscope::analyse::{Limits, Tracker};
use layerscope::decode::headers;
use layerscope::render::{
    Column, CsvRows, JsonRows, Known, PacketTable, PacketWriter, PlainRows, Row, Style, TimeStyle, View, text,
};
use layerscope::source::{Chained, FrameSource};
use layerscope::words::Language;

use crate::support::{captures, ours};

/// Small captures, one after the other: each is a batch at least, and many are damaged.
fn small() -> Vec<PathBuf> {
    captures().into_iter().filter(|path| path.metadata().is_ok_and(|data| data.len() < 20_000)).collect()
}

fn read(files: &[PathBuf], args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_layerscope")).arg("read").args(args).args(files).output().unwrap()
}

/// What one thread writes, and the errors.
fn written(files: &[PathBuf], writer: &mut dyn PacketWriter, follow: bool) -> (Vec<u8>, String) {
    let (mut source, mut tracker) = (Chained::new(files.to_vec()), Tracker::new(Limits { max_connections: 6144 }));
    let (mut out, mut errors, mut origin, mut previous) = (Vec::new(), String::new(), None, None);
    writer.begin(&mut out).unwrap();
    loop {
        match source.next_frame() {
            Ok(Some(frame)) => {
                let owned = frame.to_owned();
                let (frame, interface) = (owned.as_frame(), source.interface(owned.interface));
                let interface = interface.and_then(|interface| interface.name.as_deref());
                let (packet, known) = (headers(&frame), Known { interface, ..Known::default() });
                origin = origin.or(frame.time);
                let seen = if follow { tracker.observe(&frame, &packet) } else { None };
                writer.write(&Row { frame, packet: &packet, seen, origin, previous, known }, &mut out).unwrap();
                previous = frame.time.or(previous);
            }
            Ok(None) => break,
            Err(error) => errors += &format!("layerscope: {error}\n"),
        }
    }
    writer.finish(&mut out).unwrap();
    (out, errors)
}

#[test]
fn rows_and_complaints_are_those_of_one_thread() {
    let files = small();
    let read_text = |bytes: &[u8]| text::utf8_or_hex(bytes);
    let view = View {
        style: Style { color: false, ascii: false, width: 120, language: Language::En },
        absolute: false,
        read_text: &read_text,
    };
    let runs: [(&[&str], Box<dyn PacketWriter>, bool); 5] = [
        (&["--format", "plain"], Box::new(PlainRows::new(TimeStyle::Relative)), false),
        (&["--format", "plain", "-T", "delta"], Box::new(PlainRows::new(TimeStyle::Delta)), false),
        (&["--format", "plain", "--relative"], Box::new(PlainRows::new(TimeStyle::Relative)), true),
        (&["--format", "json"], Box::new(JsonRows::new(view, false)), true),
        (&["--format", "csv"], Box::new(CsvRows::new(Column::CSV.to_vec(), view)), true),
    ];
    for (args, mut writer, follow) in runs {
        let (expected, complaints) = written(&files, writer.as_mut(), follow);
        assert!(complaints.lines().count() > 5, "{complaints}");
        let output = read(&files, args);
        assert!(output.stdout == expected, "{args:?}: {} and {} bytes", output.stdout.len(), expected.len());
        assert_eq!(String::from_utf8_lossy(&output.stderr), complaints, "{args:?}");
    }
}

/// Tables are drawn in the layout of their first rows, whoever draws the later ones; numbers that outgrow it widen it.
#[test]
fn tables_are_those_of_one_thread() {
    let files = vec![ours("generated/loss-many.client.pcap"); 12];
    let read_text = |bytes: &[u8]| text::utf8_or_hex(bytes);
    let style = |color| Style { color, ascii: false, width: 120, language: Language::En };
    let usual: Vec<Column> = Column::TABLE.to_vec();
    let chosen = vec![Column::Number, Column::Delta, Column::Seq, Column::Data, Column::Field("ip.ttl"), Column::Macs];
    let names = "number,delta,seq,data,ip.ttl,macs";
    let runs: [(&[&str], Vec<Column>, bool, bool); 3] = [
        (&["--show", "table"], usual.clone(), true, false),
        (&["--show", "table", "--color", "always"], usual, true, true),
        (&["--show", "table", "--columns", names], chosen, false, false),
    ];
    for (args, columns, sparing, color) in runs {
        let view = View { style: style(color), absolute: false, read_text: &read_text };
        let (expected, _) = written(&files, &mut PacketTable::new(columns, sparing, view), true);
        assert!(expected.iter().filter(|byte| **byte == b'\n').count() > 5_000);
        for _ in 0..5 {
            let output = read(&files, args);
            assert!(output.stdout == expected, "{args:?}: {} and {} bytes", output.stdout.len(), expected.len());
        }
    }
}

#[test]
fn numbers_run_on_from_batch_to_batch_and_end_where_enough_was_asked_for() {
    let files = small();
    let numbers = |args: &[&str]| -> Vec<u64> {
        let args = [&["--format", "csv", "--columns", "number"], args].concat();
        let output = String::from_utf8(read(&files, &args).stdout).unwrap();
        output.lines().skip(1).map(|line| line.parse().unwrap()).collect()
    };
    let all = numbers(&[]);
    assert!(all.len() > 500 && all.iter().zip(1..).all(|(&shown, number)| shown == number));
    for limit in [0, 1, all.len() / 2, all.len() - 1] {
        assert_eq!(numbers(&["-c", &limit.to_string()]), all[..limit]);
    }
    let span = ["--from", "1795198489", "--to", "1795198580"];
    let some = numbers(&span);
    assert!(some.is_sorted() && some.len() < all.len() - 100 && some.len() > 100, "{}", some.len());
    assert_eq!(numbers(&[&span[..], &["-c", "77"]].concat()), some[..77]);
}

/// A filter that has no meaning for a link type ends the reading, behind all rows before and ahead of all rows after,
/// whichever thread is faster.
#[test]
fn rows_before_a_refused_packet_are_shown_and_none_behind_it() {
    let files = ["derived/le-us.pcap", "derived/raw-101.pcap", "derived/le-us.pcap"].map(ours);
    let alone = String::from_utf8(read(&files[..1], &["--count"]).stdout).unwrap();
    for _ in 0..30 {
        let output = read(
            &files,
            &["--format", "plain", "--filter", "ether host 02:00:00:00:00:01 or not ether host 02:00:00:00:00:01"],
        );
        let rows = String::from_utf8(output.stdout).unwrap().lines().count();
        assert_eq!(format!("{rows}\n"), alone);
        assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
