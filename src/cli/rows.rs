//! What the options about rows of packets mean together: what `read` and `capture` have in common.

use super::args::RowArgs;
use super::report::Failure;
use crate::render::{Column, PacketFormat, PacketRows, TimeStyle};

/// The rows that the options ask for together.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    asked: &'a RowArgs,
    rows: PacketRows<'a>,
}

impl<'a> Rows<'a> {
    /// Makes sense of the options together.
    ///
    /// # Errors
    ///
    /// They contradict each other, or one has nothing to say to the others; none is left out in silence.
    pub(super) fn new(asked: &'a RowArgs) -> Result<Self, Failure> {
        let plain = asked.verbose || asked.hex || asked.relative;
        let usual = if plain { PacketFormat::Plain } else { PacketFormat::Table };
        let time = time(asked)?;
        let rows = PacketRows {
            format: asked.format.unwrap_or(usual),
            time: time.unwrap_or_default(),
            is_timed: time.is_some(),
            columns: &asked.columns,
            relative: asked.relative,
            fields: asked.verbose,
            hex: asked.hex,
            with_processes: false,
            with_names: false,
            everywhere: false,
        };
        match misplaced(asked, &rows) {
            Some(words) => Err(Failure::usage(words)),
            None => Ok(Self { asked, rows }),
        }
    }

    /// Says no to options that only something shown beside the rows could heed, where there is nothing.
    ///
    /// # Errors
    ///
    /// There is such an option.
    pub(super) fn stand_alone(&self) -> Result<(), Failure> {
        let asked = self.asked;
        let refuse = |words: &'static str| Err(Failure::usage(words));
        if asked.absolute && self.rows.lack(&[Column::Seq, Column::Ack]) {
            return refuse("--absolute adds to the columns seq and ack, which are not among the --columns");
        }
        if asked.text.encoding.is_some() && self.rows.lack(&[Column::Data]) {
            return refuse("--encoding says how the column data is read, which is not among the --columns");
        }
        Ok(())
    }

    /// Whether there are colours in them.
    pub(super) const fn has_color(&self) -> bool {
        self.rows.has_color()
    }

    /// The same for packets that come with the processes behind them, or with the names of their hosts.
    pub(super) const fn with(self, processes: bool, names: bool) -> Self {
        Self { rows: PacketRows { with_processes: processes, with_names: names, ..self.rows }, ..self }
    }

    /// The same for packets that come from several interfaces.
    pub(super) const fn everywhere(self, everywhere: bool) -> Self {
        Self { rows: PacketRows { everywhere, ..self.rows }, ..self }
    }

    /// Says no where columns were chosen that have no place for the processes, or for the names, that come with packets.
    ///
    /// # Errors
    ///
    /// They were.
    pub(super) fn have_place(&self) -> Result<(), Failure> {
        let refuse = |words: &'static str| Err(Failure::usage(words));
        let PacketRows { with_processes, with_names, .. } = self.rows;
        if with_processes && self.rows.lack(&[Column::Process, Column::SourceProcess, Column::DestinationProcess]) {
            return refuse(
                "--process adds the column process, src-process or dst-process; none is among the --columns",
            );
        }
        if with_names && self.rows.lack(&[Column::Addresses, Column::SourceName, Column::DestinationName]) {
            return refuse(
                "--resolve is for the columns addresses, src-name and dst-name; none is among the --columns",
            );
        }
        Ok(())
    }

    /// The format.
    pub(super) const fn format(&self) -> PacketFormat {
        self.rows.format
    }

    /// Whether the table was neither asked for nor changed.
    pub(super) fn is_usual_table(&self) -> bool {
        self.format() == PacketFormat::Table && self.asked.format.is_none() && self.asked.columns.is_empty()
    }

    /// Whether columns or times were asked for.
    pub(super) fn lays_out(&self) -> bool {
        !self.asked.columns.is_empty() || self.asked.has_time_style()
    }

    /// Whether what is written depends on conversations.
    pub(super) fn follows(&self) -> bool {
        self.rows.follows()
    }

    /// The rows, for who writes them.
    pub(super) const fn rows(&self) -> &PacketRows<'a> {
        &self.rows
    }
}

/// Why an option has no place beside the others.
fn misplaced(asked: &RowArgs, rows: &PacketRows<'_>) -> Option<&'static str> {
    let (format, timed) = (rows.format, rows.is_timed);
    let detailed = asked.verbose || asked.hex;
    let (is_table, is_plain, is_json) =
        (format == PacketFormat::Table, format == PacketFormat::Plain, format == PacketFormat::Json);
    let rules = [
        (!asked.columns.is_empty() && is_plain, "--columns is for --format table, csv and json"),
        (is_json && asked.verbose, "--verbose is for --format plain; as JSON `layerscope inspect` has all fields"),
        (detailed && !is_plain && !is_json, "--verbose and --hex are for --format plain, --hex for json too"),
        (asked.relative && !is_plain, "--relative is for --format plain; the other formats always follow connections"),
        (timed && is_json, "--time is for --format table, plain and csv; json has the seconds since 1970"),
        (
            timed && rows.lack(&[Column::Time]),
            "--time says what the column `time` holds, which is not among the --columns",
        ),
        (
            asked.absolute && !is_table,
            "--absolute is for --format table; csv has the columns seq-raw and ack-raw, json both numbers, and plain \
             rows the absolute ones unless --relative",
        ),
        (
            asked.text.encoding.is_some() && is_plain && !asked.verbose,
            "--encoding is for --format table, csv and json, and for plain rows with --verbose: these show payload",
        ),
    ];
    rules.into_iter().find_map(|(applies, words)| applies.then_some(words))
}

/// The way to tell times that is asked for, in words or in tcpdump's letters.
fn time(asked: &RowArgs) -> Result<Option<TimeStyle>, Failure> {
    Ok(match (asked.time, asked.time_letters) {
        (Some(choice), _) => Some(choice.into()),
        (None, 0) => None,
        (None, 1) => {
            return Err(Failure::usage("-t leaves the time out in tcpdump; here every row has one")
                .advise("name the columns without it: --columns addresses,ports,flags,data"));
        }
        (None, 2) => Some(TimeStyle::Epoch),
        (None, 3) => Some(TimeStyle::Delta),
        (None, 4) => Some(TimeStyle::Absolute),
        (None, _) => Some(TimeStyle::Relative),
    })
}
