//! Packets side by side: at which places each was seen, and what changed from one to the next.

use std::io::{self, Write};

use super::style::{Style, View};
use super::text;
use super::wrapped::write_wrapped;
use crate::analyse::{Journey, Observed, Place, Sighting};
use crate::model::Timestamp;

/// Where packets were captured, and which way each took.
#[derive(Clone, Copy)]
pub struct Ways<'a> {
    /// The places.
    pub places: &'a [Place],
    /// The ways of the first place's packets; empty where there is no other.
    pub journeys: &'a [Journey],
}

/// Writes where each packet was seen and, of one packet, what the places show of it; nothing where there was one place.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_ways(
    ways: &Ways<'_>,
    packets: &[Observed],
    opened: Option<&Observed>,
    view: &View<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let style = view.style;
    if ways.journeys.is_empty() {
        return Ok(());
    }
    let words = style.spelling().ways();
    writeln!(out, "{}", style.bold(words.everywhere))?;
    let origin = packets.first().and_then(|observed| observed.frame.time);
    let names = ways.places.iter().map(|place| place.name.as_str());
    let headings: Vec<&str> = ["#", words.packet].into_iter().chain(names).collect();
    let row = |journey: &Journey| {
        let cells = cells(journey, origin, style);
        let label = packets.get(journey.packet).map_or_else(String::new, |observed| label(observed, view));
        [journey.packet.saturating_add(1).to_string(), label].into_iter().chain(cells).collect()
    };
    write_wrapped(&headings, ways.journeys.iter().map(row), style, out)?;
    writeln!(out)?;
    let is_opened = |journey: &&Journey| {
        let number = packets.get(journey.packet).map(|observed| observed.frame.number);
        number == opened.map(|observed| observed.frame.number)
    };
    match ways.journeys.iter().find(is_opened) {
        Some(journey) => write_one(ways, journey, style, out),
        None => Ok(()),
    }
}

/// What each place shows of one packet.
fn write_one(ways: &Ways<'_>, journey: &Journey, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let words = style.spelling().ways();
    writeln!(out, "{}", style.bold(&style.spelling().at_each_place(journey.packet.saturating_add(1))))?;
    let row = |(place, seen): (&Place, &Option<Sighting>)| {
        let Sighting { source, destination, ttl, .. } = (*seen)?;
        Some(vec![place.name.clone(), source.to_string(), destination.to_string(), ttl.to_string()])
    };
    let rows = ways.places.iter().zip(&journey.sightings).filter_map(row);
    write_wrapped(&[words.place, words.source, words.destination, "TTL"], rows, style, out)?;
    writeln!(out, "  {}\n", words.unchanged)
}

/// When each place saw a packet, in milliseconds, and its TTL there; a cross where it should have come next.
fn cells(journey: &Journey, origin: Option<Timestamp>, style: Style) -> Vec<String> {
    let mut is_crossed = !journey.is_lost();
    let cell = |seen: &Option<Sighting>| match seen {
        Some(Sighting { at, ttl, is_damaged, .. }) => {
            let time = at.zip(origin).map(|(at, origin)| millis(at - origin));
            let cross = if *is_damaged { format!(" {}", style.glyph("✗", "x")) } else { String::new() };
            is_crossed |= is_damaged;
            format!("{}/{ttl}{cross}", time.as_deref().unwrap_or_default())
        }
        None if !std::mem::replace(&mut is_crossed, true) => style.glyph("✗", "x").to_owned(),
        None => String::new(),
    };
    journey.sightings.iter().map(cell).collect()
}

fn millis(nanos: i64) -> String {
    let micros = nanos.unsigned_abs() / 1_000;
    format!("{}{}.{:03}", if nanos < 0 { "-" } else { "" }, micros / 1_000, micros % 1_000)
}

/// The longest text that stands beside its length.
const SHORT: usize = 8;

/// What a packet is, in the protocols' own words: `PSH,ACK 5 B "hello"`, `UDP 1200 B`.
fn label(observed: &Observed, view: &View<'_>) -> String {
    let packet = observed.packet();
    if let Some(echo) = packet.echo() {
        let words = view.style.spelling().ways();
        return format!("{} {}", words.echo[usize::from(echo.is_reply)], echo.sequence);
    }
    let name = match packet.tcp() {
        Some(tcp) => tcp.flags().to_string(),
        None if packet.udp().is_some() => "UDP".to_owned(),
        None => "ICMP".to_owned(),
    };
    match packet.payload_len() {
        0 => name,
        len if packet.payload().len() <= SHORT => {
            format!("{name} {len} B \"{}\"", text::sanitise(&view.read_text.read(packet.payload())))
        }
        len => format!("{name} {len} B"),
    }
}
