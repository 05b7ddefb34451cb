//! `-w`: the savefiles of a capture, one or a ring of them.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use super::writer::Writer;
use crate::cli::args::{SafetyArgs, SaveArgs};
use crate::cli::exit::Exit;
use crate::cli::output::{SaveFile, stdout_file};
use crate::cli::report::Failure;
use crate::cli::savefile::Savefile;
use crate::model::{Frame, LinkType, Timestamp};
use crate::source::{Drops, Format, Heading, InterfaceNames, LiveCapture};
use crate::words::en::count;

/// Saves packets, and begins another file when one is full.
pub(super) struct Saver {
    /// The name as it was typed.
    path: PathBuf,
    format: Format,
    link: LinkType,
    interface: String,
    /// What the interfaces are called that packets come from.
    names: InterfaceNames,
    rotation: Rotation,
    /// Who creates the files of a ring.
    writer: Option<Writer>,
    /// Whether there is one file that can be read again.
    is_plain: bool,
    /// Whether every packet is written at once.
    flush: bool,
    /// The first file, before it is begun; `None` for standard output.
    first: Option<SaveFile>,
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

/// When another file is begun, and how many stay.
#[derive(Clone, Copy)]
struct Rotation {
    size: Option<u64>,
    nanos: Option<i64>,
    keep: Option<usize>,
}

struct Current {
    savefile: Savefile,
    /// The time of its first packet.
    first: Option<Timestamp>,
    /// The interface of its last packet, which is described there.
    described: u32,
}

impl Saver {
    /// Opens the first file, so that a wrong path is known before anything is captured.
    ///
    /// # Errors
    ///
    /// A name that says no format, options that do not go together, or what the system says about the path.
    pub(super) fn open(
        args: &SaveArgs,
        safety: &SafetyArgs,
        capture: &LiveCapture,
        now: Timestamp,
    ) -> Result<Option<Self>, Failure> {
        let Some(path) = &args.write else { return Ok(None) };
        let rotation = Rotation {
            size: args.rotate_size,
            nanos: args.rotate_every.map(|every| i64::try_from(every.as_nanos()).unwrap_or(i64::MAX)),
            keep: args.keep.map(|keep| keep as usize),
        };
        let mut saver = Self {
            path: path.clone(),
            format: Format::Pcapng,
            link: capture.link(),
            interface: capture.interface().to_owned(),
            names: capture.interface_names(),
            rotation,
            writer: None,
            is_plain: false,
            flush: args.flush,
            first: None,
            has_started: false,
            current: None,
            files: VecDeque::new(),
            begun: 0,
            saved: 0,
        };
        if args.rotates() {
            saver.format = Format::from_path(path).map_err(|error| Failure::new(Exit::Usage, error))?;
            saver.writer = Some(Writer::start(path, safety)?);
            saver.begin_next(now)?;
        } else if path != Path::new("-") {
            let file = SaveFile::open(path)?;
            saver.format = file.format();
            saver.is_plain = file.is_plain();
            saver.first = Some(file);
        }
        Ok(Some(saver))
    }

    /// Begins the first file, when nothing else can go wrong any more: what it held is lost then.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn start(&mut self) -> Result<(), Failure> {
        self.has_started = true;
        if self.writer.is_some() {
            // A ring's first file is new, and begun already.
            return Ok(());
        }
        let Some(mut file) = self.first.take() else {
            return self.begin(stdout_file()?, PathBuf::from("standard output"));
        };
        let savefile = file.begin(&self.heading())?;
        self.enter(savefile, file.path().to_owned());
        Ok(())
    }

