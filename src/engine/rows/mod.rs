//! Packets shown one by one: a pass whose rows are spelt by several threads and printed in order.
//!
//! [`Scan`](super::Scan) has every packet looked at in order, by one thread at a time. Here that would be most of the work, so
//! a turn is parted: choosing (with what conversations mean) and printing are done in the captures' order, finding headers and
//! spelling rows beside the other threads; of packets that are not chosen nobody hears.

mod chooser;
mod kept;
mod pass;
mod printer;
mod speller;

pub(crate) use kept::Keep;
pub(crate) use pass::{RowScan, Shown};
pub(crate) use speller::Shape;
