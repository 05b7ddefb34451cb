//! What the fuzz targets reach of this module's insides. It is compiled for them (`cfg(fuzzing)`) and for the tests alone.

use super::bpf::Program;
use super::process;

/// Reads what a kernel could answer over netlink, as the search for processes does: how many messages there are, and how
/// many of them describe a socket.
#[must_use]
pub fn netlink(bytes: &[u8]) -> (usize, usize) {
    let (mut messages, mut sockets) = (0, 0);
    process::read_all(bytes, |body| {
        messages += 1;
        sockets += usize::from(process::is_socket(body));
    });
    (messages, sockets)
}

/// Whether a program of any instructions (code, two jumps, constant) accepts a packet of which `bytes` were captured.
#[must_use]
pub fn accepts(program: &[(u16, u8, u8, u32)], bytes: &[u8], wire_len: u32) -> bool {
    let program = Program::of(program.iter().copied());
    !program.asks_the_kernel() && program.accepts(bytes, wire_len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_are_an_answer_and_any_instructions_a_program() {
        assert_eq!(netlink(&[0xff; 40]), (0, 0));
        assert_eq!(netlink(&[16_u32.to_ne_bytes(), [0; 4], [0; 4], [0; 4]].concat()), (1, 0));
        let everything = [(0x06, 0, 0, u32::MAX)];
        assert!(accepts(&everything, &[], 0));
        for code in 0..=0xff {
            for k in [0, 15, 16, u32::MAX] {
                let program = [(0x01, 0, 0, u32::MAX), (code, 0xff, 0xff, k), everything[0]];
                let _ = accepts(&program, b"a packet", k);
            }
        }
    }
}
