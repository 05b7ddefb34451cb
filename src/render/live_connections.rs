//! Connections while one looks on: those that were active last as a table that is drawn in its own place again and again, or
//! a line whenever something becomes of one.

use std::io::{self, Write};

use super::connection::{Connected, ends, traffic, transport};
use super::grid::{Column, Get, Tabular, write_table};
use super::process::processes_words;
use super::style::Style;
use crate::analyse::{Change, Connection, Ending, Opening};
use crate::model::{Lane, Processes};

/// A connection with what is known of its ends.
pub struct LiveConnection<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The client's end and the server's, safe to print: their hosts by name where that is known.
    pub ends: [String; 2],
    /// The processes behind them; `None` where nobody asked.
    pub processes: Option<Processes>,
}

impl Connected for LiveConnection<'_> {
    fn connection(&self) -> &Connection {
        self.connection
    }
}

impl LiveConnection<'_> {
    /// The processes behind its ends; empty where neither is known.
    fn processes(&self, style: Style) -> String {
        let words = |processes| processes_words(processes, style.to(), style.missing());
        self.processes.as_ref().map(words).unwrap_or_default()
    }
}

impl Tabular for LiveConnection<'_> {
    fn columns() -> Vec<Column<Self>> {
        let [client, server] = ends();
        let [[client_packets, client_bytes], [server_packets, server_bytes]] =
            [Lane::Client, Lane::Server].map(traffic);
        vec![
            transport().headed("", 0).told(|row: &Self, _| row.connection.transport().name().to_owned()),
            client.told(|row, _| row.ends[0].clone()),
            server.told(|row, _| row.ends[1].clone()),
            client_packets.headed("pkts →", 4),
            server_packets.headed("pkts ←", 4),
            client_bytes.headed("bytes →", 3),
            server_bytes.headed("bytes ←", 3),
            Column::new(
                "process",
                "the processes behind its ends",
                Get::Words(|row: &Self, style| row.processes(style)),
            )
            .headed("process", 1)
            .sentence(20, 24),
            Column::new(
                "state",
                "how it ended, or how far it is",
                Get::Words(|row: &Self, style| state(row.connection, style)),
            )
            .headed("state", 2)
            .sentence(11, 24),
        ]
    }
}

/// How a connection ended, or how far it is.
fn state(connection: &Connection, style: Style) -> String {
    let spelling = style.spelling();
    match connection.verdict().map(|verdict| (verdict.opening, verdict.ending)) {
        None => style.missing().to_owned(),
        Some((opening, Ending::NeverOpened)) => spelling.opening(opening).to_string(),
        Some((_, ending @ (Ending::Closed { .. } | Ending::Reset(_)))) => spelling.ending(ending).to_string(),
        Some((opening, ending)) => {
            let state = connection.state(Lane::Client).zip(connection.state(Lane::Server));
            let known = state.map(
                |(client, server)| if client == server { client.to_string() } else { format!("{client}, {server}") },
            );
            known.unwrap_or_else(|| match opening {
                Opening::Missed => spelling.ending(ending).to_string(),
                _ => spelling.opening(opening).to_string(),
            })
        }
    }
}

/// Writes the table, and that there are `more` connections. It takes the place of one that took so many lines and stands
/// right above.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_live_connections(
    rows: &[LiveConnection<'_>],
    more: usize,
    replaced: usize,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    if replaced > 0 {
        // Up to where that one began, and clear what is below.
        write!(out, "\x1b[{replaced}A\x1b[J")?;
    }
    write_table(rows, &[], style, out)?;
    if more > 0 {
        writeln!(out, "{}", style.spelling().active_before(more))?;
    }
    Ok(())
}

/// Writes what became of a connection, so many nanoseconds after the beginning.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_connection_change(
    row: &LiveConnection<'_>,
    change: Change,
    nanos: i64,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let ([client, server], to) = (&row.ends, style.to());
    let (seconds, transport) = (nanos as f64 / 1e9, row.connection.transport().name());
    write!(out, "{seconds:.6}  {transport} {client} {to} {server}  ")?;
    write!(out, "{}", style.spelling().change(change, row.connection))?;
    if row.processes.is_some() {
        let words = row.processes(style);
        write!(out, "  [{}]", if words.is_empty() { style.missing() } else { &words })?;
    }
    writeln!(out)
}
