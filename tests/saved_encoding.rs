//! A saved lesson remembers the encoding of what was said in it, and whoever reads it reads by that.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::echo::{Server, piped};
use crate::run::{layerscope, public_folder, stdout, tshark, without_root};

const TEXT: &str = "你好服务端";

/// The GBK bytes of the text without the encoding; in their middle are two that UTF-8 would read as `÷`.
const BYTES: &str = "\\xc4\\xe3\\xba\\xc3\\xb7\\xfe\\xce\\xf1\\xb6\\xcb";

fn lesson(file: &Path) {
    stdout(
        layerscope(["demo", "--network", "private", "--tcp", "--message", TEXT, "--encoding", "gbk", "-w"]).arg(file),
    );
}

fn shown(verb: &[&str], file: &Path, more: &[&str]) -> String {
    let mut command = layerscope(verb);
    stdout(command.arg(file).args(more).env("COLUMNS", "200"))
}

#[test]
fn every_view_of_a_saved_lesson_reads_it_by_its_encoding() {
    let folder = public_folder();
    let file = folder.path().join("lesson.pcapng");
    lesson(&file);
    for (verb, more) in [
        (&["read"][..], &[][..]),
        (&["read", "--show", "table"], &[]),
        (&["read", "--format", "json"], &[]),
        (&["read", "--format", "csv", "--columns", "data"], &[]),
        (&["follow"], &["--stream", "0"]),
        (&["timeline"], &["--stream", "0"]),
        (&["inspect"], &["4"]),
    ] {
        let text = shown(verb, &file, more);
        assert!(text.contains(TEXT) && !text.contains('÷'), "{verb:?}: {text}");
        // Whoever asks for another gets it.
        let text = shown(verb, &file, &[more, &["--encoding", "latin1"]].concat());
        assert!(text.contains("ÄãºÃ·þÎñ¶Ë"), "{verb:?}: {text}");
    }
}

#[test]
fn what_is_chosen_of_a_lesson_remembers_too_and_wireshark_reads_the_file() {
    let folder = public_folder();
    let [file, chosen] = ["lesson.pcapng", "chosen.pcapng"].map(|name| folder.path().join(name));
    lesson(&file);
    stdout(layerscope(["read", "-w"]).arg(&chosen).arg(&file).args(["--stream", "0"]));
    assert!(shown(&["follow"], &chosen, &["--stream", "0"]).contains(TEXT));
    let [all, some] = [&file, &chosen].map(|file| tshark(file, &["frame.len"]).len());
    assert!(all > 0 && all == some);
    // Several captures need not be of one encoding: none is taken for granted.
    let both = stdout(layerscope(["read", "--show", "table"]).args([&file, &chosen]).env("COLUMNS", "200"));
    assert!(both.contains(BYTES) && !both.contains(TEXT), "{both}");
}

/// pcap has no place for it: then all of a text is shown as bytes, and no half of it.
#[test]
fn without_its_encoding_a_text_is_whole_bytes() {
    let folder = public_folder();
    let file = folder.path().join("lesson.pcap");
    lesson(&file);
    for (verb, more) in
        [(&["read", "--show", "table"][..], &[][..]), (&["follow"], &["--stream", "0"]), (&["inspect"], &["4"])]
    {
        let text = shown(verb, &file, more);
        assert!(text.contains(BYTES) || verb == ["inspect"] && !text.contains('÷'), "{verb:?}: {text}");
    }
}

#[test]
fn what_an_echo_program_saves_remembers_its_encoding() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let folder = public_folder();
    let file = folder.path().join("client.pcapng");
    let server = Server::start(&["--tcp", "--encoding", "gbk", "--reply", "same"]);
    let addr = format!("127.0.0.1:{}", server.port());
    let mut command = layerscope(["echo", "client", &addr, "--encoding", "gbk", "--capture", "-w"]);
    command.arg(&file).env("COLUMNS", "200").stderr(Stdio::null());
    let live = piped(&mut command, &format!("{TEXT}\nexit\n"));
    // The packet, and the calls.
    assert!(live.contains(&format!("seq 1 ack 1  10 B \"{TEXT}\"")), "{live}");
    assert!(live.contains(&format!("send(10 B \"{TEXT}\")")), "{live}");
    assert!(live.contains("send(4 B \"exit\")"), "{live}");
    let text = shown(&["read"], &file, &[]);
    assert!(text.matches(TEXT).count() >= 4 && !text.contains('÷'), "{text}");
    let comment = Command::new("capinfos").args(["-k", file.to_str().unwrap()]).output().unwrap();
    let comment = String::from_utf8_lossy(&comment.stdout).into_owned();
    assert!(comment.contains("payload encoding: GBK"), "{comment}");
}
