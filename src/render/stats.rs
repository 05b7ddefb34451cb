//! What a capture is made of, as tables and bars, as NDJSON, and as CSV.

use std::io::{self, Write};

use super::connection::{TRANSPORTS, key};
use super::grid::{Column, Get, GridFormat, Tabular, find, sort_rows, write_rows, write_usual};
use super::style::Style;
use super::text;
use crate::analyse::{Counts, Intervals, Stats};
use crate::decode::service;
use crate::model::Transport;
use crate::words::Noun;
use crate::words::quantity::{duration, percent, size};

/// The most bars of the chart.
const BARS: usize = 40;

/// What is shown of the statistics.
pub struct StatsView<'a> {
    /// The statistics.
    pub stats: &'a Stats,
    /// How many hosts, and ports of each class.
    pub top: usize,
    /// The columns shown, of the kinds of facts that have all of them; empty where nobody chose.
    pub columns: &'a [&'static str],
    /// The column by which hosts and ports come first; `None` for those with most bytes.
    pub sort: Option<&'static str>,
    /// Whether the intervals are shown as they were counted; else so that there are few.
    pub exact_intervals: bool,
}

/// From how many on intervals without a packet become one line.
const EMPTY: usize = 3;

/// What programs call the classes of ports (RFC 6335 §6).
const CLASSES: [(&str, std::ops::RangeInclusive<u16>); 3] =
    [("well_known", 0..=1023), ("registered", 1024..=49151), ("dynamic", 49152..=65535)];

/// One fact of any kind.
pub struct StatsRow {
    /// One of [`StatsRow::KINDS`].
    kind: &'static str,
    /// Protocols from the outside in; the host; the class; the class, transport and port.
    path: Vec<String>,
    /// A port's transport and its service.
    transport: Option<Transport>,
    service: Option<&'static str>,
    /// Seconds since the first packet, for an interval.
    start: Option<f64>,
    counts: Counts,
    /// What a host sent of it, or how many ports of a class were used.
    part: Option<u64>,
    total: Counts,
}

impl StatsRow {
    /// The kinds of facts that have all of some columns.
    #[must_use]
    pub fn kinds_with(keys: &[&str]) -> Vec<&'static str> {
        let columns = Self::columns();
        let has = |kind: &str| keys.iter().filter_map(|key| find(&columns, key)).all(|column| column.is_of(Some(kind)));
        Self::KINDS.iter().copied().filter(|kind| has(kind)).collect()
    }

    /// Whether hosts or ports can be sorted by a column.
    #[must_use]
    pub fn is_sortable(key: &str) -> bool {
        Self::kinds_with(&[key]).iter().any(|kind| [HOST, PORT].contains(kind))
    }

    /// The last of its path.
    fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// What a host sent, of one.
    fn sent(&self) -> Option<u64> {
        self.part.filter(|_| self.kind == HOST)
    }

    /// Which ports are in a class, of one.
    fn range(&self) -> Option<String> {
        let (_, range) = CLASSES.iter().find(|(name, _)| self.kind == CLASS && *name == self.name())?;
        Some(format!("{}-{}", range.start(), range.end()))
    }

    /// The protocol, further in the deeper it lies.
    fn indented(&self) -> String {
        format!("{}{}", "  ".repeat(self.path.len().saturating_sub(1)), self.name())
    }
}

const PROTOCOL: &str = "protocol";
const HOST: &str = "endpoint";
const CLASS: &str = "port_class";
const PORT: &str = "port";
const INTERVAL: &str = "interval";

/// The columns of the tables for people.
const PROTOCOLS: &[&str] = &["protocol", "packets", "packet_share", "bytes", "byte_share"];
const HOSTS: &[&str] = &["endpoint", "packets", "bytes", "sent_bytes", "received_bytes"];
const PORT_CLASSES: &[&str] = &["port_class", "range", "ports", "packets", "bytes"];
const PORTS: &[&str] = &["class", "port", "service", "packets", "bytes"];

/// A column of it.
type Of = Column<StatsRow>;

impl Tabular for StatsRow {
    const TITLE: &'static str = "A fact about a capture, one line of the JSON of `layerscope stats`";
    const KINDS: &'static [&'static str] = &[PROTOCOL, HOST, CLASS, PORT, INTERVAL];
    const CSV: &'static [&'static str] =
        &["kind", "whole_name", "service", "start", "packets", "bytes", "sent_bytes", "ports"];

    fn columns() -> Vec<Column<Self>> {
        let mut columns = names();
        columns.extend(amounts());
        columns.extend(for_people());
        columns
    }

    fn kind(&self) -> Option<&'static str> {
        Some(self.kind)
    }
}

