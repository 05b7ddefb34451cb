//! What a capture is made of, as tables and bars, as NDJSON, and as CSV.

use std::io::{self, Write};

use serde::Serialize;

use super::connection::{key, optional};
use super::grid::{Column, Field, Recorded, Tabular, write_csv, write_ndjson, write_table};
use super::json::SCHEMA;
use super::style::Style;
use crate::analyse::{Counts, Intervals, Stats};
use crate::decode::service;
use crate::model::Transport;
use crate::words::en::count;
use crate::words::quantity::{duration, percent, size};

/// The most bars of the chart.
const BARS: usize = 40;

/// What is shown of the statistics.
pub struct StatsView<'a> {
    /// The statistics.
    pub stats: &'a Stats,
    /// How many hosts, and ports of each class.
    pub top: usize,
    /// Whether the intervals are shown as they were counted; else so that there are few.
    pub exact_intervals: bool,
}

/// The shape of statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatsShape {
    /// Tables and bars.
    Text,
    /// An object a line.
    Json,
    /// A record a line.
    Csv,
}

/// From how many on intervals without a packet become one line.
const EMPTY: usize = 3;

/// The classes of ports (RFC 6335 §6).
const CLASSES: [(&str, std::ops::RangeInclusive<u16>); 3] =
    [("well-known", 0..=1023), ("registered", 1024..=49151), ("dynamic", 49152..=65535)];

/// One fact of any kind, the row of all shapes.
struct Fact {
    kind: &'static str,
    /// Protocols from the outside in; the host; the class; the class, transport and port.
    path: Vec<String>,
    /// A port's service.
    service: Option<&'static str>,
    /// Seconds since the first packet, for an interval.
    start: Option<f64>,
    counts: Counts,
    /// What a host sent of it, or how many ports of a class were used.
    part: Option<u64>,
    total: Counts,
}

impl Fact {
    /// The last of its path.
    fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }
}

impl Tabular for Fact {
    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::word("protocol", 0, |fact, _| {
                let indent = "  ".repeat(fact.path.len().saturating_sub(1));
                format!("{indent}{}", fact.name())
            }),
            Column::count("packets", 1, |fact| fact.counts.packets),
            Column::number("%", 3, |fact, _| percent(fact.counts.packets, fact.total.packets)),
            Column::count("bytes", 1, |fact| fact.counts.bytes),
            Column::number("%", 3, |fact, _| percent(fact.counts.bytes, fact.total.bytes)),
        ]
    }
}

impl Recorded for Fact {
    fn fields() -> Vec<Field<Self>> {
        vec![
            ("kind", |fact| fact.kind.to_owned()),
            ("name", |fact| fact.path.join("/")),
            ("service", |fact| fact.service.unwrap_or_default().to_owned()),
            ("start", |fact| optional(fact.start)),
            ("packets", |fact| fact.counts.packets.to_string()),
            ("bytes", |fact| fact.counts.bytes.to_string()),
            ("sent_bytes", |fact| optional(fact.part.filter(|_| fact.kind == "endpoint"))),
            ("ports", |fact| optional(fact.part.filter(|_| fact.kind == "port_class"))),
        ]
    }

    fn object(&self) -> impl Serialize {
        FactObject {
            schema: SCHEMA,
            kind: self.kind,
            path: (self.kind == "protocol").then_some(&self.path),
            name: self.path.last().filter(|_| self.kind != "interval"),
            class: self.path.first().filter(|_| self.kind == "port"),
            transport: self.path.get(1).filter(|_| self.kind == "port"),
            service: self.service,
            start: self.start,
            packets: self.counts.packets,
            bytes: self.counts.bytes,
            sent_bytes: self.part.filter(|_| self.kind == "endpoint"),
            ports: self.part.filter(|_| self.kind == "port_class"),
        }
    }
}

#[derive(Serialize)]
struct FactObject<'a> {
    schema: u32,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'a String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transport: Option<&'a String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<f64>,
    packets: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ports: Option<u64>,
}

