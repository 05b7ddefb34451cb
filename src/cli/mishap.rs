//! What went wrong with sockets of our own, with the call as it was made.

use super::report::Failure;
use crate::analyse::call_notation::asked;
use crate::lab::LabError;

/// That it went wrong.
pub(super) fn failure(mishap: LabError) -> Failure {
    match &mishap {
        LabError::Call { lane, call, errno } => {
            Failure::saying(format!("the {lane}'s {} failed: {errno}", asked(call)))
        }
        LabError::TimedOut { lane, call, patience } => {
            Failure::saying(format!("the {lane}'s {} waited {} s in vain", asked(call), patience.as_secs_f32()))
        }
        _ => mishap.into(),
    }
}