/// What a fact is about.
fn names() -> Vec<Of> {
    vec![
        Of::new("kind", "what it is about", Get::Key(StatsRow::KINDS, |row| Some(row.kind))),
        Of::new(
            "path",
            "from the outermost protocol in",
            Get::Texts(|row, each| row.path.iter().filter(|_| row.kind == PROTOCOL).for_each(|name| each(name))),
        )
        .of(&[PROTOCOL]),
        Of::new(
            "name",
            "the protocol, the host, the class or the port",
            Get::Text(|row| row.path.last().map(Into::into)),
        )
        .of(&[PROTOCOL, HOST, CLASS, PORT]),
        Of::new(
            "class",
            "the class that the port belongs to",
            Get::Text(|row| row.path.first().filter(|_| row.kind == PORT).map(Into::into)),
        )
        .told(|row, _| row.path.first().map(|class| hyphened(class)).unwrap_or_default())
        .headed("class", 2)
        .of(&[PORT]),
        Of::new("transport", "tcp or udp", Get::Key(TRANSPORTS, |row| row.transport.map(key))).of(&[PORT]),
        Of::new("service", "what is registered for the port", Get::Text(|row| row.service.map(Into::into)))
            .of(&[PORT])
            .or_left_out(),
    ]
}

/// How much of it there is.
fn amounts() -> Vec<Of> {
    vec![
        Of::new("start", "seconds since the first packet", Get::Seconds(|row| row.start)).of(&[INTERVAL]),
        Of::new("packets", "packets of it", Get::Count(|row| Some(row.counts.packets))).headed("packets", 1),
        Of::new("bytes", "bytes of these packets", Get::Count(|row| Some(row.counts.bytes))).headed("bytes", 1),
        Of::new("sent_bytes", "bytes that the host sent", Get::Count(StatsRow::sent)).headed("sent", 2).of(&[HOST]),
        Of::new("ports", "how many were used", Get::Count(|row| row.part.filter(|_| row.kind == CLASS)))
            .headed("used", 1)
            .of(&[CLASS]),
    ]
}

/// A class as the RFC spells it.
fn hyphened(class: &str) -> String {
    class.replace('_', "-")
}

/// The same as people and spreadsheets read it.
fn for_people() -> Vec<Of> {
    vec![
        Of::new("whole_name", "all that it is named by", Get::Words(|row, _| row.path.join("/"))),
        Of::new("protocol", "the protocol", Get::Words(|row, _| row.indented())).of(&[PROTOCOL]),
        Of::new("endpoint", "the host", Get::Words(|row, _| row.name().to_owned())).of(&[HOST]),
        Of::new("port_class", "the class of ports", Get::Words(|row, _| hyphened(row.name())))
            .headed("ports", 0)
            .of(&[CLASS]),
        Of::new("range", "the ports of the class", Get::Words(|row, _| row.range().unwrap_or_default()))
            .headed("range", 2)
            .of(&[CLASS])
            .at_the_right(),
        Of::new(
            "port",
            "the port and its transport",
            Get::Words(|row, _| format!("{}/{}", row.name(), row.transport.map_or("", key))),
        )
        .of(&[PORT])
        .at_the_right(),
        Of::new(
            "packet_share",
            "percent of all packets",
            Get::Words(|row, _| percent(row.counts.packets, row.total.packets)),
        )
        .headed("%", 3)
        .at_the_right(),
        Of::new("byte_share", "percent of all bytes", Get::Words(|row, _| percent(row.counts.bytes, row.total.bytes)))
            .headed("%", 3)
            .at_the_right(),
        Of::new(
            "received_bytes",
            "bytes that the host received",
            Get::Count(|row| Some(row.counts.bytes.saturating_sub(row.sent()?))),
        )
        .headed("received", 2)
        .of(&[HOST])
        .derived(),
    ]
}

/// Writes statistics in a format; for people who chose no columns as tables and bars.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_stats(view: &StatsView<'_>, format: GridFormat, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        GridFormat::Text if view.columns.is_empty() => view.write_text(style, out),
        _ => write_rows(&view.chosen(), view.columns, format, style, out),
    }
}

