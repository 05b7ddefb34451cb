//! Each kind of confined process, tried out by a thread of its own: confinement is of a thread.
