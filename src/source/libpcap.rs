//! What libpcap refused, as errors of ours.

use pcap::Error;

use super::SourceError;

/// Turns libpcap's refusal of an action into an error of ours.
pub(super) fn refused(action: &'static str) -> impl Fn(Error) -> SourceError {
    move |error| SourceError::Pcap { action: action.to_owned(), message: in_words(&error) }
}

/// libpcap's message without the crate's own prefix.
pub(super) fn in_words(error: &Error) -> String {
    match error {
        Error::PcapError(message) => message.clone(),
        other => other.to_string(),
    }
}
