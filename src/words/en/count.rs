//! How many of what.

/// `1 packet`, `2 packets`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// `1 byte`, `5 bytes`.
pub(super) fn bytes(number: u32) -> String {
    count(number.into(), "byte")
}
