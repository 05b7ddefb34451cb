//! What an interface lost before the kernel saw it: its own counters in `/sys`.
//!
//! libpcap reads them too, but opens them anew each time, which a confined process cannot; it then takes the counter for
//! zero, and the difference for four thousand million. Here they are opened with the capture, and read where they lie.

use std::fs::File;
use std::os::unix::fs::FileExt;

/// The counters of packets that found no room: in the interface, and in its queue.
const COUNTERS: [&str; 2] = ["rx_missed_errors", "rx_fifo_errors"];

/// The longest counter, 64 bits in decimal digits and the end of the line.
const DIGITS: usize = 21;

/// The counters of one interface, each with what it held in the beginning.
pub(super) struct Missed(Vec<(File, u64)>);

impl Missed {
    /// Counts from now on. An interface without counters (`any`) loses nothing that anybody knows of.
    pub(super) fn of(interface: &str) -> Self {
        let counter = |name| {
            let file = File::open(format!("/sys/class/net/{interface}/statistics/{name}")).ok()?;
            let beginning = value(&file)?;
            Some((file, beginning))
        };
        Self(COUNTERS.into_iter().filter_map(counter).collect())
    }

    /// What is not counted.
    pub(super) const fn unknown() -> Self {
        Self(Vec::new())
    }

    /// How many packets were lost so far. A counter that begins anew has lost nothing.
    pub(super) fn so_far(&self) -> u32 {
        let lost = self.0.iter().map(|(file, beginning)| value(file).unwrap_or(0).saturating_sub(*beginning));
        u32::try_from(lost.fold(0, u64::saturating_add)).unwrap_or(u32::MAX)
    }
}

/// The number that a counter holds now.
fn value(file: &File) -> Option<u64> {
    let mut digits = [0; DIGITS];
    let length = file.read_at(&mut digits, 0).ok()?;
    str::from_utf8(&digits[..length]).ok()?.trim_end().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missed(begin: &[u8], now: &[u8]) -> u32 {
        let counter = tempfile::NamedTempFile::new().unwrap();
        let mut missed = Missed(Vec::new());
        std::fs::write(counter.path(), begin).unwrap();
        let file = counter.reopen().unwrap();
        let beginning = value(&file).unwrap();
        missed.0.push((file, beginning));
        std::fs::write(counter.path(), now).unwrap();
        missed.so_far()
    }

    #[test]
    fn what_was_lost_is_what_a_counter_has_gained() {
        assert_eq!(missed(b"7\n", b"7\n"), 0);
        assert_eq!(missed(b"7\n", b"12\n"), 5);
        assert_eq!(missed(b"0\n", b"18446744073709551615\n"), u32::MAX);
        for lost in [&b"3\n"[..], b"", b"x\n", b"-1\n"] {
            assert_eq!(missed(b"7\n", lost), 0, "{lost:?}");
        }
    }

    #[test]
    fn an_interface_that_is_none_has_lost_nothing() {
        assert_eq!(Missed::of("no such interface").so_far(), 0);
        assert_eq!(Missed::unknown().so_far(), 0);
    }
}