/// Writes statistics in a shape.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_stats(view: &StatsView<'_>, shape: StatsShape, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let all = || {
        let kinds = [view.protocols(), view.hosts(), view.classes(), view.ports(), view.intervals()];
        kinds.into_iter().flatten().collect::<Vec<Fact>>()
    };
    match shape {
        StatsShape::Json => write_ndjson(&all(), out),
        StatsShape::Csv => write_csv(&all(), out),
        StatsShape::Text => view.write_text(style, out),
    }
}

impl StatsView<'_> {
    fn fact(&self, kind: &'static str, path: Vec<String>, counts: Counts) -> Fact {
        Fact { kind, path, service: None, start: None, counts, part: None, total: self.stats.total() }
    }

    fn protocols(&self) -> Vec<Fact> {
        let owned = |path: Vec<&str>| path.into_iter().map(str::to_owned).collect();
        self.stats.hierarchy().into_iter().map(|(path, counts)| self.fact("protocol", owned(path), counts)).collect()
    }

    fn hosts(&self) -> Vec<Fact> {
        let hosts = self.stats.hosts().into_iter().take(self.top);
        let fact = |(host, [sent, received]): (std::net::IpAddr, [Counts; 2])| Fact {
            part: Some(sent.bytes),
            ..self.fact("endpoint", vec![host.to_string()], sent.and(received))
        };
        hosts.map(fact).collect()
    }

    fn classes(&self) -> Vec<Fact> {
        let ports = self.stats.ports();
        let fact = |(name, range): &(&str, std::ops::RangeInclusive<u16>)| {
            let used = || ports.iter().filter(|(_, port, _)| range.contains(port));
            let counts = used().fold(Counts::default(), |sum, (.., counts)| sum.and(*counts));
            Fact { part: Some(used().count() as u64), ..self.fact("port_class", vec![(*name).to_owned()], counts) }
        };
        CLASSES.iter().map(fact).collect()
    }

    fn ports(&self) -> Vec<Fact> {
        let ports = self.stats.ports();
        let of_class = |(class, range): &(&'static str, std::ops::RangeInclusive<u16>)| {
            let (class, range) = (*class, range.clone());
            let used = ports.iter().filter(move |(_, port, _)| range.contains(port)).take(self.top);
            used.map(move |(transport, port, counts)| self.port(class, *transport, *port, *counts)).collect::<Vec<_>>()
        };
        CLASSES.iter().flat_map(of_class).collect()
    }

    fn port(&self, class: &str, transport: Transport, port: u16, counts: Counts) -> Fact {
        let path = vec![class.to_owned(), key(transport).to_owned(), port.to_string()];
        Fact { service: service(transport, port), ..self.fact("port", path, counts) }
    }

    fn spread(&self) -> Intervals {
        let intervals = self.stats.intervals();
        if self.exact_intervals { intervals.clone() } else { intervals.at_most(BARS) }
    }

    fn intervals(&self) -> Vec<Fact> {
        let intervals = self.spread();
        let start = |place: usize| place as f64 * intervals.width() as f64 / 1e9;
        let fact = |(place, counts): (usize, &Counts)| Fact {
            start: Some(start(place)),
            ..self.fact("interval", Vec::new(), *counts)
        };
        intervals.counts().iter().enumerate().map(fact).collect()
    }

    fn write_text(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let Counts { packets, bytes } = self.stats.total();
        let span = self.stats.span().map(|(first, last)| format!(" in {}", duration(last - first, style.ascii)));
        let all = format!("{}, {}{}", count(packets, "packet"), size(bytes), span.unwrap_or_default());
        writeln!(out, "{}", style.bold(&all))?;
        if packets == 0 {
            return Ok(());
        }
        writeln!(out)?;
        write_table(&self.protocols(), style, out)?;
        let hosts: Vec<Host> = self.hosts().into_iter().map(Host).collect();
        section(&hosts, style, out)?;
        let others = self.stats.other_hosts();
        if others > 0 {
            writeln!(out, "{others} ends of packets belong to hosts beyond those told apart")?;
        }
        let classes: Vec<Class> = self.classes().into_iter().map(Class).collect();
        section(&classes, style, out)?;
        let ports: Vec<Port> = self.ports().into_iter().map(Port).collect();
        section(&ports, style, out)?;
        self.write_bars(style, out)
    }

    /// The traffic over time: a line an interval, its bar as long as its bytes.
    fn write_bars(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let intervals = self.spread();
        let Some(most) = intervals.counts().iter().map(|counts| counts.bytes).max().filter(|most| *most > 0) else {
            return Ok(());
        };
        let each = duration(intervals.width(), style.ascii);
        writeln!(out, "\n{}", style.bold(&format!("     start s  packets      bytes  in each {each}")))?;
        let room = style.width.saturating_sub(34).clamp(10, 60) as u64;
        // As many places as the intervals need to differ.
        let is_whole =
            |places| intervals.width().checked_rem(10_i64.saturating_pow(9_u32.saturating_sub(places))) == Some(0);
        let places = (0..9).find(|places| is_whole(*places)).unwrap_or(9) as usize;
        let mut empty = 0;
        for (place, Counts { packets, bytes }) in intervals.counts().iter().enumerate() {
            let next = intervals.counts().get(place..).unwrap_or_default();
            let follows = |many| next.get(..many).is_some_and(|next| next.iter().all(is_empty));
            if empty > 0 || follows(EMPTY) {
                empty = usize::saturating_add(empty, 1);
                if follows(2) {
                    continue;
                }
                writeln!(out, "{:>12}  {empty} without a packet", style.glyph("⋮", ":"))?;
                empty = 0;
                continue;
            }
            let start = place as f64 * intervals.width() as f64 / 1e9;
            let bar = bar(*bytes, most, room, style);
            let line = format!("{start:>12.places$}  {packets:>7}  {:>9}  {bar}", size(*bytes));
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// A bar in eighths of a character, or whole ones in ASCII.
fn bar(value: u64, most: u64, room: u64, style: Style) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let room = u128::from(room).saturating_mul(8);
    let eighths = u128::from(value).saturating_mul(room).checked_div(u128::from(most)).unwrap_or(0) as usize;
    // What is there is seen.
    let eighths = eighths.max(usize::from(value > 0));
    if style.ascii {
        return "#".repeat(eighths.div_ceil(8));
    }
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

fn is_empty(counts: &Counts) -> bool {
    counts.packets == 0
}

fn section<T: Tabular>(rows: &[T], style: Style, out: &mut dyn Write) -> io::Result<()> {
    if !rows.is_empty() {
        writeln!(out)?;
    }
    write_table(rows, style, out)
}

/// Facts of one kind under headings of their own; for programs they are facts like all others.
macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident: $($column:expr),*;)*) => {
        $($(#[$doc])*
        struct $name(Fact);

        impl Tabular for $name {
            fn columns() -> Vec<Column<Self>> {
                vec![$($column),*]
            }
        })*
    };
}

