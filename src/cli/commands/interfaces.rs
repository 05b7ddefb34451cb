//! `layerscope interfaces`: where packets can be captured, and whether this user may.

use crate::cli::args::{InterfacesArgs, TableFormat};
use crate::cli::capture_rights::{self, private_network};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::{Failure, line, say};
use crate::cli::terminal;
use crate::engine::command_line::this_binary;
use crate::engine::probed_interfaces;
use crate::render::{InterfaceRow, Reason, write_csv, write_interfaces, write_ndjson};

/// Runs the verb.
pub(in crate::cli) fn run(args: &InterfacesArgs) -> Result<Exit, Failure> {
    terminal::check_color(&args.look, args.format == TableFormat::Text, "--format text")?;
    let rows = probed_interfaces()?;
    let mut out = output::stdout()?;
    let style = terminal::style(&args.look);
    let written = match args.format {
        TableFormat::Text => write_interfaces(&rows, style, &mut out),
        TableFormat::Json => write_ndjson(&rows, &[], &mut out),
        TableFormat::Csv => write_csv(&rows, &[], &mut out),
    };
    written?;
    output::finish(out)?;
    let is_refused = |row: &InterfaceRow| row.refusal().is_some_and(|refusal| refusal.reason == Reason::Permission);
    if args.format == TableFormat::Text && rows.iter().any(is_refused) {
        say("capturing needs CAP_NET_RAW, which this process lacks. One of these will do:");
        let ways = capture_rights::ways(&format!("{} capture", this_binary()), &[private_network()]);
        ways.iter().for_each(|way| line(&format!("  {way}")));
    }
    Ok(Exit::Done)
}
