//! The writer: whom a confined capture asks for the files of a ring.
//!
//! After confinement a capture opens no file. So the program starts itself once more beforehand; the copy can create files
//! in one folder, and remove those that it created and that nobody has replaced, and can do nothing else. It is asked with
//! names and answers with open files.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::Command;

use rustix::fs::{AtFlags, Mode, OFlags, fstat, openat, statat};
use rustix::io::{Errno, read};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};

use crate::engine::companion::{Companion, TO_ANSWER};
use crate::engine::exit::Exit;
use crate::engine::failure::{About as _, Failure};
use crate::engine::file_identity::{identity, remove};
use crate::sandbox::{self, CREATING, Kind, OWNERS_ALONE};

/// The longest name of a file (limits.h).
const NAME: usize = 255;

/// What is asked: a file of this name to be created, or to be removed.
const CREATE: u8 = b'+';
const REMOVE: u8 = b'-';

/// The asking side of the writer.
pub(crate) struct Writer {
    process: Companion,
}

impl Writer {
    /// Starts it for files in a folder, by a command that calls [`write_files`]; returns when it is confined.
    ///
    /// # Errors
    ///
    /// It did not start.
    pub(crate) fn start(mut command: Command, folder: OwnedFd, is_interrupted: fn() -> bool) -> Result<Self, Failure> {
        command.stdout(folder);
        let process = Companion::start(command, "the writer of files", is_interrupted);
        let process = process.about("starting the writer of files")?;
        process.begun(&mut [0_u8])?;
        Ok(Self { process })
    }

    /// Makes sure that further files can be had.
    ///
    /// # Errors
    ///
    /// The writer has ended.
    pub(crate) fn check(&self) -> io::Result<()> {
        if self.process.has_ended() { Err(self.process.has_gone()) } else { Ok(()) }
    }

    /// A new file of this name in the folder.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn create(&self, name: &OsStr) -> io::Result<File> {
        let file = self.ask(CREATE, name)?;
        file.map(File::from).ok_or_else(|| io::Error::other("the writer sent no file"))
    }

    /// Removes the file of this name, which it created.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
        self.ask(REMOVE, name).map(drop)
    }

    fn ask(&self, what: u8, name: &OsStr) -> io::Result<Option<OwnedFd>> {
        self.process.tell(&[&[what], name.as_bytes()].concat())?;
        self.process.await_answer(TO_ANSWER)?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut rights = RecvAncillaryBuffer::new(&mut space);
        let mut errno = [0_u8; 4];
        let received = recvmsg(&self.process, &mut [IoSliceMut::new(&mut errno)], &mut rights, RecvFlags::CMSG_CLOEXEC)
            .map_err(|errno| self.process.explain(errno))?;
        if received.bytes < errno.len() {
            return Err(self.process.has_gone());
        }
        match i32::from_ne_bytes(errno) {
            0 => Ok(rights.drain().find_map(|message| match message {
                RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
                _ => None,
            })),
            errno => Err(io::Error::from_raw_os_error(errno)),
        }
    }
}

impl AsFd for Writer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.process.as_fd()
    }
}

