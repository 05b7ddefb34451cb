//! What the terminal (or its absence) can show.

use std::env;
use std::io::{self, IsTerminal};

use rustix::termios::tcgetwinsize;

use super::args::{ColorChoice, DisplayArgs};
use crate::render::Style;

/// The width where nothing says another.
const WIDTH: usize = 120;

/// How output on standard output should look.
pub(super) fn style(display: &DisplayArgs) -> Style {
    let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let color = match display.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => io::stdout().is_terminal() && !dumb && !no_color,
    };
    Style { color, ascii: display.ascii || dumb, width: width() }
}

/// `COLUMNS`, else what the terminal says, else 120.
fn width() -> usize {
    let named = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col));
    named.or_else(asked).filter(|width| *width > 0).unwrap_or(WIDTH)
}
