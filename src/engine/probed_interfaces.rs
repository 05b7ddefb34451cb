//! The interfaces of this machine, with what comes of opening each.

use crate::render::{InterfaceRow, Reason, Refusal};
use crate::source::{NetworkInterface, SourceError, default_interface, interfaces};

/// Every interface as a row.
///
/// # Errors
///
/// What the system says of listing them.
pub(crate) fn probed_interfaces() -> Result<Vec<InterfaceRow>, SourceError> {
    let default = default_interface();
    Ok(interfaces()?.into_iter().map(|interface| probed(interface, &default)).collect())
}

/// An interface as a row, and what comes of opening it.
fn probed(interface: NetworkInterface, default: &str) -> InterfaceRow {
    let link = interface.probe().map_err(|error| Refusal { reason: reason(&error), message: error.to_string() });
    let NetworkInterface { name, description, addresses, is_up, is_running, is_loopback, is_wireless } = interface;
    let flags = [(is_up, "up"), (is_running, "running"), (is_loopback, "loopback"), (is_wireless, "wireless")];
    let flags = flags.into_iter().filter_map(|(is, name)| is.then_some(name)).collect();
    InterfaceRow { is_default: name == default, name, description, link, flags, addresses }
}

/// What keeps from opening it.
const fn reason(error: &SourceError) -> Reason {
    match error {
        SourceError::InterfaceDown { .. } => Reason::Down,
        SourceError::NoPermission { .. } => Reason::Permission,
        _ => Reason::Other,
    }
}
