//! The field tables of every header: they tile it, and read nothing where it is cut.

use std::collections::BTreeSet;
use std::path::Path;

use layerscope::decode::{Protocol, Spec, dissect, keys};

use crate::support::{captures, frames, over};

/// Every table line with its children.
fn lines(table: &'static [Spec]) -> Vec<&'static Spec> {
    table.iter().flat_map(|spec| std::iter::once(spec).chain(lines(spec.children))).collect()
}

/// The first bit that `table` leaves out or covers twice between `from` and `to`.
fn gap(table: &[Spec], from: u16, to: u16) -> Option<u16> {
    let mut at = from;
    for spec in table {
        if spec.bit != at {
            return Some(at);
        }
        at += spec.width;
    }
    (at != to).then_some(at)
}

#[test]
fn a_table_tiles_its_header_bit_by_bit() {
    for protocol in Protocol::ALL {
        let table = protocol.fields();
        let bits = table.last().map_or(0, |spec| spec.byte_range().end as u16 * 8);
        assert_eq!(gap(table, 0, bits), None, "{} has a gap at this bit", protocol.name());
    }
}

#[test]
fn children_tile_their_parent() {
    for protocol in Protocol::ALL {
        for spec in lines(protocol.fields()).iter().filter(|spec| !spec.children.is_empty()) {
            assert_eq!(gap(spec.children, spec.bit, spec.bit + spec.width), None, "{} at this bit", spec.key);
        }
    }
}

#[test]
fn a_cut_header_reads_none() {
    let header = [0xff_u8; 64];
    for protocol in Protocol::ALL {
        for spec in lines(protocol.fields()) {
            let end = spec.byte_range().end;
            for cut in 0..end {
                assert_eq!(spec.read(&header[..cut]), None, "{} of {cut} bytes", spec.key);
                assert_eq!(spec.field(&header[..cut], 0), None, "{} of {cut} bytes", spec.key);
            }
            assert!(spec.field(&header[..end], 0).is_some(), "{}", spec.key);
        }
    }
}

#[test]
fn keys_are_unique_within_a_header() {
    for protocol in Protocol::ALL {
        let mut keys: Vec<_> = lines(protocol.fields()).iter().map(|spec| spec.key).collect();
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all, "{}", protocol.name());
    }
}

/// What looks like a Wireshark key in the text of a source file, its tests and comments aside.
fn keys_in(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    let is_key = |word: &&str| {
        let parts: Vec<&str> = word.split('.').collect();
        let fits = |part: &&str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        parts.len() > 1 && parts.iter().all(fits) && word.starts_with(|first: char| first.is_ascii_lowercase())
    };
    lines.flat_map(|line| line.split('"').skip(1).step_by(2)).filter(is_key).map(str::to_owned).collect()
}

#[test]
fn the_list_of_keys_is_that_of_the_tables_and_readers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/decode");
    let mut named = BTreeSet::new();
    for folder in [folder.clone(), folder.join("application"), folder.join("application/dns")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                named.extend(keys_in(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    named.remove("keys.txt");
    let list = folder.join("keys.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&list, named.iter().map(|key| format!("{key}\n")).collect::<String>()).unwrap();
    }
    let listed = std::fs::read_to_string(&list).unwrap();
    assert!(listed.lines().eq(&named), "src/decode/keys.txt: run with UPDATE_GOLDEN=1 and look");
}

#[test]
fn every_field_of_every_capture_has_a_listed_key() {
    let listed: BTreeSet<&str> = keys().collect();
    assert!(listed.iter().copied().eq(keys()), "sorted, and each once");
    let unlisted = over(&captures(), |path| {
        let frames = frames(path);
        let dissections = frames.iter().map(|frame| dissect(&frame.as_frame()));
        // An application's heading goes by the name of its protocol.
        let keys = dissections.flat_map(|it| it.fields().map(|field| field.key).collect::<Vec<_>>());
        keys.filter(|key| key.contains('.') && !listed.contains(key)).collect::<BTreeSet<_>>()
    });
    assert_eq!(unlisted.into_iter().flatten().collect::<BTreeSet<_>>(), BTreeSet::new());
}
