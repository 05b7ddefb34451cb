//! The table of interfaces: what is there, and whether packets can be captured on it.

use std::io::{self, Write};
use std::net::IpAddr;

use super::grid::{Column, Get, Tabular, find};
use super::style::Style;
use super::wrapped::write_wrapped;
use crate::model::LinkType;
use crate::words::Spelling;

/// How wide a terminal must be for the columns that are done without where there is little room.
const LEAST: [(&str, usize); 2] = [("link_name", 66), ("flags", 76)];

/// An interface as a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceRow {
    /// Its name.
    pub name: String,
    /// What libpcap calls it; `None` for ordinary ones.
    pub description: Option<String>,
    /// Whether it is captured on where nobody names one.
    pub is_default: bool,
    /// What its frames begin with, or why nobody knows.
    pub link: Result<LinkType, Refusal>,
    /// What it is: up, running, loopback, wireless.
    pub flags: Vec<&'static str>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
}

/// Why an interface cannot be captured on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of reason it is.
    pub reason: Reason,
    /// As people are told.
    pub message: String,
}

/// What keeps from capturing on an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is switched off.
    Down,
    /// This user may not.
    Permission,
    /// Anything else.
    Other,
}

impl Reason {
    /// What programs may call it.
    pub const KEYS: [&str; 3] = ["down", "permission", "other"];

    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Permission => "permission",
            Self::Other => "other",
        }
    }
}

impl InterfaceRow {
    /// Why it cannot be captured on, if so.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.link.as_ref().err()
    }

    fn capture(&self, spelling: Spelling) -> String {
        spelling.may_capture(self.is_default, self.refusal().map(|refusal| refusal.reason.key()))
    }

    /// The name of its link type, or its number.
    fn link(&self) -> String {
        let Ok(link) = self.link else { return String::new() };
        link.name().map_or_else(|| link.0.to_string(), str::to_owned)
    }

    /// Its addresses; what it is where it has none.
    fn addresses(&self) -> String {
        match &self.description {
            Some(description) if self.addresses.is_empty() => description.clone(),
            _ => self.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        }
    }
}

/// A column of it.
type Of = Column<InterfaceRow>;

impl Tabular for InterfaceRow {
    const TITLE: &'static str = "An interface, one line of the JSON of `layerscope interfaces`";
    const TABLE: &'static [&'static str] = &["name", "capture", "link_name", "flags", "addresses"];
    const CSV: &'static [&'static str] =
        &["name", "description", "default", "can_capture", "refusal", "link_name", "flags", "addresses"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Of::new("name", "its name", Get::Text(|row| Some((&*row.name).into()))),
            Of::new(
                "capture",
                "whether this user may capture on it, in words",
                Get::Words(|row, style| row.capture(style.spelling())),
            )
            .prose(),
            Of::new(
                "description",
                "what libpcap calls it; null for ordinary ones",
                Get::Text(|row| row.description.as_deref().map(Into::into)),
            )
            .or_null(),
            Of::new(
                "default",
                "whether it is captured on where nobody names one",
                Get::Flag(|row| Some(row.is_default)),
            ),
            Of::new("can_capture", "whether this user may, now", Get::Flag(|row| Some(row.link.is_ok()))),
            Of::new(
                "refusal",
                "why not",
                Get::Key(&Reason::KEYS, |row| row.refusal().map(|refusal| refusal.reason.key())),
            )
            .or_null(),
            Of::new(
                "message",
                "why not, as the system and this program tell people; never to be compared with",
                Get::Text(|row| row.refusal().map(|refusal| (&*refusal.message).into())),
            )
            .or_null(),
            Of::new(
                "link_type",
                "what its frames begin with, by tcpdump.org's list",
                Get::Number(|row| row.link.as_ref().ok().map(|link| link.0.into())),
            )
            .or_null(),
            Of::new("link", "the same by name", Get::Text(|row| row.link.as_ref().ok()?.name().map(Into::into)))
                .or_null(),
            Of::new("link_name", "the same by name, else by number", Get::Words(|row, _| row.link())).headed("link", 0),
            Of::new(
                "flags",
                "up, running, loopback, wireless",
                Get::Texts(|row, each| row.flags.iter().for_each(|flag| each(flag))),
            ),
            Of::new(
                "addresses",
                "its addresses",
                Get::Texts(|row, each| row.addresses.iter().for_each(|address| each(&address.to_string()))),
            )
            .told(|row, _| row.addresses()),
        ]
    }
}

/// Writes interfaces as a table whose words wrap, in as many columns as there is room for.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_interfaces(rows: &[InterfaceRow], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let columns = InterfaceRow::columns();
    let has_room = |key: &&&str| LEAST.iter().all(|(needy, least)| needy != *key || *least <= style.width);
    let shown = InterfaceRow::TABLE.iter().filter(has_room).filter_map(|key| find(&columns, key));
    let shown: Vec<&Column<InterfaceRow>> = shown.collect();
    let headings: Vec<&str> = shown.iter().map(|column| column.heading()).collect();
    write_wrapped(
        &headings,
        rows.iter().map(|row| shown.iter().map(|column| column.shown(row, style)).collect()),
        style,
        out,
    )
}
