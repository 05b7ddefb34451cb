//! What the fuzz targets reach of this module's insides. It is compiled for them (`cfg(fuzzing)`) and for the tests alone.

use super::bpf::Program;

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
    fn any_instructions_are_a_program() {
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
