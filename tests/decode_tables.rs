//! The field tables of every header: they tile it, and read nothing where it is cut.

use layerscope::decode::{Protocol, Spec};

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
