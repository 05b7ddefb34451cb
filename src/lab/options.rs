//! The socket options of the scenarios, a method each, recorded as the `setsockopt()` calls they are.

use std::time::Duration;

use rustix::io::ioctl_fionbio;
use rustix::net::sockopt::{self, Timeout};

use super::kernel::set_minimum_ttl;
use super::socket::millis;
use super::{LabError, Socket};
use crate::model::{Control, OptionValue, SocketOption};

/// What turns an option on.
const ON: OptionValue = OptionValue::Number(1);

/// Every method fails with [`LabError::Call`] and what the kernel said.
impl Socket {
    /// `SO_REUSEADDR`: a port that only TIME-WAIT holds may be bound again.
    pub(super) fn reuse_address(&self) -> Result<(), LabError> {
        self.set(SocketOption::ReuseAddress, ON, |fd| sockopt::set_socket_reuseaddr(fd, true))
    }

    /// `SO_LINGER` of 0 s: `close()` breaks the connection off.
    pub(super) fn abort_on_close(&self) -> Result<(), LabError> {
        self.set(SocketOption::Linger, OptionValue::Seconds(0), |fd| {
            sockopt::set_socket_linger(fd, Some(Duration::ZERO))
        })
    }

    /// `TCP_NODELAY`: no small segment waits for an acknowledgment.
    pub(super) fn no_delay(&self) -> Result<(), LabError> {
        self.set(SocketOption::NoDelay, ON, |fd| sockopt::set_tcp_nodelay(fd, true))
    }

    /// `TCP_QUICKACK`: whether acknowledgments leave at once, or wait for data to ride on.
    pub(super) fn quick_acknowledgments(&self, quick: bool) -> Result<(), LabError> {
        self.set_prompt(quick);
        self.set(SocketOption::QuickAck, OptionValue::Number(quick.into()), |fd| sockopt::set_tcp_quickack(fd, quick))
    }

    /// `SO_RCVBUF`, before `listen()` or `connect()`: the window is made of it.
    pub(super) fn receive_buffer(&self, bytes: usize) -> Result<(), LabError> {
        let value = OptionValue::Number(i64::try_from(bytes).unwrap_or(i64::MAX));
        self.set(SocketOption::ReceiveBuffer, value, |fd| sockopt::set_socket_recv_buffer_size(fd, bytes))
    }

    /// `SO_SNDBUF`: how much may wait to be sent.
    pub(super) fn send_buffer(&self, bytes: usize) -> Result<(), LabError> {
        let value = OptionValue::Number(i64::try_from(bytes).unwrap_or(i64::MAX));
        self.set(SocketOption::SendBuffer, value, |fd| sockopt::set_socket_send_buffer_size(fd, bytes))
    }

    /// `SO_RCVTIMEO`: how long `recv()` waits.
    pub(super) fn receive_timeout(&self, patience: Duration) -> Result<(), LabError> {
        self.set(SocketOption::ReceiveTimeout, OptionValue::Millis(millis(patience)), |fd| {
            sockopt::set_socket_timeout(fd, Timeout::Recv, Some(patience))
        })
    }

    /// `SO_KEEPALIVE`, with `TCP_KEEPIDLE` and `TCP_KEEPINTVL`.
    pub(super) fn keep_alive(&self, idle: Duration, interval: Duration) -> Result<(), LabError> {
        let seconds = |time: Duration| OptionValue::Seconds(time.as_secs());
        self.set(SocketOption::KeepIdle, seconds(idle), |fd| sockopt::set_tcp_keepidle(fd, idle))?;
        self.set(SocketOption::KeepInterval, seconds(interval), |fd| sockopt::set_tcp_keepintvl(fd, interval))?;
        self.set(SocketOption::KeepAlive, ON, |fd| sockopt::set_socket_keepalive(fd, true))
    }

    /// `TCP_KEEPCNT`: after so many unanswered probes the peer counts as gone.
    pub(super) fn give_up_after_probes(&self, probes: u32) -> Result<(), LabError> {
        let value = OptionValue::Number(probes.into());
        self.set(SocketOption::KeepCount, value, |fd| sockopt::set_tcp_keepcnt(fd, probes))
    }

    /// `TCP_USER_TIMEOUT`: when data were not acknowledged for so long, the peer counts as gone.
    pub(super) fn give_up_after(&self, time: Duration) -> Result<(), LabError> {
        let millis = millis(time);
        let most = u32::try_from(millis).unwrap_or(u32::MAX);
        self.set(SocketOption::UserTimeout, OptionValue::Millis(millis), |fd| sockopt::set_tcp_user_timeout(fd, most))
    }

    /// `TCP_CONGESTION`: slow start, congestion avoidance, fast retransmit and fast recovery as RFC 5681 has them.
    pub(super) fn use_reno(&self) -> Result<(), LabError> {
        self.set(SocketOption::Congestion, OptionValue::Reno, |fd| sockopt::set_tcp_congestion(fd, "reno"))
    }

    /// `IP_MINTTL` of 255: whatever has passed a router, or, as everything on this host, begun with less, is lost before
    /// TCP sees it. A filter (`SO_ATTACH_FILTER`) would do, but some kernels keep those to root.
    pub(super) fn lose_arrivals(&self) -> Result<(), LabError> {
        self.set(SocketOption::MinimumTtl, OptionValue::Number(255), |fd| set_minimum_ttl(fd, 255))
    }

    /// `IP_MINTTL` of 0: what arrives from now on is let in.
    pub(super) fn let_arrivals_in(&self) -> Result<(), LabError> {
        self.set(SocketOption::MinimumTtl, OptionValue::Number(0), |fd| set_minimum_ttl(fd, 0))
    }

    /// `FIONBIO`: calls return at once, also with nothing done.
    pub(super) fn do_not_wait(&self) -> Result<(), LabError> {
        self.control(Control::NonBlocking(true), |fd| ioctl_fionbio(fd, true))
    }
}
