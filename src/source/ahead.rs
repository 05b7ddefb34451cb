//! Reading ahead in a thread of its own: the system's copying, and decompression, run beside decoding.
//!
//! The order is the stream's, there are never more than [`BLOCKS`] blocks, and a block is handed over as soon as one read
//! has filled any of it: a slow stream is not held back.

use std::io::{self, ErrorKind, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// How many bytes are read at once.
pub(super) const BLOCK: usize = 1 << 20;

/// Bytes left free before a block's content, for what the reader of the block before it has not used up.
pub(super) const HEADROOM: usize = 1 << 18;

/// How many blocks lie ready at most.
const BLOCKS: usize = 2;

/// A buffer whose content starts at [`HEADROOM`].
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    /// Where the content ends.
    pub(super) end: usize,
}

/// The consumer's side.
pub(super) struct Ahead {
    filled: Receiver<io::Result<Block>>,
    used: Sender<Vec<u8>>,
}

impl Ahead {
    /// Lets a thread take over the reader; the reader's end or failure ends the thread.
    pub(super) fn start(reader: Box<dyn Read + Send>) -> io::Result<Self> {
        let (to_consumer, filled) = sync_channel(BLOCKS);
        let (used, from_consumer) = channel();
        thread::Builder::new().name("reader".into()).spawn(move || fill(reader, &from_consumer, &to_consumer))?;
        Ok(Self { filled, used })
    }

    /// The next block; `None` at the end, and after a failure.
    pub(super) fn next(&mut self) -> io::Result<Option<Block>> {
        self.filled.recv().ok().transpose()
    }

    /// Gives a buffer back to be filled again.
    pub(super) fn recycle(&mut self, bytes: Vec<u8>) {
        // Where the thread has ended, there is nothing more to fill.
        let _ = self.used.send(bytes);
    }
}

/// The thread: fills blocks until the stream ends or nobody wants them any more.
fn fill(mut reader: Box<dyn Read + Send>, used: &Receiver<Vec<u8>>, filled: &SyncSender<io::Result<Block>>) {
    loop {
        let mut bytes = used.try_recv().unwrap_or_default();
        bytes.resize(HEADROOM + BLOCK, 0);
        let block = match reader.read(&mut bytes[HEADROOM..]) {
            Ok(0) => return,
            Ok(read) => Ok(Block { bytes, end: HEADROOM + read }),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = block.is_err();
        if filled.send(block).is_err() || failed {
            return;
        }
    }
}
