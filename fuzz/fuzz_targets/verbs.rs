//! Whole verbs in this process: any capture, and any of their options together.
//!
//! The first bytes choose the verb and, one a slot, its options; the rest is the capture. What is written goes to
//! standard output: run it with `-close_fd_mask=3`.
#![no_main]

use std::fs;

use layerscope::cli::{Exit, fuzzing};
use layerscope_fuzz::scratch;
use libfuzzer_sys::fuzz_target;

/// How many bytes choose.
const CHOICES: usize = 8;

/// Options of which one can be given, or none.
type Slot = &'static [&'static str];

const LOOKS: Slot = &["--color=always", "--color=never", "--ascii"];
const TABLES: Slot = &["--format=text", "--format=json", "--format=csv"];
const FILTERS: Slot = &[
    "tcp",
    "udp",
    "not port 53",
    "greater 100",
    "ether[0] & 1 = 0",
    "ip6",
    "tcp[13] & 2 != 0",
    "--from=+1ms --to=+1s",
    "--stream=0 --limit=3",
];
const EXPECTATIONS: Slot = &[
    "--expect=no reset;no retransmission",
    "--expect=handshake<50ms;rtt<1s;duration<2s",
    "--expect=close=fin;open=complete;state!=S0",
    "--expect=connections=1;packets<10;bytes>1k;no refused;no unanswered",
];
const ENCODINGS: Slot = &["--encoding=utf-8", "--encoding=gbk", "--encoding=utf-16le", "--encoding=shift_jis"];
const STREAMS: Slot = &[
    "--stream=0",
    "--stream=1",
    "--stream=udp:0",
    "--stream=udp:1",
    "--stream=4294967295",
    "--stream=0 --from=+1ms",
    "--stream=0 --limit=3",
    "--stream=udp:0 --filter=udp",
];
const TOPS: Slot = &["--top=1", "--top=3", "--max-connections=1", "--max-connections=2"];

/// The verbs, with their slots. `FILE` is the capture, `OUT` where it is saved.
const VERBS: [(&str, &[Slot]); 7] = [
    (
        "read",
        &[
            &["FILE", "FILE FILE", "--merge FILE FILE"],
            &[
                "--format=table",
                "--format=plain",
                "--format=json",
                "--format=csv",
                "--count",
                "--show=timeline",
                "--show=table,timeline",
                "-w OUT.pcap",
                "-w OUT.pcapng",
                "-w OUT.pcapng.zst",
                "-w OUT.pcap.gz",
                "-v",
                "-vx",
                "--explain",
            ],
            &["--filter=tcp", "--filter=udp port 53", "--stream=0", "--stream=udp:0", "--limit=1", "--limit=3"],
            &["--from=+0.1s", "--from=+1s", "--to=+1s", "--from=2026-01-01T00:00:00Z", "--to=1700000000.5"],
            &[
                "--time=absolute",
                "--time=delta",
                "--time=epoch",
                "--time=relative",
                "--relative",
                "-S",
                "--columns=number,time,absolute,delta,epoch,interface,length",
            ],
            ENCODINGS,
            LOOKS,
        ],
    ),
    (
        "inspect",
        &[
            &["FILE", "FILE 1", "FILE 2", "FILE 3", "FILE 9", "FILE --stream=0", "FILE --from=+1ms"],
            &[
                "--format=json",
                "--layer=link",
                "--layer=internet",
                "--layer=transport",
                "--layer=application",
                "--field=tcp.stream",
                "--field=ip.addr",
                "--field=frame.time_epoch",
                "--field=tcp.port",
                "--field=ip.ttl",
            ],
            ENCODINGS,
            LOOKS,
        ],
    ),
    (
        "flows",
        &[
            &["FILE", "FILE FILE", "--merge FILE FILE"],
            FILTERS,
            &[
                "--sort=start",
                "--sort=stream",
                "--sort=duration",
                "--sort=packets",
                "--sort=bytes",
                "--sort=rtt",
                "--sort=retransmissions",
            ],
            TOPS,
            TABLES,
            LOOKS,
            EXPECTATIONS,
        ],
    ),
    (
        "handshakes",
        &[
            &["FILE", "FILE FILE", "--merge FILE FILE"],
            FILTERS,
            &["--sort=start", "--sort=stream", "--sort=total", "--sort=syn-ack", "--sort=ack", "--sort=syns"],
            &["--failed", "--slower-than=1ms", "--ladder", "--failed --ladder"],
            TABLES,
            LOOKS,
            EXPECTATIONS,
        ],
    ),
    (
        "timeline",
        &[
            &["FILE", "FILE FILE", "--merge FILE FILE"],
            STREAMS,
            &["--format=text", "--format=json", "--format=csv", "--format=mermaid", "--format=svg"],
            &["--max-rows=1", "--max-rows=9", "--absolute", "--explain", "--max-rows=8 --explain"],
            ENCODINGS,
            LOOKS,
        ],
    ),
    (
        "follow",
        &[
            &["FILE", "FILE FILE", "--merge FILE FILE"],
            STREAMS,
            &["--side=client", "--side=server"],
            &["--as=text", "--as=hex", "--as=raw", "--format=json", "--format=csv"],
            ENCODINGS,
            LOOKS,
        ],
    ),
    (
        "stats",
        &[
            &["FILE", "FILE FILE", "--merge FILE FILE"],
            FILTERS,
            &["--interval=1ns", "--interval=1s", "--interval=1h", "--interval=99999d"],
            &["--top=0", "--top=1", "--top=1000"],
            TABLES,
            LOOKS,
        ],
    ),
];

fuzz_target!(|bytes: &[u8]| {
    let Some((choices, capture)) = bytes.split_first_chunk::<CHOICES>() else { return };
    let path = scratch("verbs.pcap");
    fs::write(&path, capture).expect("room for a file");
    let (verb, slots) = VERBS[usize::from(choices[0]) % VERBS.len()];
    let words: Vec<String> = slots.iter().zip(&choices[1..]).flat_map(|(slot, choice)| chosen(slot, *choice)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let exit = fuzzing::run(verb, &words);
    assert!(!matches!(exit, Exit::AsCommand(_)), "no command was run");
});

/// The words of a choice; the first slot names files, of which there must be some.
fn chosen(slot: Slot, choice: u8) -> Vec<String> {
    let is_of_files = slot.iter().all(|words| words.contains("FILE"));
    let places = slot.len() + usize::from(!is_of_files);
    let Some(words) = slot.get(usize::from(choice) % places) else { return Vec::new() };
    let named = |word: &str| match word.strip_prefix("OUT") {
        Some(ending) => scratch(&format!("out{ending}")).display().to_string(),
        None if word == "FILE" => scratch("verbs.pcap").display().to_string(),
        None => word.to_owned(),
    };
    // A filter and an option's value are one word, whatever stands in them; several options are several.
    let is_value = words.contains('=') && words.matches("--").count() == 1 && !words.starts_with('F');
    let is_one = !words.starts_with(['F', '-']) || is_value;
    if is_one { vec![named(words)] } else { words.split(' ').map(named).collect() }
}
