//! Questions and answers between who sees packets and who sees processes: each of a fixed length, an answer with its question.

use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, read, write};

use super::ProcessFinder;
use super::question::{Answer, SocketEnd};

/// How many questions are taken before what was found is told.
const ROUND: usize = 256;

/// An answer with its question.
const MESSAGE: usize = SocketEnd::LENGTH + Answer::LENGTH;

/// Asks; false where there is no room for another question now.
pub(super) fn ask(channel: impl AsFd, end: &SocketEnd) -> bool {
    write(channel, &end.to_bytes()).is_ok()
}

/// The next answer that is there.
///
/// # Errors
///
/// There will be none any more.
pub(super) fn answer(channel: impl AsFd) -> Result<Option<(SocketEnd, Answer)>, Errno> {
    let mut message = [0; MESSAGE];
    match read(channel, &mut message) {
        Ok(MESSAGE) => {
            let (end, answer) = message.split_at(SocketEnd::LENGTH);
            Ok(SocketEnd::from_bytes(end).zip(Answer::from_bytes(answer)))
        }
        Ok(_) => Err(Errno::PIPE),
        Err(Errno::AGAIN | Errno::INTR) => Ok(None),
        Err(errno) => Err(errno),
    }
}

impl ProcessFinder {
    /// Answers what comes through the channel, until nobody can ask any more.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn answer_all(mut self, channel: impl AsFd) -> Result<(), Errno> {
        match self.answer_until_closed(&channel) {
            Err(Errno::PIPE | Errno::CONNRESET) => Ok(()),
            ended => ended,
        }
    }

    fn answer_until_closed(&mut self, channel: &impl AsFd) -> Result<(), Errno> {
        loop {
            let patience = self.patience();
            if patience == Some(Duration::ZERO) {
                self.search().iter().try_for_each(|(end, answer)| tell(channel, end, answer))?;
                continue;
            }
            let mut left = ROUND;
            while left > 0 && is_ready(channel, if left == ROUND { patience } else { Some(Duration::ZERO) })? {
                left -= 1;
                let mut question = [0; SocketEnd::LENGTH];
                let length = read(channel, &mut question)?;
                if length == 0 {
                    return Ok(());
                }
                // What is no question gets no answer.
                let Some(end) = SocketEnd::from_bytes(&question[..length]) else { continue };
                self.ask(&end).map_or(Ok(()), |answer| tell(channel, &end, &answer))?;
            }
        }
    }
}

fn tell(channel: &impl AsFd, end: &SocketEnd, answer: &Answer) -> Result<(), Errno> {
    let message = [&end.to_bytes()[..], &answer.to_bytes()].concat();
    write(channel, &message).map(drop)
}

/// Whether there is a question, or nobody to ask any more; waits for so long.
fn is_ready(channel: &impl AsFd, patience: Option<Duration>) -> Result<bool, Errno> {
    let channel = channel.as_fd();
    let mut polled = [PollFd::new(&channel, PollFlags::IN)];
    let timeout = patience.and_then(|patience| patience.try_into().ok());
    match poll(&mut polled, timeout.as_ref()) {
        Ok(_) => Ok(!polled[0].revents().is_empty()),
        Err(Errno::INTR) => Ok(false),
        Err(errno) => Err(errno),
    }
}
