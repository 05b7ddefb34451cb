//! The two sides of a conversation.

use crate::model::Lane;

/// `client`, `server`.
pub(super) const fn lane(lane: Lane) -> &'static str {
    match lane {
        Lane::Client => "client",
        Lane::Server => "server",
    }
}
