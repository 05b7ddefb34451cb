//! The classic BPF machine that runs libpcap's compiled filters on saved packets.
//!
//! libpcap has one too, but the pcap crate gives it the captured length as the length on the wire, which makes `len`,
//! `greater` and `less` wrong for every cut packet.

use pcap::BpfProgram;

/// A compiled filter (McCanne and Jacobson 1993; bpf(4)).
#[derive(Clone, Debug)]
pub(super) struct Program(Vec<Instruction>);

#[derive(Clone, Copy, Debug)]
struct Instruction {
    code: u16,
    if_true: u8,
    if_false: u8,
    k: u32,
}

// An instruction's code is its class and, per class, a mode and a size or an operation and an operand.
const LD: u16 = 0x00;
const LDX: u16 = 0x01;
const ST: u16 = 0x02;
const STX: u16 = 0x03;
const ALU: u16 = 0x04;
const JMP: u16 = 0x05;
const RET: u16 = 0x06;
/// The bit that makes X the operand instead of the constant.
const OPERAND_X: u16 = 0x08;

struct Machine<'a> {
    packet: &'a [u8],
    wire_len: u32,
    a: u32,
    x: u32,
    memory: [u32; 16],
}

impl Program {
    /// Takes over what libpcap compiled; `None` where an instruction's text (as `tcpdump -ddd` prints it: code, the
    /// two jumps, the constant) is not understood.
    pub(super) fn new(compiled: &BpfProgram) -> Option<Self> {
        let read = |text: String| {
            let mut numbers = text.split(' ').map(|number| number.parse::<u32>().ok());
            let mut next = || numbers.next().flatten();
            Some(Instruction {
                code: next()?.try_into().ok()?,
                if_true: next()?.try_into().ok()?,
                if_false: next()?.try_into().ok()?,
                k: next()?,
            })
        };
        compiled
            .get_instructions()
            .iter()
            .map(|instruction| read(instruction.to_string()))
            .collect::<Option<_>>()
            .map(Self)
    }

    /// Any instructions at all, each its code, the two jumps and the constant, as libpcap would never compile them.
    #[cfg(any(fuzzing, test))]
    pub(super) fn of(instructions: impl IntoIterator<Item = (u16, u8, u8, u32)>) -> Self {
        let instruction = |(code, if_true, if_false, k)| Instruction { code, if_true, if_false, k };
        Self(instructions.into_iter().map(instruction).collect())
    }

    /// Whether it asks the kernel for what stands in no packet, such as its direction (Linux's `SKF_AD_OFF`): loads from
    /// far beyond any packet's end.
    pub(super) fn asks_the_kernel(&self) -> bool {
        const ANCILLARY: u32 = 0xffff_f000;
        self.0.iter().any(|instruction| instruction.code & 0xe7 == LD | 0x20 && instruction.k >= ANCILLARY)
    }

    /// Whether the filter accepts a packet of which these bytes were captured.
    ///
    /// It ends whatever the program is: jumps go forward only, and a load from outside the packet rejects it.
    #[expect(clippy::arithmetic_side_effects, reason = "within a program, whose jumps are 32 bits")]
    pub(super) fn accepts(&self, packet: &[u8], wire_len: u32) -> bool {
        let mut machine = Machine { packet, wire_len, a: 0, x: 0, memory: [0; 16] };
        let mut at = 0;
        while let Some(&instruction) = self.0.get(at) {
            at += 1;
            match instruction.code & 7 {
                JMP => at += machine.jump(instruction),
                RET if instruction.code & 0x18 == 0x10 => return machine.a != 0,
                RET => return instruction.k != 0,
                _ => {
                    if machine.step(instruction).is_none() {
                        return false;
                    }
                }
            }
        }
        false
    }
}

impl Machine<'_> {
    /// How many instructions a jump leaves out.
    #[inline]
    fn jump(&self, Instruction { code, if_true, if_false, k }: Instruction) -> usize {
        let operand = if code & OPERAND_X == 0 { k } else { self.x };
        let holds = match code & 0xf0 {
            0x00 => return k as usize,
            0x10 => self.a == operand,
            0x20 => self.a > operand,
            0x30 => self.a >= operand,
            _ => self.a & operand != 0,
        };
        usize::from(if holds { if_true } else { if_false })
    }

    /// Runs anything but a jump and a return; `None` rejects the packet.
    #[inline]
    fn step(&mut self, Instruction { code, k, .. }: Instruction) -> Option<()> {
        match code & 7 {
            LD => self.a = self.load(code, k)?,
            LDX => self.x = self.load(code, k)?,
            ST => *self.memory.get_mut(k as usize)? = self.a,
            STX => *self.memory.get_mut(k as usize)? = self.x,
            ALU => self.a = self.compute(code, if code & OPERAND_X == 0 { k } else { self.x })?,
            _ if code & 0x80 == 0 => self.x = self.a,
            _ => self.a = self.x,
        }
        Some(())
    }

    #[inline]
    fn load(&self, code: u16, k: u32) -> Option<u32> {
        let start = match code & 0xe0 {
            0x00 => return Some(k),
            0x20 => k as usize,
            0x40 => (self.x as usize).saturating_add(k as usize),
            0x60 => return self.memory.get(k as usize).copied(),
            0x80 => return Some(self.wire_len),
            // The length of an IPv4 header from its first byte.
            _ => return self.packet.get(k as usize).map(|byte| u32::from(byte & 0xf) * 4),
        };
        let bytes = self.packet.get(start..)?;
        match code & 0x18 {
            0x00 => bytes.first_chunk().map(|&word| u32::from_be_bytes(word)),
            0x08 => bytes.first_chunk().map(|&half| u32::from(u16::from_be_bytes(half))),
            _ => bytes.first().map(|&byte| u32::from(byte)),
        }
    }

    #[inline]
    fn compute(&self, code: u16, operand: u32) -> Option<u32> {
        let a = self.a;
        Some(match code & 0xf0 {
            0x00 => a.wrapping_add(operand),
            0x10 => a.wrapping_sub(operand),
            0x20 => a.wrapping_mul(operand),
            0x30 => a.checked_div(operand)?,
            0x40 => a | operand,
            0x50 => a & operand,
            0x60 => a.checked_shl(operand).unwrap_or(0),
            0x70 => a.checked_shr(operand).unwrap_or(0),
            0x80 => a.wrapping_neg(),
            0x90 => a.checked_rem(operand)?,
            _ => a ^ operand,
        })
    }
}
