//! What a capture lost, in words.

use crate::source::Drops;

/// `dropped: 0 by the kernel, 0 by the interface`
pub(super) fn words(drops: Drops) -> String {
    let Drops { by_kernel, by_interface } = drops;
    format!("dropped: {by_kernel} by the kernel, {by_interface} by the interface")
}
