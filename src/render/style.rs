//! How output looks: colour, glyphs, width, and which numbers are shown.

use std::borrow::Cow;

use super::payload::ReadText;
use crate::model::Layer;
use crate::words::{Language, Spelling};

/// What the terminal (or its absence) and its reader ask of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour.
    pub color: bool,
    /// Whether to draw with ASCII alone.
    pub ascii: bool,
    /// How many columns there are.
    pub width: usize,
    /// Whose words facts are spelt in.
    pub language: Language,
}

/// What the reader asks to see.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// How it looks.
    pub style: Style,
    /// Whether absolute sequence numbers stand beside the relative ones.
    pub absolute: bool,
    /// How payload bytes are read as text.
    pub read_text: &'a dyn ReadText,
}

/// What reads payload bytes as text, in whatever thread.
pub type TextReader = Box<dyn ReadText + Send>;

impl Style {
    /// Text in the colour of a layer.
    #[must_use]
    pub fn layer<'t>(&self, layer: Layer, text: &'t str) -> Cow<'t, str> {
        let code = match layer {
            Layer::Link => "33",
            Layer::Internet => "32",
            Layer::Transport => "36",
            Layer::Application => "35",
        };
        self.paint(code, text)
    }

    /// A heading.
    #[must_use]
    pub fn bold<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.paint("1", text)
    }

    /// Something beside the point.
    #[must_use]
    pub fn dim<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.paint("2", text)
    }

    /// Something wrong.
    #[must_use]
    pub fn alarm<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.paint("1;31", text)
    }

    fn paint<'t>(&self, code: &str, text: &'t str) -> Cow<'t, str> {
        if self.color && !text.trim().is_empty() {
            Cow::Owned(format!("\x1b[{code}m{text}\x1b[0m"))
        } else {
            Cow::Borrowed(text)
        }
    }

    /// How facts are spelt.
    #[must_use]
    pub const fn spelling(&self) -> Spelling {
        Spelling { language: self.language, ascii: self.ascii }
    }

    /// The glyph, or what stands for it in ASCII.
    #[must_use]
    pub const fn glyph(&self, glyph: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { glyph }
    }

    /// What stands for a value that is not there.
    #[must_use]
    pub const fn missing(&self) -> &'static str {
        self.glyph("–", "-")
    }

    /// From one end to the other.
    #[must_use]
    pub const fn to(&self) -> &'static str {
        self.glyph("→", "->")
    }

    /// What stands for text that had no room.
    #[must_use]
    pub const fn ellipsis(&self) -> &'static str {
        self.glyph("…", "~")
    }

    /// A horizontal line.
    #[must_use]
    pub const fn line(&self) -> &'static str {
        self.glyph("─", "-")
    }
}
