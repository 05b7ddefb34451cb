//! One TCP connection: what is known of it, what a segment changes in that, and which SYN-ACK its client takes.

mod choice;
mod connection;
mod observe;
mod other_answers;

pub(super) use connection::{Relative, TcpConnection};
