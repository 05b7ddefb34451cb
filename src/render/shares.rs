//! Many rows spelt by several threads, and written in their order.

use std::io::{self, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// How many rows are spelt at once.
const SHARE: usize = 1024;

/// How many shares of a thread may lie ready, so that memory does not depend on the number of rows.
const READY: usize = 2;

/// The most threads: beyond that writing keeps more from being of use.
const MOST_THREADS: usize = 4;

/// Writes what `spell` makes of the rows, of a share of them at a time.
///
/// # Errors
///
/// Whatever `spell` or `out` says.
pub(super) fn write_shares<T: Sync>(
    rows: &[T],
    spell: impl Fn(&[T], &mut Vec<u8>) -> io::Result<()> + Sync,
    out: &mut dyn Write,
) -> io::Result<()> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    let threads = if rows.len() <= SHARE { 1 } else { threads };
    let spell_share = |share: &[T]| {
        let mut text = Vec::new();
        spell(share, &mut text).map(|()| text)
    };
    thread::scope(|scope| {
        let start = |first: usize| {
            let (send, spelt) = sync_channel(READY);
            let shares = rows.chunks(SHARE).skip(first).step_by(threads);
            let work = move || hand_over(shares.map(spell_share), &send);
            // Where the system has no thread to give, its shares are spelt here.
            (threads > 1).then(|| thread::Builder::new().spawn_scoped(scope, work)).and_then(Result::ok).map(|_| spelt)
        };
        let helpers: Vec<Option<Receiver<_>>> = (0..threads).map(start).collect();
        for (share, helper) in rows.chunks(SHARE).zip(helpers.iter().cycle()) {
            let text = match helper {
                None => spell_share(share),
                // A helper that ends too early has panicked, which the scope passes on.
                Some(spelt) => spelt.recv().unwrap_or_else(|_| Ok(Vec::new())),
            };
            out.write_all(&text?)?;
        }
        Ok(())
    })
}

/// Hands over what is spelt until nobody wants it any more.
fn hand_over(shares: impl Iterator<Item = io::Result<Vec<u8>>>, to: &SyncSender<io::Result<Vec<u8>>>) {
    for share in shares {
        if to.send(share).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spell(rows: &[usize], text: &mut Vec<u8>) -> io::Result<()> {
        rows.iter().try_for_each(|row| writeln!(text, "{row}"))
    }

    #[test]
    fn rows_keep_their_order_however_many_there_are() {
        for count in [0, 1, SHARE, SHARE + 1, 20 * SHARE + 7] {
            let rows: Vec<usize> = (0..count).collect();
            let mut written = Vec::new();
            write_shares(&rows, spell, &mut written).unwrap();
            let expected: String = rows.iter().map(|row| format!("{row}\n")).collect();
            assert_eq!(String::from_utf8(written).unwrap(), expected);
        }
    }

    /// Takes a few bytes, then none.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn whoever_writes_to_a_full_disk_is_told_at_once() {
        let rows: Vec<usize> = (0..100 * SHARE).collect();
        let error = write_shares(&rows, spell, &mut Full(10_000)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
