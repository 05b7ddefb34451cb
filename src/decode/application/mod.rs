//! What the application says: one line, and the fields that are cheap to find.
//!
//! A message is recognised by what it says before the port it came by; the port decides only where the bytes alone
//! would leave a doubt. Each packet is read alone: a message spread over several TCP segments shows its beginning.
//! Text is given as it was sent, hostile or not; making it harmless is `render`'s work.

mod dhcp;
mod dns;
mod ftp;
mod http;
mod message;
mod nbns;
mod ntp;
mod readers;
mod service;
mod smtp;
mod snmp;
mod telnet;
mod text;
mod tftp;
mod tls;

pub use dns::dns_name;
pub use message::Announced;
pub(super) use readers::fields;
pub use readers::{Application, announcement, application, application_as, application_name};
pub use service::service;
