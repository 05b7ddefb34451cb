//! How much the program may do.

/// How much the program may do while it reads what strangers sent.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Safety")]
pub(in crate::cli) struct SafetyArgs {
    /// Whom to become instead of root before the first packet is decoded [default: who ran sudo, else nobody]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) user: Option<String>,
    /// Give up root, but let the kernel refuse nothing else (Landlock, seccomp)
    #[arg(long)]
    pub(in crate::cli) no_sandbox: bool,
}
