//! System calls made by another process, as somebody would make them who has taken it over: it is stopped, made to call,
//! and goes on as if nothing had been.
#![expect(unsafe_code, reason = "ptrace has no safe form")]
#![expect(clippy::disallowed_methods, reason = "readiness of another process is polled")]

use std::time::Duration;

use libc::{c_long, c_void, pid_t, user_regs_struct};

/// A process that is stopped, and calls what it is told to.
pub(crate) struct Injected {
    pid: pid_t,
    before: user_regs_struct,
    /// A place in its memory that it does not use: below its stack and the red zone.
    scratch: u64,
}

impl Injected {
    /// Stops the process where it waits in a system call, which may take a while to come.
    pub(crate) fn stop(pid: u32) -> Self {
        let pid = pid_t::try_from(pid).unwrap();
        for _ in 0..1000 {
            let stopped = Self::attach(pid);
            if stopped.is_at_a_call() {
                return stopped;
            }
            drop(stopped);
            // Who is stopped again at once comes nowhere.
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("process {pid} waits in no system call");
    }

    /// Whether it stands behind the instruction `syscall`.
    fn is_at_a_call(&self) -> bool {
        let address = self.before.rip - 2;
        // SAFETY: the kernel reads a word of the other process, or refuses.
        let word = unsafe { libc::ptrace(libc::PTRACE_PEEKTEXT, self.pid, address as *mut c_void, 0) };
        word.to_le_bytes()[..2] == [0x0f, 0x05]
    }

    fn attach(pid: pid_t) -> Self {
        // SAFETY: attaching takes numbers alone.
        assert_eq!(unsafe { libc::ptrace(libc::PTRACE_ATTACH, pid, 0, 0) }, 0, "{}", std::io::Error::last_os_error());
        wait(pid);
        let before = registers(pid);
        Self { pid, before, scratch: before.rsp - 8192 }
    }

    /// Where 64 bytes lie in its memory that hold this text.
    pub(crate) fn text(&self, text: &[u8]) -> u64 {
        let mut bytes = [0_u8; 64];
        bytes[..text.len()].copy_from_slice(text);
        for (place, word) in bytes.as_chunks().0.iter().enumerate() {
            let address = self.scratch + 8 * place as u64;
            let word = u64::from_ne_bytes(*word);
            // SAFETY: the kernel writes a word of the other process, or refuses.
            let written = unsafe { libc::ptrace(libc::PTRACE_POKEDATA, self.pid, address as *mut c_void, word) };
            assert_eq!(written, 0, "{}", std::io::Error::last_os_error());
        }
        self.scratch
    }

    /// Makes it call, and says what came of that: a result, or an error's number below zero.
    pub(crate) fn call(&self, number: c_long, arguments: &[u64]) -> i64 {
        let argument = |place: usize| arguments.get(place).copied().unwrap_or(0);
        let mut regs = self.before;
        // It stands behind the instruction that called the kernel.
        regs.rip -= 2;
        regs.rax = number as u64;
        // No call to be made again.
        regs.orig_rax = u64::MAX;
        (regs.rdi, regs.rsi, regs.rdx) = (argument(0), argument(1), argument(2));
        (regs.r10, regs.r8, regs.r9) = (argument(3), argument(4), argument(5));
        set_registers(self.pid, &regs);
        // SAFETY: one instruction more, and it stops again.
        assert_eq!(unsafe { libc::ptrace(libc::PTRACE_SINGLESTEP, self.pid, 0, 0) }, 0);
        wait(self.pid);
        registers(self.pid).rax.cast_signed()
    }
}

impl Drop for Injected {
    fn drop(&mut self) {
        set_registers(self.pid, &self.before);
        // SAFETY: it goes on where it was stopped.
        unsafe { libc::ptrace(libc::PTRACE_DETACH, self.pid, 0, 0) };
    }
}

fn wait(pid: pid_t) {
    let mut status = 0;
    // SAFETY: the status is written to.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, libc::__WALL) }, pid);
    assert!(libc::WIFSTOPPED(status), "the process ended: {status:#x}");
}

fn registers(pid: pid_t) -> user_regs_struct {
    // SAFETY: registers are numbers, and the kernel writes all of them.
    let mut regs: user_regs_struct = unsafe { std::mem::zeroed() };
    // SAFETY: the registers are written to.
    assert_eq!(unsafe { libc::ptrace(libc::PTRACE_GETREGS, pid, 0, &raw mut regs) }, 0);
    regs
}

fn set_registers(pid: pid_t, regs: &user_regs_struct) {
    // SAFETY: the registers are read.
    assert_eq!(unsafe { libc::ptrace(libc::PTRACE_SETREGS, pid, 0, &raw const *regs) }, 0);
}
