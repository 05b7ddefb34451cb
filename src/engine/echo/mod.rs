//! The packets of an echo program beside its calls, as they happen: in order of time, as rows and in a savefile.

mod endpoints;
mod merge;
mod save;
mod screen;
mod watch;
mod watcher;

pub(crate) use endpoints::OwnSockets;
pub(crate) use save::Saver;
pub(crate) use screen::PROMPT;
pub(crate) use watch::{PacketWatch, WatchOptions};
pub(crate) use watcher::Notice;
