//! The echo programs where people use them: what a client says and is answered, what happens to a server, and the packets of
//! either beside its calls, as they happen: in order of time, as rows and in a savefile.

mod address;
mod conversation;
mod endpoints;
mod left_open;
mod lines;
mod merge;
mod save;
mod screen;
mod watch;
mod watcher;

pub(crate) use address::{Resolved, resolve};
pub(crate) use conversation::{BrokenOff, Conversation, Dialogue};
pub(crate) use endpoints::OwnSockets;
pub(crate) use left_open::left_open;
pub(crate) use lines::{Lines, words};
pub(crate) use save::Saver;
pub(crate) use screen::PROMPT;
pub(crate) use watch::{PacketWatch, WatchOptions};
pub(crate) use watcher::Notice;