impl StatsView<'_> {
    /// The facts of the kinds that have all chosen columns.
    fn chosen(&self) -> Vec<StatsRow> {
        let kinds = StatsRow::kinds_with(self.columns);
        let all = [self.protocols(), self.hosts(), self.classes(), self.ports(), self.intervals()];
        all.into_iter().flatten().filter(|row| kinds.contains(&row.kind)).collect()
    }

    /// The first of some facts; as they come, which is by their bytes, where nobody says what comes first.
    fn first(&self, facts: impl Iterator<Item = StatsRow>) -> Vec<StatsRow> {
        let Some(key) = self.sort else { return facts.take(self.top).collect() };
        let mut facts: Vec<StatsRow> = facts.collect();
        sort_rows(&mut facts, key);
        facts.truncate(self.top);
        facts
    }

    fn fact(&self, kind: &'static str, path: Vec<String>, counts: Counts) -> StatsRow {
        StatsRow {
            kind,
            path,
            transport: None,
            service: None,
            start: None,
            counts,
            part: None,
            total: self.stats.total(),
        }
    }

    fn protocols(&self) -> Vec<StatsRow> {
        let owned = |path: Vec<&str>| path.into_iter().map(str::to_owned).collect();
        self.stats.hierarchy().into_iter().map(|(path, counts)| self.fact(PROTOCOL, owned(path), counts)).collect()
    }

    fn hosts(&self) -> Vec<StatsRow> {
        let fact = |(host, [sent, received]): (std::net::IpAddr, [Counts; 2])| StatsRow {
            part: Some(sent.bytes),
            ..self.fact(HOST, vec![host.to_string()], sent.and(received))
        };
        self.first(self.stats.hosts().into_iter().map(fact))
    }

    fn classes(&self) -> Vec<StatsRow> {
        let ports = self.stats.ports();
        let fact = |(name, range): &(&str, std::ops::RangeInclusive<u16>)| {
            let used = || ports.iter().filter(|(_, port, _)| range.contains(port));
            let counts = used().fold(Counts::default(), |sum, (.., counts)| sum.and(*counts));
            StatsRow { part: Some(used().count() as u64), ..self.fact(CLASS, vec![(*name).to_owned()], counts) }
        };
        CLASSES.iter().map(fact).collect()
    }

    fn ports(&self) -> Vec<StatsRow> {
        let ports = self.stats.ports();
        let of_class = |(class, range): &(&'static str, std::ops::RangeInclusive<u16>)| {
            let (class, range) = (*class, range.clone());
            let used = ports.iter().filter(move |(_, port, _)| range.contains(port));
            self.first(used.map(move |(transport, port, counts)| self.port(class, *transport, *port, *counts)))
        };
        CLASSES.iter().flat_map(of_class).collect()
    }

    fn port(&self, class: &str, transport: Transport, port: u16, counts: Counts) -> StatsRow {
        let path = vec![class.to_owned(), key(transport).to_owned(), port.to_string()];
        StatsRow { transport: Some(transport), service: service(transport, port), ..self.fact(PORT, path, counts) }
    }

    fn spread(&self) -> Intervals {
        let intervals = self.stats.intervals();
        if self.exact_intervals { intervals.clone() } else { intervals.at_most(BARS) }
    }

    fn intervals(&self) -> Vec<StatsRow> {
        let intervals = self.spread();
        let start = |place: usize| place as f64 * intervals.width() as f64 / 1e9;
        let fact = |(place, counts): (usize, &Counts)| StatsRow {
            start: Some(start(place)),
            ..self.fact(INTERVAL, Vec::new(), *counts)
        };
        intervals.counts().iter().enumerate().map(fact).collect()
    }

    fn write_text(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let spelling = style.spelling();
        let Counts { packets, bytes } = self.stats.total();
        let span = self.stats.span().map(|(first, last)| spelling.within(&duration(last - first, style.ascii)));
        let all = format!("{}, {}{}", spelling.count(packets, Noun::Packet), size(bytes), span.unwrap_or_default());
        writeln!(out, "{}", style.bold(&all))?;
        if packets == 0 {
            return Ok(());
        }
        writeln!(out)?;
        write_usual(&self.protocols(), PROTOCOLS, style, out)?;
        section(&self.hosts(), HOSTS, style, out)?;
        let others = self.stats.other_hosts();
        if others > 0 {
            writeln!(out, "{}", spelling.hosts_beyond(others))?;
        }
        section(&self.classes(), PORT_CLASSES, style, out)?;
        section(&self.ports(), PORTS, style, out)?;
        self.write_bars(style, out)
    }

    /// The traffic over time: a line an interval, its bar as long as its bytes.
    fn write_bars(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let intervals = self.spread();
        let Some(most) = intervals.counts().iter().map(|counts| counts.bytes).max().filter(|most| *most > 0) else {
            return Ok(());
        };
        let each = duration(intervals.width(), style.ascii);
        let [numbers, each] = style.spelling().interval_heading(&each);
        let beside = format!("{numbers}  {each}");
        let heading = if text::width(&beside) <= style.width { beside } else { format!("{each}\n{numbers}") };
        writeln!(out)?;
        for line in heading.lines() {
            writeln!(out, "{}", style.bold(line))?;
        }
        let room = style.width.saturating_sub(34).clamp(6, 60) as u64;
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
                writeln!(out, "{:>12}  {}", style.glyph("⋮", ":"), style.spelling().empty_intervals(empty))?;
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

fn section(rows: &[StatsRow], columns: &[&str], style: Style, out: &mut dyn Write) -> io::Result<()> {
    if !rows.is_empty() {
        writeln!(out)?;
    }
    write_usual(rows, columns, style, out)
}
