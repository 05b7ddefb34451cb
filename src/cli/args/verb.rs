//! What all verbs over packets are asked beside their own: how their output looks, and how much the program may do.

use std::ops::Deref;

use super::{LookArgs, SafetyArgs};

/// A verb's own arguments, and how it runs.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct VerbArgs<A: clap::Args> {
    #[command(flatten)]
    own: A,
    #[command(flatten)]
    pub(in crate::cli) look: LookArgs,
    #[command(flatten)]
    pub(in crate::cli) safety: SafetyArgs,
}

impl<A: clap::Args> Deref for VerbArgs<A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.own
    }
}
