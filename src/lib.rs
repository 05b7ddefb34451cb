//! Layerscope: real packets in, one explained conversation out.
//!
//! Every header field is tied to its bytes, every packet to the TCP/IP layer it belongs to and, where the program owns
//! the sockets, to the call that caused it. `ARCHITECTURE.md` draws the house; each module says where its border is.
//!
//! A capture is read frame by frame; a tracker follows its conversations, and says how each of them went:
//!
//! ```
//! use layerscope::analyse::{Limits, Tracker};
//! use layerscope::decode::headers;
//! use layerscope::model::Transport;
//! use layerscope::source::{CaptureFile, FrameSource};
//! use layerscope::words::Spelling;
//!
//! let mut capture = CaptureFile::open("captures/demo.pcap")?;
//! let mut tracker = Tracker::new(Limits::default());
//! while let Some(frame) = capture.next_frame()? {
//!     tracker.observe(&frame, &headers(&frame));
//! }
//! let spell = |connection| Spelling::default().conversation(connection);
//! let verdicts: Vec<String> = tracker.connections(Transport::Tcp).map(spell).collect();
//! assert_eq!(verdicts, ["closed by the client, four-way"]);
//! # Ok::<(), layerscope::source::SourceError>(())
//! ```
//!
//! # Features
//!
//! - `live`: interfaces, live capture and capture filters, which need libpcap; and who is behind this machine's sockets.
//! - `cli`: the program, its lab and its sandbox, for Linux. It needs `live`.
//!
//! Both are there unless left out. Without them captures are read, followed and rendered all the same.

// Plain data under everything: frames, times, fields, endpoints, socket calls.
pub mod model;

// Where frames come from and go to: saved captures, live capture, filters, writers.
pub mod source;

// Bytes to layers, fields and problems; pure, and never failing.
pub mod decode;

// The one place that reads the time.
#[cfg(feature = "live")]
mod clock;

// This machine: the processes behind its sockets, and the names of hosts; Linux alone.
#[cfg(feature = "live")]
pub mod host;

// Whom a process becomes and what it can still do; Linux alone.
#[cfg(feature = "cli")]
mod sandbox;

// Packets (and calls) to connections, states and a timeline; pure.
pub mod analyse;

// Facts to sentences, a language a folder.
pub mod words;

// Facts to text, JSON and colour, each format in a file of its own.
pub mod render;

// What several commands do: ordered batches, the choice among packets, passes over captures.
#[cfg(feature = "cli")]
mod engine;

// Real sockets making real traffic, every call recorded; it never sees a packet.
#[cfg(feature = "cli")]
pub mod lab;

// The command line: the only module that knows all the others.
#[cfg(feature = "cli")]
pub mod cli;
