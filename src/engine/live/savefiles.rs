//! The savefiles of a capture, one or a ring of them.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::arrival::Arrival;
use super::outcome::{Outcome, Saved};
use super::sink::{Knowledge, Sink};
use super::writer::Writer;
use crate::engine::failure::{About as _, Failure};
use crate::engine::savefile::Savefile;
use crate::model::{Frame, LinkType, Timestamp};
use crate::source::{Format, Heading, InterfaceNames, LiveCapture};
use crate::words::en::count;

/// What is saved, and how.
pub(crate) struct SaveOptions {
    /// The name as it was typed.
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
    /// Whether every packet is written at once.
    pub(crate) flush: bool,
    pub(crate) destination: Destination,
}

/// Where packets are saved.
pub(crate) enum Destination {
    /// In one file, which is begun when the capture has come to it: what it held is lost then.
    One(Beginning),
    /// In a ring of them.
    Ring(Ring),
}

/// Begins a file.
pub(crate) type Beginning = Box<dyn FnOnce(&Heading<'_>) -> Result<Savefile, Failure>>;

/// A ring of files: when another one is begun, and how many stay.
pub(crate) struct Ring {
    /// Who creates them.
    pub(crate) writer: Writer,
    /// What is said where one could not be created.
    pub(crate) refused: fn(&Path, io::Error) -> Failure,
    /// How large one may be.
    pub(crate) size: Option<u64>,
    /// For how long it holds packets.
    pub(crate) every: Option<Duration>,
    /// How many stay.
    pub(crate) keep: Option<usize>,
}

/// Saves packets, and begins another file when one is full.
pub(crate) struct Savefiles {
    /// The name as it was typed.
    path: PathBuf,
    format: Format,
    link: LinkType,
    interface: String,
    /// What the interfaces are called that packets come from.
    names: InterfaceNames,
    flush: bool,
    ring: Option<Ring>,
    /// The one file, before it is begun.
    first: Option<Beginning>,
    /// Whether the capture has come to its files; a new one does not stay otherwise.
    has_started: bool,
    /// The file being written; none after an error.
    current: Option<Current>,
    /// The files there are, the oldest first.
    files: VecDeque<PathBuf>,
    /// How many files were begun.
    begun: u32,
    /// How many packets were written to them.
    saved: u64,
}

struct Current {
    savefile: Savefile,
    /// The time of its first packet.
    first: Option<Timestamp>,
    /// The interface of its last packet, which is described there.
    described: u32,
}

impl Savefiles {
    /// Prepares to save what a capture gives. The first file of a ring is begun at `now`, so that a wrong path is known before
    /// anything is captured.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn open(options: SaveOptions, capture: &LiveCapture, now: Timestamp) -> Result<Self, Failure> {
        let SaveOptions { path, format, flush, destination } = options;
        let (ring, first) = match destination {
            Destination::One(begin) => (None, Some(begin)),
            Destination::Ring(ring) => (Some(ring), None),
        };
        let mut files = Self {
            path,
            format,
            link: capture.link(),
            interface: capture.interface().to_owned(),
            names: capture.interface_names(),
            flush,
            ring,
            first,
            has_started: false,
            current: None,
            files: VecDeque::new(),
            begun: 0,
            saved: 0,
        };
        if files.ring.is_some() {
            files.begin_next(now)?;
        }
        Ok(files)
    }

    /// The way to the writer of further files.
    pub(crate) fn writer(&self) -> Option<BorrowedFd<'_>> {
        self.ring.as_ref().map(|ring| ring.writer.as_fd())
    }

    /// Begins another file where the current one has no room for the packet.
    ///
    /// # Errors
    ///
    /// As [`Savefiles::save`].
    fn make_room(&mut self, frame: &Frame<'_>) -> Result<(), Failure> {
        if !self.is_full(frame) {
            return Ok(());
        }
        self.rotate(frame).map_err(|failure| self.tell_of_saved(failure))
    }

    /// Saves one packet in the current file.
    ///
    /// # Errors
    ///
    /// The disk is full, or what else the system says; what was saved before stays, and can be read.
    fn save(&mut self, frame: &Frame<'_>) -> Result<(), Failure> {
        let Some(current) = &mut self.current else { return Ok(()) };
        current.first = current.first.or(frame.time);
        if frame.interface != current.described {
            current.described = frame.interface;
            let name = self.names.of(frame.interface);
            current.savefile.writer().describe(frame.interface, frame.link, name);
        }
        let mut saved = current.savefile.write_frame(frame);
        if saved.is_ok() && self.flush {
            saved = current.savefile.writer().flush();
        }
        self.saved += u64::from(saved.is_ok());
        saved.map_err(|error| self.give_up(error.into()))
    }

    /// The same failure with what is in the files, and so what is not.
    fn tell_of_saved(&self, failure: Failure) -> Failure {
        let (packets, files) = (count(self.saved, "packet"), count(self.begun.into(), "file"));
        failure.advise(format!("{packets} in {files} can be read; what came after them is not saved"))
    }

    fn is_full(&mut self, frame: &Frame<'_>) -> bool {
        let (Some(current), Some(ring)) = (&mut self.current, &self.ring) else { return false };
        let by_size = ring.size.is_some_and(|size| {
            current.first.is_some()
                && current.savefile.writer().size() + u64::from(frame.wire_len.min(frame.bytes.len() as u32)) > size
        });
        let age = current.first.zip(frame.time).map(|(first, time)| time - first);
        by_size
            || ring
                .every
                .zip(age)
                .is_some_and(|(every, age)| u128::try_from(age).is_ok_and(|age| age >= every.as_nanos()))
    }

    fn rotate(&mut self, frame: &Frame<'_>) -> Result<(), Failure> {
        self.end()?;
        let keep = self.ring.as_ref().and_then(|ring| ring.keep);
        while keep.is_some_and(|keep| self.files.len() >= keep) {
            let Some((ring, oldest)) = self.ring.as_ref().zip(self.files.pop_front()) else { break };
            let removed = ring.writer.remove(oldest.file_name().unwrap_or_default());
            removed.about(format_args!("removing {}", oldest.display()))?;
        }
        self.begin_next(frame.time.unwrap_or_default())
    }

    /// Begins the next file of a ring.
    fn begin_next(&mut self, time: Timestamp) -> Result<(), Failure> {
        let Some(ring) = &self.ring else { return Ok(()) };
        let path = self.next_name(time);
        let file = ring.writer.create(path.file_name().unwrap_or_default());
        let file = file.map_err(|error| (ring.refused)(&path, error))?;
        let begun = self.begin_in(file, path.clone());
        begun.inspect_err(|_| self.take_away(&path))
    }

    /// Takes a file of the ring away that holds nothing; if it cannot be removed, it stays.
    fn take_away(&self, path: &Path) {
        if let Some(ring) = &self.ring {
            let _ = ring.writer.remove(path.file_name().unwrap_or_default());
        }
    }

    fn begin_in(&mut self, file: File, path: PathBuf) -> Result<(), Failure> {
        let savefile = Savefile::begin(file, &path, self.format, &self.heading())?;
        self.enter(savefile, path);
        Ok(())
    }

    fn heading(&self) -> Heading<'_> {
        Heading { link: self.link, interface: Some(&self.interface), comment: None }
    }

    fn enter(&mut self, savefile: Savefile, path: PathBuf) {
        self.current = Some(Current { savefile, first: None, described: 0 });
        self.files.push_back(path);
        self.begun += 1;
    }

    fn end(&mut self) -> Result<(), Failure> {
        let Some(Current { savefile, .. }) = self.current.take() else { return Ok(()) };
        savefile.finish()
    }

    /// Ends the current file after an error.
    fn give_up(&mut self, failure: Failure) -> Failure {
        match self.current.take() {
            Some(Current { savefile, .. }) => savefile.give_up(failure),
            None => failure,
        }
    }

    /// `out.pcapng` becomes `out_00001_20260131235959.pcapng`, the time in UTC.
    fn next_name(&self, time: Timestamp) -> PathBuf {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let (stem, ending) = name.split_once('.').unwrap_or((&name, ""));
        self.path.with_file_name(format!("{stem}_{:05}_{}.{ending}", self.begun + 1, compact(time)))
    }
}

