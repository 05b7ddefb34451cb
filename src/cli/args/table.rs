//! Which columns of rows are shown, and in what format, as typed: what the verbs have in common that show rows of a kind.

use std::fmt::{self, Debug};
use std::io::{self, Write};
use std::marker::PhantomData;

use clap::ValueEnum;

use super::columns;
use crate::cli::report::Failure;
use crate::render::grid::find;
use crate::render::{GridFormat, Style, Tabular, write_rows};

/// Which columns of rows are shown, and in what format.
#[derive(clap::Args)]
pub(in crate::cli) struct TableArgs<T: Tabular + 'static, F: ValueEnum + Send + Sync + 'static = GridFormat> {
    /// The columns, by their keys, which --help lists
    #[arg(long, value_name = "KEYS", value_delimiter = ',', hide_possible_values = true,
        value_parser = columns::of_rows::<T>())]
    pub(in crate::cli) columns: Vec<&'static str>,
    /// The shape of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: F,
    #[arg(skip)]
    rows: PhantomData<fn() -> T>,
}

impl<T: Tabular> TableArgs<T> {
    /// Whether they are for people.
    pub(in crate::cli) fn is_text(&self) -> bool {
        self.format == GridFormat::Text
    }

    /// Whether programs are asked to read words: in their formats other columns tell as much.
    ///
    /// # Errors
    ///
    /// A usage failure that names the column.
    pub(in crate::cli) fn check(&self) -> Result<(), Failure> {
        let known = T::columns();
        let prose = self.columns.iter().filter_map(|key| find(&known, key)).find(|column| column.is_prose());
        match prose.filter(|_| !self.is_text()) {
            None => Ok(()),
            Some(column) => {
                let refused =
                    format!("the column {} is words for people, which csv and json do not have", column.key());
                Err(Failure::usage(refused).advise("--help lists the columns that say as much by keys and numbers"))
            }
        }
    }

    /// Writes rows of the kind as asked for, in the usual columns where none are named.
    ///
    /// # Errors
    ///
    /// What writing gives.
    pub(in crate::cli) fn write<R: Tabular>(&self, rows: &[R], style: Style, out: &mut dyn Write) -> io::Result<()> {
        write_rows(rows, &self.columns, self.format, style, out)
    }
}

/// Rows need not be able to say what they are made of.
impl<T: Tabular, F: ValueEnum + Debug + Send + Sync> Debug for TableArgs<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableArgs").field("columns", &self.columns).field("format", &self.format).finish()
    }
}