    /// Makes sure that the next file of a ring can be had when it is needed.
    ///
    /// # Errors
    ///
    /// It cannot.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let checked = self.writer.as_ref().map_or(Ok(()), Writer::check);
        checked.context("no other file can be begun").map_err(|error| self.tell_of_saved(error.into()))
    }

    /// The way to the writer of further files.
    pub(super) fn writer(&self) -> Option<BorrowedFd<'_>> {
        self.writer.as_ref().map(AsFd::as_fd)
    }

    /// Whether packets are saved with their comments.
    pub(super) fn takes_comments(&self) -> bool {
        self.format == Format::Pcapng
    }

    /// The number of the file being written, from 1.
    pub(super) const fn number(&self) -> u32 {
        self.begun
    }

    /// Begins another file where the current one has no room for the packet.
    ///
    /// # Errors
    ///
    /// As [`Saver::save`].
    pub(super) fn make_room(&mut self, frame: &Frame<'_>) -> Result<(), Failure> {
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
    pub(super) fn save(&mut self, frame: &Frame<'_>) -> Result<(), Failure> {
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

    /// Writes out what was held back, because the next packet may be long in coming.
    ///
    /// # Errors
    ///
    /// As [`Saver::save`].
    pub(super) fn pause(&mut self) -> Result<(), Failure> {
        let Some(current) = &mut self.current else { return Ok(()) };
        current.savefile.writer().flush().map_err(|error| self.give_up(error.into()))
    }

    /// Ends the last file with what was lost.
    ///
    /// # Errors
    ///
    /// As [`Saver::save`].
    pub(super) fn finish(&mut self, now: Timestamp, packets: u64, drops: Drops) -> Result<(), Failure> {
        let Some(current) = &mut self.current else { return Ok(()) };
        let dropped = u64::from(drops.by_kernel);
        let told = current.savefile.writer().write_statistics(now, packets + dropped, dropped);
        told.map_err(|error| self.give_up(error.into()))?;
        self.end()
    }

    /// The same failure with what is in the files, and so what is not.
    fn tell_of_saved(&self, failure: Failure) -> Failure {
        let (packets, files) = (count(self.saved, "packet"), count(self.begun.into(), "file"));
        failure.advise(format!("{packets} in {files} can be read; what came after them is not saved"))
    }

    /// The file, where there is one that can be read again.
    pub(super) fn only_file(&self) -> Option<&Path> {
        self.is_plain.then_some(self.path.as_path())
    }

    /// What was saved where, in words.
    pub(super) fn summary(&self) -> String {
        match (self.files.len(), self.begun) {
            (_, 1) if self.path == Path::new("-") => "written to standard output".to_owned(),
            (_, 1) => format!("saved in {}", self.files[0].display()),
            (kept, begun) => format!("saved in {begun} files like {}, {kept} kept", self.files[kept - 1].display()),
        }
    }

    fn is_full(&mut self, frame: &Frame<'_>) -> bool {
        let Some(current) = &mut self.current else { return false };
        let by_size = self.rotation.size.is_some_and(|size| {
            current.first.is_some()
                && current.savefile.writer().size() + u64::from(frame.wire_len.min(frame.bytes.len() as u32)) > size
        });
        let age = current.first.zip(frame.time).map(|(first, time)| time - first);
        by_size || self.rotation.nanos.zip(age).is_some_and(|(nanos, age)| age >= nanos)
    }

    fn rotate(&mut self, frame: &Frame<'_>) -> Result<(), Failure> {
        self.end()?;
        while self.rotation.keep.is_some_and(|keep| self.files.len() >= keep) {
            let Some(oldest) = self.files.pop_front() else { break };
            let writer = self.writer.as_ref().context("a single file is not rotated")?;
            let removed = writer.remove(oldest.file_name().unwrap_or_default());
            removed.with_context(|| format!("removing {}", oldest.display()))?;
        }
        self.begin_next(frame.time.unwrap_or_default())
    }

    fn begin_next(&mut self, time: Timestamp) -> Result<(), Failure> {
        let writer = self.writer.as_ref().context("a single file is not rotated")?;
        let path = self.next_name(time);
        let file = writer.create(path.file_name().unwrap_or_default());
        let file = file.map_err(|error| not_created(&path, error))?;
        let begun = self.begin(file, path.clone());
        begun.inspect_err(|_| self.take_away(&path))
    }

    /// Takes a file of the ring away that holds nothing; if it cannot be removed, it stays.
    fn take_away(&self, path: &Path) {
        if let Some(writer) = &self.writer {
            let _ = writer.remove(path.file_name().unwrap_or_default());
        }
    }

    fn begin(&mut self, file: File, path: PathBuf) -> Result<(), Failure> {
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

impl Drop for Saver {
    fn drop(&mut self) {
        if !self.has_started {
            self.files.iter().for_each(|path| self.take_away(path));
        }
    }
}

/// Why a file of a ring could not be created, and what to do.
fn not_created(path: &Path, error: io::Error) -> Failure {
    let creating = format!("creating {}", path.display());
    match error.kind() {
        ErrorKind::AlreadyExists => {
            let taken = anyhow!(
                "{} is there already: another capture began files of this name in the same second",
                path.display()
            );
            Failure::from(taken).advise("give this one another name with -w, or start it once more")
        }
        ErrorKind::PermissionDenied => Failure::from(error).about(creating).advise(
            "root is given up before the first packet is decoded: --user says to whom, who must be allowed to create \
             files there",
        ),
        _ => Failure::from(error).about(creating),
    }
}

/// `20260131235959`, in UTC, by the calendar of the Gregorian eras of 400 years (146,097 days).
fn compact(time: Timestamp) -> String {
    let (seconds, _) = time.parts();
    let (days, second) = (seconds.div_euclid(86_400) + 719_468, seconds.rem_euclid(86_400));
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months count from March, so that the leap day comes last.
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = (era * 400 + year_of_era + i64::from(month >= 10), (month + 2) % 12 + 1);
    format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}", second / 3600, second / 60 % 60, second % 60)
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
