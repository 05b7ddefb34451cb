//! The tracker against tshark's word on every capture of the shared folder (`../shared/oracle`, one row a connection).

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use layerscope::analyse::{Connection, Limits, Moment, Tracker};
use layerscope::decode::headers;
use layerscope::model::{Frame, Lane, LinkType, Timestamp, Transport};

const CAPTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/captures");
const ORACLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/oracle");

/// Hands every frame of a capture to `each`; false where libpcap cannot read the file.
fn read(path: &Path, mut each: impl FnMut(&Frame<'_>)) -> bool {
    let Ok(mut capture) = pcap::Capture::from_file_with_precision(path, pcap::Precision::Nano) else { return false };
    let link = LinkType(capture.get_datalink().0 as u16);
    let mut number = 0;
    while let Ok(packet) = capture.next_packet() {
        number += 1;
        let time = Timestamp::from_parts(packet.header.ts.tv_sec, packet.header.ts.tv_usec);
        let wire_len = packet.header.len;
        each(&Frame { number, time: Some(time), interface: 0, link, wire_len, bytes: packet.data, comments: &[] });
    }
    true
}

fn track(path: &Path) -> Option<Tracker> {
    let mut tracker = Tracker::new(Limits::default());
    read(path, |frame| {
        tracker.observe(frame, &headers(frame));
    })
    .then_some(tracker)
}

/// The rows of one oracle file: column name to cell.
fn rows(path: &Path) -> Vec<HashMap<String, String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<_> = lines.next().unwrap_or_default().split('\t').map(str::to_owned).collect();
    lines.map(|line| names.iter().cloned().zip(line.split('\t').map(str::to_owned)).collect()).collect()
}

fn captures() -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from(CAPTURES)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() { folders.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.strip_prefix(CAPTURES).unwrap().to_string_lossy().replace('/', "__")
}

fn seconds(moment: Option<Moment>) -> String {
    moment.and_then(Moment::time).map_or_else(String::new, |time| {
        let (seconds, nanos) = time.parts();
        format!("{seconds}.{nanos:09}")
    })
}

/// Our word on the columns that are facts of the capture.
fn facts(connection: &Connection) -> Vec<(&'static str, String)> {
    let handshake = connection.handshake().unwrap();
    let (client, server) = (connection.traffic(Lane::Client), connection.traffic(Lane::Server));
    let facts = vec![
        ("client", connection.endpoint(Lane::Client).to_string()),
        ("server", connection.endpoint(Lane::Server).to_string()),
        ("first", seconds(connection.first())),
        ("last", seconds(connection.last())),
        ("c_pkts", client.packets.to_string()),
        ("s_pkts", server.packets.to_string()),
        ("c_frame_bytes", client.bytes.to_string()),
        ("s_frame_bytes", server.bytes.to_string()),
        ("c_payload", client.payload.to_string()),
        ("s_payload", server.payload.to_string()),
        ("syn_first", seconds(handshake.syn)),
        ("syn_last", seconds(handshake.last_syn)),
        ("synack", seconds(handshake.syn_ack)),
        ("synack_last", seconds(handshake.last_syn_ack)),
        ("ack", seconds(handshake.ack)),
        ("n_syn", handshake.syns.to_string()),
        ("n_synack", handshake.syn_acks.to_string()),
    ];
    facts
}

#[test]
fn every_connection_equals_the_oracle() {
    let files = captures();
    let next = AtomicUsize::new(0);
    let found = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let oracle = Path::new(ORACLE).join(format!("{}.conn.tsv", name(path)));
                    if !oracle.exists() {
                        continue;
                    }
                    let differences = track(path).map(|tracker| compare(&tracker, &rows(&oracle)));
                    found.lock().unwrap().insert(name(path), differences);
                }
            });
        }
    });
    for (file, differences) in found.into_inner().unwrap() {
        match differences {
            None => println!("SKIP {file}"),
            Some(differences) => differences.iter().for_each(|difference| println!("{file} {difference}")),
        }
    }
}

fn compare(tracker: &Tracker, rows: &[HashMap<String, String>]) -> Vec<String> {
    let mut differences = Vec::new();
    let (ours, theirs) = (tracker.connections(Transport::Tcp).count(), rows.len());
    if ours != theirs {
        differences.push(format!("connections: {ours}, oracle {theirs}"));
    }
    for row in rows.iter().filter(|row| row["hs_ambiguous"] != "1") {
        let stream = &row["stream"];
        let Some(connection) = tracker.connection(Transport::Tcp, stream.parse().unwrap()) else {
            differences.push(format!("stream {stream}: not here"));
            continue;
        };
        for (column, ours) in facts(connection) {
            if ours != row[column] {
                differences.push(format!("stream {stream} {column}: {ours}, oracle {}", row[column]));
            }
        }
    }
    differences
}
