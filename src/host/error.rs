//! What this machine does not say of itself.

/// Why something could not be learnt of this machine.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The kernel does not list its sockets.
    #[error("the kernel does not say whose its sockets are (sock_diag): {message}")]
    Sockets {
        /// The system's words.
        message: String,
    },
    /// Who looks for processes is no more.
    #[error("the search for processes ended before its time; those of new sockets stay unknown")]
    NoFinder,
}
