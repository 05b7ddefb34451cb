//! How every verb that decodes begins: what is open stays open, everything else is given up, and only then anything that
//! strangers made is looked at.

use super::args::SafetyArgs;
use super::exit::Exit;
use super::report::{Failure, say};
use crate::engine::About as _;
use crate::engine::command_line::this_binary;
use crate::sandbox::{self, Confined, Identity, Kind};

/// What the options ask of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recipe {
    /// Whom root becomes, if somebody is named.
    pub(super) user: Option<Identity>,
    is_sandboxed: bool,
}

impl Recipe {
    /// As asked for. Nothing is given up yet.
    ///
    /// # Errors
    ///
    /// There is no such user.
    pub(super) fn new(args: &SafetyArgs) -> Result<Self, Failure> {
        let user = args.user.as_deref().map(sandbox::user).transpose();
        let user = user.map_err(|error| Failure::new(Exit::Usage, error))?;
        Ok(Self { user, is_sandboxed: !args.no_sandbox })
    }

    /// Gives up everything that decoding saved packets has no need of. Captures and outputs are open already.
    ///
    /// # Errors
    ///
    /// What the kernel refused; then nothing may be decoded.
    pub(super) fn confine_reader(self) -> Result<(), Failure> {
        self.confine_live(Kind::Reader).map(drop)
    }

    /// Gives up everything that the kind has no need of; says what is to be said of it, and returns what this kernel lacks.
    ///
    /// # Errors
    ///
    /// As [`Recipe::confine_reader`].
    pub(super) fn confine_live(self, kind: Kind<'_>) -> Result<Vec<String>, Failure> {
        let Confined { is_still_root, lacks } = self.confine(kind)?;
        if is_still_root {
            tell_of_root(self.user);
        }
        Ok(lacks)
    }

    /// [`Recipe::confine_live`] of a process that serves another one, which says what is to be said.
    ///
    /// # Errors
    ///
    /// As [`Recipe::confine_reader`].
    pub(super) fn confine_quietly(self, kind: Kind<'_>) -> Result<(), Failure> {
        self.confine(kind).map(drop)
    }

    /// Gives up root and the capabilities alone, before what no confined process could do; [`Recipe::confine_live`] follows.
    ///
    /// # Errors
    ///
    /// What the kernel refused.
    pub(super) fn relinquish(self) -> Result<(), Failure> {
        sandbox::relinquish(self.user).about("giving up root")?;
        Ok(())
    }

    fn confine(self, kind: Kind<'_>) -> Result<Confined, Failure> {
        // Advice names the binary, whose path cannot be asked for afterwards.
        this_binary();
        let confined =
            if self.is_sandboxed { sandbox::confine(self.user, kind) } else { sandbox::relinquish(self.user) };
        confined.about("giving up what decoding has no need of")
    }
}

fn tell_of_root(user: Option<Identity>) {
    say(match user {
        Some(_) => "packets are decoded as root, as --user asks; without any capability",
        None => {
            "this root cannot become another user (it lacks CAP_SETUID or CAP_SETGID): it stays root, without any capability"
        }
    });
}