impl Sink for Savefiles {
    fn begin(&mut self) -> Result<(), Failure> {
        self.has_started = true;
        // A ring's first file is new, and begun already.
        let Some(begin) = self.first.take() else { return Ok(()) };
        let savefile = begin(&self.heading())?;
        self.enter(savefile, self.path.clone());
        Ok(())
    }

    fn take(&mut self, arrival: &Arrival<'_>, known: &mut Knowledge) -> Result<(), Failure> {
        let frame = &arrival.frame;
        self.make_room(frame)?;
        match known.processes.as_mut().filter(|_| self.format == Format::Pcapng) {
            Some(processes) => {
                let comments = processes.notes(arrival.packet(), self.begun);
                self.save(&Frame { comments: &comments, ..*frame })
            }
            None => self.save(frame),
        }
    }

    fn pause(&mut self) -> Result<(), Failure> {
        let Some(current) = &mut self.current else { return Ok(()) };
        current.savefile.writer().flush().map_err(|error| self.give_up(error.into()))
    }

    fn check(&self) -> Result<(), Failure> {
        let checked = self.ring.as_ref().map_or(Ok(()), |ring| ring.writer.check());
        checked.about("no other file can be begun").map_err(|failure| self.tell_of_saved(failure))
    }

    /// Ends the last file with what was lost.
    fn finish(&mut self, _: &mut Knowledge, outcome: &mut Outcome) -> Result<(), Failure> {
        if let Some(current) = &mut self.current {
            let dropped = u64::from(outcome.drops.by_kernel);
            let packets = outcome.counts.packets + dropped;
            let told = current.savefile.writer().write_statistics(outcome.last, packets, dropped);
            told.map_err(|error| self.give_up(error.into()))?;
            self.end()?;
        }
        let (begun, kept) = (self.begun, self.files.len());
        outcome.saved = self.files.back().map(|newest| Saved { begun, kept, newest: newest.clone() });
        Ok(())
    }
}

impl Drop for Savefiles {
    fn drop(&mut self) {
        if !self.has_started {
            self.files.iter().for_each(|path| self.take_away(path));
        }
    }
}

/// `20260131235959`, in UTC.
fn compact(time: Timestamp) -> String {
    time.to_string().chars().filter(char::is_ascii_digit).take("20260131235959".len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_names_follow_the_calendar() {
        let compact = |seconds| compact(Timestamp::from_parts(seconds, 0));
        assert_eq!(compact(0), "19700101000000");
        assert_eq!(compact(951_782_400), "20000229000000");
        assert_eq!(compact(1_798_761_599), "20261231235959");
        assert_eq!(compact(4_107_542_400), "21000301000000");
    }
}
