//! The scenarios, a file each: readable scripts over the recording sockets.

pub mod echo;
