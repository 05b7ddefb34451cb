//! `layerscope interfaces`: where packets can be captured, and whether this user may.

use super::connections::{check_columns, write_rows};
use crate::cli::args::{InterfacesArgs, TableFormat};
use crate::cli::capture_rights::{self, private_network};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::{Failure, line, say};
use crate::cli::terminal;
use crate::engine::command_line::this_binary;
use crate::engine::probed_interfaces;
use crate::render::{InterfaceRow, Reason, sort_rows, write_interfaces};

/// Runs the verb.
pub(in crate::cli) fn run(args: &InterfacesArgs) -> Result<Exit, Failure> {
    terminal::check_color(&args.look, args.format == TableFormat::Text, "--format text")?;
    check_columns::<InterfaceRow>(&args.columns, args.format)?;
    let mut rows = probed_interfaces()?;
    if let Some(key) = args.sort {
        sort_rows(&mut rows, key);
    }
    let mut out = output::stdout()?;
    let style = terminal::style(&args.look);
    if args.format == TableFormat::Text && args.columns.is_empty() {
        write_interfaces(&rows, style, &mut out)?;
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
