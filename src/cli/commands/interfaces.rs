//! `layerscope interfaces`: where packets can be captured, and whether this user may.

use anyhow::Context;

use super::connections::{check_columns, write_rows};
use crate::cli::args::{InterfacesArgs, TableFormat};
use crate::cli::capture_rights::{self, private_network};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::{Failure, line, say};
use crate::cli::terminal;
use crate::engine::command_line::this_binary;
use crate::render::{InterfaceRow, Reason, Refusal, sort_rows, write_interfaces};
use crate::source::{NetworkInterface, SourceError, default_interface, interfaces};

/// Runs the verb.
pub(in crate::cli) fn run(args: &InterfacesArgs) -> Result<Exit, Failure> {
    terminal::check_color(&args.look, args.format == TableFormat::Text, "--format text")?;
    check_columns::<InterfaceRow>(&args.columns, args.format)?;
    let default = default_interface();
    let mut rows: Vec<InterfaceRow> = interfaces()?.into_iter().map(|interface| probed(interface, &default)).collect();
    if let Some(key) = args.sort {
        sort_rows(&mut rows, key);
    }
    let mut out = output::stdout()?;
    let style = terminal::style(&args.look);
    if args.format == TableFormat::Text && args.columns.is_empty() {
        write_interfaces(&rows, style, &mut out).context("writing to standard output")?;
    } else {
        write_rows(&rows, &args.columns, args.format, style, &mut out)?;
    }
    output::finish(out)?;
    let is_refused = |row: &InterfaceRow| row.refusal().is_some_and(|refusal| refusal.reason == Reason::Permission);
    if args.format == TableFormat::Text && rows.iter().any(is_refused) {
        say("capturing needs CAP_NET_RAW, which this process lacks. One of these will do:");
        let ways = capture_rights::ways(&format!("{} capture", this_binary()), &[private_network()]);
        ways.iter().for_each(|way| line(&format!("  {way}")));
    }
    Ok(Exit::Done)
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
