//! Layerscope: real packets in, one explained conversation out.
//!
//! Every header field is tied to its bytes, every packet to the TCP/IP layer it belongs to and, where the program owns
//! the sockets, to the call that caused it. `ARCHITECTURE.md` draws the house; each module says where its border is.

// Plain data under everything: frames, times, fields, endpoints, socket calls.
pub mod model;

// Where frames come from and go to: saved captures, live capture, filters, writers.
pub mod source;

// Bytes to layers, fields and problems; pure, and never failing.
pub mod decode;

// The one place that reads the time.
mod clock;

// This machine: the processes behind its sockets, and the names of hosts; Linux alone.
pub mod host;

// Whom a process becomes and what it can still do; Linux alone.
mod sandbox;

// Packets (and calls) to connections, states and a timeline; pure.
pub mod analyse;

// Facts to text, JSON and colour, each format in a file of its own.
pub mod render;

// What several commands do: ordered batches, the choice among packets, passes over captures.
mod engine;

// Real sockets making real traffic, every call recorded; it never sees a packet.
pub mod lab;

// The command line: the only module that knows all the others.
pub mod cli;
