//! The `layerscope` command: everything it does is in [`layerscope::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    layerscope::cli::run()
}
