//! Rows as comma-separated values (RFC 4180), the columns' names above them.

use std::io::{self, Write};

use super::column::{Column, Get, Tabular, choose};
use crate::render::csv::push_value;
use crate::render::pen::append;
use crate::render::shares::write_shares;

/// Writes rows as comma-separated values, headed by the columns' keys; `chosen` is empty where nobody chose columns. An
/// end takes two of them: its address, and its port.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_csv<T: Tabular>(rows: &[T], chosen: &[&str], out: &mut dyn Write) -> io::Result<()> {
    let records = Records::new(chosen);
    out.write_all(&records.heading())?;
    let spell = |share: &[T], text: &mut Vec<u8>| {
        let mut value = Vec::new();
        share.iter().for_each(|row| records.push(row, &mut value, text));
        Ok(())
    };
    write_shares(rows, spell, out)
}

/// How rows become records, for rows that come one by one.
pub(in crate::render) struct Records<T> {
    columns: Vec<Column<T>>,
}

impl<T: Tabular> Records<T> {
    /// Records of the chosen columns, as of [`write_csv`].
    pub(in crate::render) fn new(chosen: &[&str]) -> Self {
        Self { columns: choose(chosen, T::CSV) }
    }

    /// The columns' names.
    pub(in crate::render) fn heading(&self) -> Vec<u8> {
        let mut names = Vec::new();
        for column in &self.columns {
            let key = column.key;
            match column.get {
                Get::End(_) => names.extend([format!("{key}.addr"), format!("{key}.port")]),
                _ => names.push(key.to_owned()),
            }
        }
        names.join(",").into_bytes().into_iter().chain([b'\n']).collect()
    }

    /// Appends a record; `value` is there to be used.
    pub(in crate::render) fn push(&self, row: &T, value: &mut Vec<u8>, out: &mut Vec<u8>) {
        push_record(&self.columns, row, value, out);
    }
}

fn push_record<T: Tabular>(columns: &[Column<T>], row: &T, value: &mut Vec<u8>, text: &mut Vec<u8>) {
    for (place, column) in columns.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        value.clear();
        column.push_value(row, value);
        push_value(value, text);
        if let Get::End(end) = column.get {
            text.push(b',');
            append(text, |pen| pen.number(end(row).0.port));
        }
    }
    // The RFC asks for CR LF; every reader takes LF alone, and Unix tools take nothing else.
    text.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(u64, &'static str);

    impl Tabular for Row {
        fn columns() -> Vec<Column<Self>> {
            vec![
                Column::<Self>::new("n", "", Get::Count(|row| Some(row.0))),
                Column::<Self>::new("what", "", Get::Text(|row| Some(row.1.into()))),
            ]
        }
    }

    #[test]
    fn a_record_quotes_or_spells_out_what_would_break_it() {
        let mut out = Vec::new();
        write_csv(&[Row(1, "a,b"), Row(2, "say \"x\"\n")], &[], &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "n,what\n1,\"a,b\"\n2,\"say \"\"x\"\"\\n\"\n");
    }
}
