//! The interfaces of this machine: which there are, and which one a person most likely means.
//!
//! What is said here is what libpcap and the kernel's tables say in the network that the calling thread is in.

use std::fs;
use std::net::IpAddr;

use pcap::Device;

use super::SourceError;
use super::libpcap::refused;

/// An interface that packets can be captured on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkInterface {
    /// Its name: `eth0`; `any` stands for all of them.
    pub name: String,
    /// What libpcap calls it; `None` for ordinary ones.
    pub description: Option<String>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Whether it is switched on.
    pub is_up: bool,
    /// Whether it has a carrier.
    pub is_running: bool,
    /// Whether it loops back to this machine.
    pub is_loopback: bool,
    /// Whether it is a radio.
    pub is_wireless: bool,
}

/// The interfaces of the network this thread is in, in libpcap's order: the likeliest first.
///
/// # Errors
///
/// [`SourceError::Pcap`] where libpcap cannot list them.
pub fn interfaces() -> Result<Vec<NetworkInterface>, SourceError> {
    let all = Device::list().map_err(refused("listing the interfaces"))?;
    Ok(all.into_iter().map(described).collect())
}

fn described(device: Device) -> NetworkInterface {
    NetworkInterface {
        description: device.desc,
        addresses: device.addresses.iter().map(|address| address.addr).collect(),
        is_up: device.flags.is_up(),
        is_running: device.flags.is_running(),
        is_loopback: device.flags.is_loopback(),
        is_wireless: device.flags.is_wireless(),
        name: device.name,
    }
}

/// The interface of the default route (IPv4 before IPv6), else the first that is up and no loopback, else `lo`.
#[must_use]
pub fn default_interface() -> String {
    let table = |path| fs::read_to_string(path).unwrap_or_default();
    route_ipv4(&table("/proc/thread-self/net/route"))
        .or_else(|| route_ipv6(&table("/proc/thread-self/net/ipv6_route")))
        .or_else(|| {
            // What libpcap knows beyond interfaces (`any`, `nflog`) has no address.
            let likely = |it: &NetworkInterface| it.is_up && !it.is_loopback && !it.addresses.is_empty();
            Some(interfaces().ok()?.into_iter().find(likely)?.name)
        })
        .unwrap_or_else(|| "lo".to_owned())
}

/// `RTF_UP` of `linux/route.h`.
const UP: u32 = 0x1;
/// `RTF_REJECT`: the route refuses.
const REJECT: u32 = 0x200;

/// The interface of the default route with the lowest metric: name, destination, gateway, flags, reference count, use,
/// metric and mask stand in a row of `/proc/net/route`.
fn route_ipv4(table: &str) -> Option<String> {
    let rows = table.lines().skip(1).filter_map(|line| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [name, "00000000", _, flags, _, _, metric, "00000000", ..] = cells[..] else { return None };
        let flags = u32::from_str_radix(flags, 16).ok()?;
        (flags & UP != 0 && flags & REJECT == 0).then_some((metric.parse::<u32>().ok()?, name))
    });
    rows.min().map(|(_, name)| name.to_owned())
}

/// The same of `/proc/net/ipv6_route`: destination, its prefix, source, its prefix, next hop, metric, reference count,
/// use, flags, name.
fn route_ipv6(table: &str) -> Option<String> {
    let rows = table.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [destination, "00", _, _, _, metric, _, _, flags, name] = cells[..] else { return None };
        let flags = u32::from_str_radix(flags, 16).ok()?;
        let is_default = destination.bytes().all(|digit| digit == b'0') && flags & UP != 0 && flags & REJECT == 0;
        is_default.then_some((u32::from_str_radix(metric, 16).ok()?, name))
    });
    rows.min().map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_route_with_the_lowest_metric_wins() {
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
                     wlan0\t00000000\t010200C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n\
                     eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
                     dead0\t00000000\t010200C0\t0203\t0\t0\t0\t00000000\t0\t0\t0\n\
                     eth1\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
        assert_eq!(route_ipv4(table).as_deref(), Some("eth0"));
        assert_eq!(route_ipv4("Iface\tDestination\n"), None);
    }

    #[test]
    fn the_route_that_refuses_everything_is_no_default_route() {
        let nowhere = "00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
                       00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";
        let route = "00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
                     fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0\n";
        assert_eq!(route_ipv6(nowhere), None);
        assert_eq!(route_ipv6(&format!("{nowhere}{route}")).as_deref(), Some("eth0"));
    }
}