facts! {
    /// A host.
    Host:
        Column::word("endpoint", 0, |host, _| host.0.name().to_owned()),
        Column::count("packets", 1, |host| host.0.counts.packets),
        Column::count("bytes", 1, |host| host.0.counts.bytes),
        Column::number("sent", 2, |host, _| optional(host.0.part)),
        Column::count("received", 2, |host| host.0.counts.bytes.saturating_sub(host.0.part.unwrap_or(0)));
    /// A class of ports.
    Class:
        Column::word("ports", 0, |class, _| class.0.name().to_owned()),
        Column::number("range", 2, |class, _| {
            let range = CLASSES.iter().find(|(name, _)| *name == class.0.name()).map(|(_, range)| range);
            range.map(|range| format!("{}-{}", range.start(), range.end())).unwrap_or_default()
        }),
        Column::number("used", 1, |class, _| optional(class.0.part)),
        Column::count("packets", 1, |class| class.0.counts.packets),
        Column::count("bytes", 1, |class| class.0.counts.bytes);
    /// A port.
    Port:
        Column::word("class", 2, |port, _| port.0.path[0].clone()),
        Column::number("port", 0, |port, _| format!("{}/{}", port.0.name(), port.0.path[1])),
        Column::word("service", 0, |port, _| port.0.service.unwrap_or_default().to_owned()),
        Column::count("packets", 1, |port| port.0.counts.packets),
        Column::count("bytes", 1, |port| port.0.counts.bytes);
}
