//! The same lesson with the same numbers.

use super::Ledger;
use crate::model::{OwnedFrame, SocketCall};

/// Replaces what differs from run to run.
pub fn canonical(_frames: &mut [OwnedFrame], _calls: &mut [SocketCall], _ledger: &Ledger) {}
