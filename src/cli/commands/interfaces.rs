//! `layerscope interfaces`: where packets can be captured, and whether this user may.

use crate::cli::args::InterfacesArgs;
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
    let table = &args.table;
    terminal::check_color(&args.look, table.is_text(), "--format text")?;
    table.check()?;
    let mut rows = probed_interfaces()?;
    if let Some(key) = args.sort {
        sort_rows(&mut rows, key);
    }
    let mut out = output::stdout()?;
    let style = terminal::style(&args.look);
    if table.is_text() && table.columns.is_empty() {
        write_interfaces(&rows, style, &mut out)?;
    } else {
        table.write(&rows, style, &mut out)?;
    }
    output::finish(out)?;
    let is_refused = |row: &InterfaceRow| row.refusal().is_some_and(|refusal| refusal.reason == Reason::Permission);
    if table.is_text() && rows.iter().any(is_refused) {
        say("capturing needs CAP_NET_RAW, which this process lacks. One of these will do:");
        let ways = capture_rights::ways(&format!("{} capture", this_binary()), &[private_network()]);
        ways.iter().for_each(|way| line(&format!("  {way}")));
    }
    Ok(Exit::Done)
}
