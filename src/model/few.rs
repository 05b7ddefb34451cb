//! A short list that lies where its owner lies, not on the heap.

use std::fmt::{self, Debug, Formatter};
use std::ops::{Deref, DerefMut};

use arrayvec::ArrayVec;

/// At most `N` items: what a packet or a connection has a few of. It is used as the slice that it holds.
///
/// ```
/// use layerscope::model::Few;
///
/// let mut frames: Few<u64, 2> = [3, 7].into_iter().collect();
/// assert_eq!(*frames, [3, 7]);
/// assert!(!frames.push(9), "there is no room for a third");
/// assert_eq!(frames.last(), Some(&7));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Few<T, const N: usize>(ArrayVec<T, N>);

impl<T, const N: usize> Few<T, N> {
    /// None yet.
    #[must_use]
    #[inline]
    pub const fn new() -> Self {
        Self(ArrayVec::new_const())
    }

    /// Appends an item; whether there was room for it.
    #[inline]
    pub fn push(&mut self, item: T) -> bool {
        self.0.try_push(item).is_ok()
    }
}

impl<T, const N: usize> Default for Few<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> Deref for Few<T, N> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const N: usize> DerefMut for Few<T, N> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

/// The first `N` items.
impl<T, const N: usize> FromIterator<T> for Few<T, N> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().take(N).collect())
    }
}

impl<'a, T, const N: usize> IntoIterator for &'a Few<T, N> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Debug, const N: usize> Debug for Few<T, N> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(&self.0, f)
    }
}
