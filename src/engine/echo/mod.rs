//! The packets of an echo program beside its calls, as they happen: in order of time, as rows and in a savefile.

mod address;
mod endpoints;
mod left_open;
mod merge;
mod save;
mod screen;
mod watch;
mod watcher;

pub(crate) use address::{Resolved, resolve};
pub(crate) use endpoints::OwnSockets;
pub(crate) use left_open::left_open;
pub(crate) use save::Saver;
pub(crate) use screen::PROMPT;
pub(crate) use watch::{PacketWatch, WatchOptions};
pub(crate) use watcher::Notice;
