//! `layerscope interfaces`: where packets can be captured, and whether this user may.

use std::io::{self, Write};

use anyhow::Context;

use crate::cli::args::InterfacesArgs;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::{Failure, line, say, this_binary};
use crate::cli::terminal;
use crate::render::{Style, text};
use crate::source::{NetworkInterface, SourceError, default_interface, interfaces};

const HEADINGS: [&str; 5] = ["name", "capture", "link", "flags", "addresses"];

/// What stands for an interface that is closed to this process.
const NOT_PERMITTED: &str = "no: permission";

/// Runs the verb.
pub(in crate::cli) fn run(args: &InterfacesArgs) -> Result<Exit, Failure> {
    let style = terminal::style(&args.look);
    let default = default_interface();
    let rows: Vec<[String; 5]> = interfaces()?.iter().map(|interface| row(interface, &default, &style)).collect();
    let mut out = output::stdout()?;
    write_rows(&rows, &style, &mut out).context("writing to standard output")?;
    output::finish(out)?;
    if rows.iter().any(|[_, capture, ..]| capture == NOT_PERMITTED) {
        say("capturing needs CAP_NET_RAW, which this process lacks. One of these will do:");
        ways(&this_binary()).iter().for_each(|way| line(&format!("  {way}")));
    }
    Ok(Exit::Done)
}

/// The ways to capture without being root all the time, as commands for this binary.
pub(super) fn ways(binary: &str) -> [String; 3] {
    [
        format!("sudo {binary} capture                             # gives root up before it decodes anything"),
        format!("sudo setcap cap_net_raw=ep {binary}               # once; then without sudo"),
        format!("{binary} capture --network private -- COMMAND     # a command in a network of its own: no privilege"),
    ]
}

fn row(interface: &NetworkInterface, default: &str, style: &Style) -> [String; 5] {
    let probed = interface.probe();
    let capture = match &probed {
        Ok(_) if interface.name == default => "yes, default",
        Ok(_) => "yes",
        Err(SourceError::InterfaceDown { .. }) => "no: down",
        Err(SourceError::NoPermission { .. }) => NOT_PERMITTED,
        Err(_) => "no",
    };
    let link = match probed {
        Ok(link) => link.name().map_or_else(|| link.0.to_string(), str::to_owned),
        Err(_) => style.missing().to_owned(),
    };
    let flags = [
        (interface.is_up, "up"),
        (interface.is_running, "running"),
        (interface.is_loopback, "loopback"),
        (interface.is_wireless, "wireless"),
    ];
    let flags: Vec<&str> = flags.into_iter().filter_map(|(is, name)| is.then_some(name)).collect();
    let addresses: Vec<String> = interface.addresses.iter().map(ToString::to_string).collect();
    let or_missing = |cell: String| if cell.is_empty() { style.missing().to_owned() } else { cell };
    let place = match &interface.description {
        Some(description) if addresses.is_empty() => text::sanitise(description),
        _ => addresses.join(" "),
    };
    [text::sanitise(&interface.name), capture.to_owned(), link, or_missing(flags.join(" ")), or_missing(place)]
}

/// Columns as wide as their widest cell, the last one as it comes.
fn write_rows(rows: &[[String; 5]], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let headings = HEADINGS.map(str::to_owned);
    let widths: Vec<usize> = (0..HEADINGS.len())
        .map(|column| rows.iter().chain([&headings]).map(|row| text::width(&row[column])).max().unwrap_or(0))
        .collect();
    let line = |row: &[String; 5]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| text::pad(cell, *width, "")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    writeln!(out, "{}", style.bold(&line(&headings)))?;
    rows.iter().try_for_each(|row| writeln!(out, "{}", line(row)))
}
