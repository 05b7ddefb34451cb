//! What the lab asks of the kernel that no crate offers as safe: `getsockopt(TCP_INFO)`, `unshare()`, `IP_MINTTL`,
//! `IP_RECVERR`, and MTU and ethtool switches of interfaces.
#![expect(unsafe_code, reason = "the kernel's interface demands it")]

use std::mem::{MaybeUninit, size_of};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, netdevice, socket_with};
use rustix::thread::{UnshareFlags, unshare_unsafe};

use crate::model::TcpState;

/// Moves the calling thread into new namespaces.
pub(super) fn unshare(namespaces: UnshareFlags) -> Result<(), Errno> {
    // SAFETY: only `UnshareFlags::FILES` can take descriptors away from other threads; user and network cannot.
    unsafe { unshare_unsafe(namespaces.difference(UnshareFlags::FILES)) }
}

/// The state of a TCP socket as the kernel sees it now; `None` where it does not say. TIME-WAIT lives on without the socket,
/// which then reads CLOSED: of a connection that was not broken off (`is_whole`) that says nothing.
pub(super) fn tcp_state(socket: BorrowedFd<'_>, is_whole: bool) -> Option<TcpState> {
    // `tcpi_state` is the first byte of `struct tcp_info`; the kernel writes as much of it as it is given room for.
    let mut state = MaybeUninit::<u8>::zeroed();
    let mut len = size_of::<u8>() as libc::socklen_t;
    // SAFETY: the descriptor is borrowed and thus open; the kernel writes at most `len` bytes, which is what `state` has.
    let answer = unsafe {
        libc::getsockopt(socket.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_INFO, state.as_mut_ptr().cast(), &raw mut len)
    };
    // SAFETY: it was zeroed, so it is initialised whether or not the kernel wrote to it.
    let state = unsafe { state.assume_init() };
    let state = (answer == 0 && len == 1).then(|| from_kernel(state)).flatten();
    state.filter(|state| *state != TcpState::Closed || !is_whole)
}

/// How many bytes wait in a socket's send buffer that were never sent (`SIOCOUTQNSD`, linux/sockios.h).
pub(super) fn unsent(socket: BorrowedFd<'_>) -> Result<usize, Errno> {
    const SIOCOUTQNSD: libc::c_ulong = 0x894B;
    let mut bytes: libc::c_int = 0;
    // SAFETY: the descriptor is borrowed and thus open; the kernel writes one integer, which outlives the call.
    result(unsafe { libc::ioctl(socket.as_raw_fd(), SIOCOUTQNSD as _, &raw mut bytes) })?;
    Ok(usize::try_from(bytes).unwrap_or(0))
}

/// Makes the kernel drop what arrives with a smaller TTL, before the protocol sees it (`IP_MINTTL`, ip(7)); 0 lets
/// everything in.
pub(super) fn set_minimum_ttl(socket: BorrowedFd<'_>, ttl: u8) -> Result<(), Errno> {
    set_number(socket, libc::IPPROTO_IP, libc::IP_MINTTL, ttl.into())
}

/// Lets calls on a datagram socket fail with what ICMP messages say of its datagrams, though it is not connected
/// (`IP_RECVERR`, ip(7); `IPV6_RECVERR`, ipv6(7)).
pub(super) fn receive_errors(socket: impl AsFd, is_ipv6: bool) -> Result<(), Errno> {
    let (level, option) = match is_ipv6 {
        true => (libc::IPPROTO_IPV6, libc::IPV6_RECVERR),
        false => (libc::IPPROTO_IP, libc::IP_RECVERR),
    };
    set_number(socket.as_fd(), level, option, 1)
}

fn set_number(
    socket: BorrowedFd<'_>,
    level: libc::c_int,
    option: libc::c_int,
    number: libc::c_int,
) -> Result<(), Errno> {
    // SAFETY: the descriptor is borrowed and thus open; the kernel reads one integer, which outlives the call.
    let answer = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            option,
            (&raw const number).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    result(answer)
}

/// Flips one of ethtool's switches (`ETHTOOL_STSO` and its like) on an interface; `socket` may be any socket.
pub(super) fn set_offload(socket: BorrowedFd<'_>, interface: &str, switch: u32, on: bool) -> Result<(), Errno> {
    /// `struct ethtool_value` of linux/ethtool.h.
    #[repr(C)]
    struct Value {
        command: u32,
        data: u32,
    }
    let mut value = Value { command: switch, data: on.into() };
    let mut request = about(interface);
    request.ifr_ifru.ifru_data = (&raw mut value).cast();
    // SAFETY: the descriptor is borrowed and thus open; the request and the value it points to outlive the call.
    result(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCETHTOOL, &raw mut request) })
}

/// Sets how many bytes an IP packet on the loopback may have (`SIOCSIFMTU`, netdevice(7)); `socket` may be any socket.
pub(super) fn set_mtu(socket: BorrowedFd<'_>, bytes: i32) -> Result<(), Errno> {
    let mut request = about("lo");
    request.ifr_ifru.ifru_mtu = bytes;
    // SAFETY: the descriptor is borrowed and thus open; the request outlives the call.
    result(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFMTU, &raw mut request) })
}

/// A socket for the frames of an interface that carry IPv4 (packet(7)).
pub(super) fn packet_socket(interface: &str) -> Result<OwnedFd, Errno> {
    let ipv4 = (libc::ETH_P_IP as u16).to_be();
    // Until it is bound it hears nothing: of protocol 0.
    let socket = socket_with(AddressFamily::PACKET, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    let index = netdevice::name_to_index(&socket, interface)?;
    // SAFETY: all of its fields are integers and arrays of them, for which zero is a value.
    let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
    address.sll_family = libc::AF_PACKET as u16;
    address.sll_protocol = ipv4;
    address.sll_ifindex = index.cast_signed();
    // SAFETY: the descriptor is borrowed and thus open; the kernel reads the address, which outlives the call.
    let answer = unsafe {
        libc::bind(
            socket.as_fd().as_raw_fd(),
            (&raw const address).cast(),
            size_of::<libc::sockaddr_ll>() as libc::socklen_t,
        )
    };
    result(answer).map(|()| socket)
}

/// A request about an interface that says nothing yet.
fn about(interface: &str) -> libc::ifreq {
    // SAFETY: all of its fields are integers, arrays of them and pointers, for which zero is a value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    // The last byte stays 0, whatever the name.
    let room = request.ifr_name.len() - 1;
    for (to, from) in request.ifr_name[..room].iter_mut().zip(interface.as_bytes()) {
        *to = libc::c_char::from_ne_bytes([*from]);
    }
    request
}

fn result(answer: libc::c_int) -> Result<(), Errno> {
    if answer == 0 { Ok(()) } else { Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)) }
}

/// The numbers of `include/net/tcp_states.h`.
const fn from_kernel(state: u8) -> Option<TcpState> {
    Some(match state {
        1 => TcpState::Established,
        2 => TcpState::SynSent,
        3 | 12 => TcpState::SynReceived,
        4 => TcpState::FinWait1,
        5 => TcpState::FinWait2,
        6 => TcpState::TimeWait,
        7 => TcpState::Closed,
        8 => TcpState::CloseWait,
        9 => TcpState::LastAck,
        10 => TcpState::Listen,
        11 => TcpState::Closing,
        _ => return None,
    })
}
