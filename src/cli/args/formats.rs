//! The formats of rows as typed: those that `render` lists, by their names.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::render::{GridFormat, PacketFormat};

macro_rules! typed {
    ($($format:ty),*) => {
        $(impl ValueEnum for $format {
            fn value_variants<'a>() -> &'a [Self] {
                Self::ALL
            }

            fn to_possible_value(&self) -> Option<PossibleValue> {
                let (name, what) = self.told();
                Some(PossibleValue::new(name).help(what))
            }
        })*
    };
}

typed!(GridFormat, PacketFormat);