/// What the writer of a ring named so does, until nobody can ask any more. Its standard input is the channel, its standard
/// output the folder; `confine` makes it what it may be.
///
/// # Errors
///
/// What the system says, or `confine`.
pub(crate) fn write_files(
    name: &OsStr,
    confine: impl FnOnce(Kind<'_>) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    sandbox::close_what_was_inherited();
    sandbox::hide()?;
    let waiting = "waiting to create files";
    let (channel, folder) = (io::stdin(), io::stdout());
    let (channel, folder) = (channel.as_fd(), folder.as_fd());
    confine(Kind::Writer { folder, channel })?;
    let mut ring = Ring::new(name);
    sendmsg(channel, &[IoSlice::new(b"!")], &mut SendAncillaryBuffer::default(), SendFlags::empty()).about(waiting)?;
    loop {
        let mut question = [0; 1 + NAME];
        let length = match read(channel, &mut question) {
            Err(Errno::INTR) => continue,
            // The capture has ended, however that came about.
            Ok(0) | Err(Errno::CONNRESET) => {
                ring.remove_empty(folder);
                return Ok(Exit::Done);
            }
            length => length.about(waiting)?,
        };
        answer(channel, ring.work(folder, &question[..length])).about(waiting)?;
    }
}

fn answer(channel: BorrowedFd<'_>, done: Result<Option<OwnedFd>, Errno>) -> Result<(), Errno> {
    let (errno, file) = match done {
        Ok(file) => (0, file),
        Err(errno) => (errno.raw_os_error(), None),
    };
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut rights = SendAncillaryBuffer::new(&mut space);
    let descriptors: Vec<BorrowedFd<'_>> = file.iter().map(AsFd::as_fd).collect();
    if !descriptors.is_empty() {
        rights.push(SendAncillaryMessage::ScmRights(&descriptors));
    }
    sendmsg(channel, &[IoSlice::new(&errno.to_ne_bytes())], &mut rights, SendFlags::NOSIGNAL).map(drop)
}

/// The files of a ring: what they may be called, and those that were created.
struct Ring {
    stem: Vec<u8>,
    ending: Vec<u8>,
    /// Each with its device and its number there.
    created: HashMap<OsString, (u64, u64)>,
}

impl Ring {
    /// The ring of `out.pcapng` has files like `out_….pcapng`.
    fn new(name: &OsStr) -> Self {
        let mut parts = name.as_bytes().splitn(2, |byte| *byte == b'.').map(<[u8]>::to_vec);
        let (mut stem, ending) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        stem.push(b'_');
        Self { stem, ending, created: HashMap::new() }
    }

    fn work(&mut self, folder: BorrowedFd<'_>, question: &[u8]) -> Result<Option<OwnedFd>, Errno> {
        let Some((what, name)) = question.split_first().filter(|(_, name)| self.has(name)) else {
            return Err(Errno::PERM);
        };
        let name = OsString::from_vec(name.to_vec());
        match *what {
            CREATE => {
                let flags = OFlags::from_bits_retain(CREATING.cast_unsigned());
                let file = openat(folder, &name, flags, Mode::from_raw_mode(OWNERS_ALONE))?;
                self.created.insert(name, identity(&fstat(&file)?));
                Ok(Some(file))
            }
            REMOVE => {
                let own = self.created.remove(&name).ok_or(Errno::PERM)?;
                // What somebody has taken away need not be removed, and what was put in its place is not the ring's.
                match remove(folder, &name, own) {
                    Ok(()) | Err(Errno::NOENT) => Ok(None),
                    Err(errno) => Err(errno),
                }
            }
            _ => Err(Errno::PERM),
        }
    }

    /// Removes what nothing came to be written to, as far as it can.
    fn remove_empty(&self, folder: BorrowedFd<'_>) {
        for (name, own) in &self.created {
            if statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).is_ok_and(|there| there.st_size == 0) {
                let _ = remove(folder, name, *own);
            }
        }
    }

    /// Whether a file of the ring can have this name.
    fn has(&self, name: &[u8]) -> bool {
        name.starts_with(&self.stem) && name.ends_with(&self.ending) && !name.contains(&b'/') && !name.contains(&0)
    }
}

#[cfg(test)]
mod tests {
    use rustix::fs::open;

    use super::*;

    fn ring() -> (tempfile::TempDir, OwnedFd, Ring) {
        let folder = tempfile::tempdir().unwrap();
        let opened = open(folder.path(), OFlags::PATH | OFlags::DIRECTORY, Mode::empty()).unwrap();
        (folder, opened, Ring::new(OsStr::new("out.pcapng.zst")))
    }

    #[test]
    fn what_somebody_put_in_the_place_of_a_file_of_the_ring_stays() {
        let (folder, opened, mut ring) = ring();
        let at = |name: &str| folder.path().join(name);
        let mut ask = |question: &[u8]| ring.work(opened.as_fd(), question).map(|file| file.is_some());
        assert_eq!(ask(b"+out_1.pcapng.zst"), Ok(true));
        std::fs::write(at("theirs"), "another's").unwrap();
        std::fs::rename(at("theirs"), at("out_1.pcapng.zst")).unwrap();
        assert_eq!(ask(b"-out_1.pcapng.zst"), Ok(false));
        assert_eq!(std::fs::read(at("out_1.pcapng.zst")).unwrap(), b"another's");
        assert_eq!(ask(b"+out_2.pcapng.zst"), Ok(true));
        std::fs::remove_file(at("out_2.pcapng.zst")).unwrap();
        assert_eq!(ask(b"-out_2.pcapng.zst"), Ok(false), "it is gone already");
    }

    #[test]
    fn only_files_of_the_ring_are_created_and_only_those_are_removed() {
        let (folder, opened, mut ring) = ring();
        std::fs::write(folder.path().join("out_other.pcapng.zst"), "another's").unwrap();
        let mut ask = |question: &[u8]| ring.work(opened.as_fd(), question).map(|file| file.is_some());
        assert_eq!(ask(b"+out_1.pcapng.zst"), Ok(true));
        assert_eq!(ask(b"+out_1.pcapng.zst"), Err(Errno::EXIST));
        assert_eq!(ask(b"+out_other.pcapng.zst"), Err(Errno::EXIST));
        for refused in [
            &b""[..],
            b"+",
            b"+.",
            b"+out_/../../x.pcapng.zst",
            b"+/out_1.pcapng.zst",
            b"+other_1.pcapng.zst",
            b"+out_1.pcap",
            b"+out_\0.pcapng.zst",
            b"-out_other.pcapng.zst",
            b"-out_2.pcapng.zst",
            b"xout_1.pcapng.zst",
        ] {
            assert_eq!(ask(refused), Err(Errno::PERM), "{refused:?}");
        }
        assert_eq!(ask(b"-out_1.pcapng.zst"), Ok(false));
        assert_eq!(ask(b"-out_1.pcapng.zst"), Err(Errno::PERM), "it is another's now");
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["out_other.pcapng.zst"]);
    }
}
