//! A live session: packets are taken from a capture, known for what they are once, and given to every sink, until something
//! ends it; and the companions that do for it what a confined process cannot.

mod arrival;
mod command;
mod connections;
mod display;
mod finder;
mod outcome;
mod queue;
mod rows;
mod savefiles;
mod session;
mod sink;
mod waiting;
mod writer;

pub(crate) use command::{CommandEnd, HeldCommand, NotStarted, supervise};
pub(crate) use connections::{ConnectionOptions, ShownConnections};
pub(crate) use finder::{find_processes, start_finder};
pub(crate) use outcome::{Counts, Outcome, Saved};
pub(crate) use rows::{RowOptions, ShownRows};
pub(crate) use savefiles::{Destination, Ring, SaveOptions, Savefiles};
pub(crate) use session::{End, Ended, EndsOn, Session};
pub(crate) use sink::{Knowledge, Sink};
pub(crate) use waiting::{FOR_FILES, FOR_ROWS};
pub(crate) use writer::{Writer, write_files};
