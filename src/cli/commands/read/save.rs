//! `layerscope read -w`: the chosen packets to a savefile.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use crate::cli::args::ReadArgs;
use crate::cli::choice;
use crate::cli::exit::Exit;
use crate::cli::input::Input;
use crate::cli::output::{stdout_file, unwritten};
use crate::cli::progress;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, line, say};
use crate::engine::savefile::Savefile;
use crate::engine::{Beginning, Captures, Choice, ChosenSavefile, Scan};
use crate::source::Format;
use crate::words::en::count;

/// What errors call it.
const STDOUT: &str = "standard output";

/// Saves what is chosen, and says how much that was.
pub(super) fn run(
    path: &Path,
    args: &ReadArgs,
    input: &Input,
    captures: Captures,
    recipe: Recipe,
    choice: Choice,
) -> Result<Exit, Failure> {
    let begin = open(path, input)?;
    recipe.confine_reader()?;
    let (may_wait, batches) = (captures.may_wait(), captures.batches()?);
    let mut savefile = ChosenSavefile::new(begin, may_wait, batches.encoding(), progress::telling());
    let passed = Scan { batches, choice, limit: args.choice.limit }.run(&mut savefile)?;
    let timeless = savefile.finish()?;
    let place = if is_stdout(path) { format!("written to {STDOUT}") } else { format!("saved in {}", path.display()) };
    line(&format!("{} of {} {place}", passed.chosen, count(passed.read, "packet")));
    choice::missing(&passed.choice, passed.chosen, input.files())?.iter().for_each(|missing| say(missing));
    if timeless > 0 {
        line(&format!("{} without a time saved as of 1970", count(timeless, "packet")));
    }
    let exit = passed.exit(Exit::Done);
    input.checked(passed).map(|_| exit)
}

/// Opens what the packets go to, so that a wrong path is known at once.
///
/// # Errors
///
/// It is a terminal, or one of the captures, or what the system says.
fn open(path: &Path, input: &Input) -> Result<Beginning, Failure> {
    if is_stdout(path) {
        if io::stdout().is_terminal() {
            return Err(Failure::usage("packets make no sense on a terminal: send `-w -` into a pipe or a file"));
        }
        return Ok(Box::new(|heading| Savefile::begin(stdout_file()?, Path::new(STDOUT), Format::Pcapng, heading)));
    }
    if input.holds(path) {
        let refused = Failure::usage(format!("{} is what is read: it would be emptied before that", path.display()));
        return Err(refused.advise("write to another file"));
    }
    let mut file = unwritten(path)?;
    Ok(Box::new(move |heading| file.begin(heading)))
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}
