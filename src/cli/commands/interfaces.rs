//! `layerscope interfaces`: where packets can be captured, and whether this user may.

use std::io::{self, Write};

use anyhow::Context;
use serde::Serialize;

use crate::cli::args::{InterfacesArgs, TableFormat};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::{Failure, line, say, this_binary};
use crate::cli::terminal;
use crate::model::LinkType;
use crate::render::grid::Field;
use crate::render::{Recorded, Style, json, write_csv, write_ndjson, write_wrapped};
use crate::source::{NetworkInterface, SourceError, default_interface, interfaces};

/// The columns of the table for people, and how wide it must be to show them.
const COLUMNS: [(&str, usize); 5] = [("name", 0), ("capture", 0), ("link", 66), ("flags", 76), ("addresses", 0)];

/// Runs the verb.
pub(in crate::cli) fn run(args: &InterfacesArgs) -> Result<Exit, Failure> {
    terminal::check_color(&args.look, args.format == TableFormat::Text, "--format text")?;
    let default = default_interface();
    let rows: Vec<Probed> = interfaces()?.into_iter().map(|interface| Probed::new(interface, &default)).collect();
    let mut out = output::stdout()?;
    let style = terminal::style(&args.look);
    let written = match args.format {
        TableFormat::Text => write_words(&rows, style, &mut out),
        TableFormat::Json => write_ndjson(&rows, &mut out),
        TableFormat::Csv => write_csv(&rows, &mut out),
    };
    written.context("writing to standard output")?;
    output::finish(out)?;
    let is_refused = |row: &Probed| matches!(row.link, Err(SourceError::NoPermission { .. }));
    if args.format == TableFormat::Text && rows.iter().any(is_refused) {
        say("capturing needs CAP_NET_RAW, which this process lacks. One of these will do:");
        let binary = this_binary();
        ways(&binary, &format!("{binary} capture")).iter().for_each(|way| line(&format!("  {way}")));
    }
    Ok(Exit::Done)
}

/// As many columns as there is room for.
fn write_words(rows: &[Probed], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let has_room = |(_, least): &(&str, usize)| *least <= style.width;
    let headings: Vec<&str> = COLUMNS.iter().filter(|column| has_room(column)).map(|(name, _)| *name).collect();
    let cells = |row: &Probed| {
        COLUMNS.iter().zip(row.words()).filter(|(column, _)| has_room(column)).map(|(_, words)| words).collect()
    };
    write_wrapped(&headings, rows.iter().map(cells), style, out)
}

/// The ways to capture with a command without being root all the time.
pub(super) fn ways(binary: &str, command: &str) -> [String; 3] {
    let ways = [
        (format!("sudo {command}"), "gives root up before it decodes anything"),
        (format!("sudo setcap cap_net_raw=ep {binary}"), "once; then without sudo"),
        (format!("{binary} capture --network private -- COMMAND"), "a command in a network of its own: no privilege"),
    ];
    let widest = ways.iter().map(|(way, _)| way.len()).max().unwrap_or(0);
    ways.map(|(way, what)| format!("{way:<widest$}  # {what}"))
}

/// An interface, and what came of opening it.
struct Probed {
    interface: NetworkInterface,
    is_default: bool,
    link: Result<LinkType, SourceError>,
}

impl Probed {
    fn new(interface: NetworkInterface, default: &str) -> Self {
        Self { is_default: interface.name == default, link: interface.probe(), interface }
    }

    /// Why it cannot be opened, in a word or two.
    fn refusal(&self) -> Option<&'static str> {
        match self.link {
            Ok(_) => None,
            Err(SourceError::InterfaceDown { .. }) => Some("down"),
            Err(SourceError::NoPermission { .. }) => Some("permission"),
            Err(_) => Some("other"),
        }
    }

    fn capture(&self) -> String {
        match self.refusal() {
            None if self.is_default => "yes, default".to_owned(),
            None => "yes".to_owned(),
            Some("other") => "no".to_owned(),
            Some(why) => format!("no: {why}"),
        }
    }

    fn link_name(&self) -> Option<String> {
        let link = self.link.as_ref().ok()?;
        Some(link.name().map_or_else(|| link.0.to_string(), str::to_owned))
    }

    fn flags(&self) -> Vec<&'static str> {
        let NetworkInterface { is_up, is_running, is_loopback, is_wireless, .. } = self.interface;
        let all = [(is_up, "up"), (is_running, "running"), (is_loopback, "loopback"), (is_wireless, "wireless")];
        all.into_iter().filter_map(|(is, name)| is.then_some(name)).collect()
    }

    fn addresses(&self) -> Vec<String> {
        self.interface.addresses.iter().map(ToString::to_string).collect()
    }

    /// What stands in the [`COLUMNS`].
    fn words(&self) -> [String; 5] {
        let addresses = match &self.interface.description {
            Some(description) if self.interface.addresses.is_empty() => description.clone(),
            _ => self.addresses().join(" "),
        };
        let link = self.link_name().unwrap_or_default();
        [self.interface.name.clone(), self.capture(), link, self.flags().join(" "), addresses]
    }
}

impl Recorded for Probed {
    fn fields() -> Vec<Field<Self>> {
        vec![
            ("name", |row| row.interface.name.clone()),
            ("description", |row| row.interface.description.clone().unwrap_or_default()),
            ("default", |row| row.is_default.to_string()),
            ("can_capture", |row| row.link.is_ok().to_string()),
            ("refusal", |row| row.refusal().unwrap_or_default().to_owned()),
            ("link", |row| row.link_name().unwrap_or_default()),
            ("flags", |row| row.flags().join(" ")),
            ("addresses", |row| row.addresses().join(" ")),
        ]
    }

    fn object(&self) -> impl Serialize {
        let link = self.link.as_ref().ok();
        InterfaceObject {
            schema: json::SCHEMA,
            name: &self.interface.name,
            description: self.interface.description.as_deref(),
            default: self.is_default,
            can_capture: link.is_some(),
            refusal: self.refusal(),
            message: self.link.as_ref().err().map(ToString::to_string),
            link_type: link.map(|link| link.0),
            link: link.and_then(|link| link.name()),
            flags: self.flags(),
            addresses: self.addresses(),
        }
    }
}

#[derive(Serialize)]
struct InterfaceObject<'a> {
    schema: u32,
    name: &'a str,
    description: Option<&'a str>,
    /// Whether it is captured on where nobody names one.
    default: bool,
    can_capture: bool,
    refusal: Option<&'static str>,
    message: Option<String>,
    link_type: Option<u16>,
    link: Option<&'static str>,
    flags: Vec<&'static str>,
    addresses: Vec<String>,
}
