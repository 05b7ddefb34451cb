//! `headers` and `dissect` over every packet of every capture: they agree with each other and with etherparse,
//! account for every byte, and survive any cut.

use crate::support;

use std::ops::Range;
use std::path::Path;

use etherparse::{EtherType, LaxLinkExtSlice, LaxNetSlice, LaxSlicedPacket, TransportSlice};
use layerscope::decode::{Dissection, Packet, Protocol, application, dissect, headers};
use layerscope::model::{Field, Frame, LinkType, Value};
use layerscope::words::Spelling;
use support::{captures, corpus, frames, name, over};

/// Runs `check` on every packet; a failure names the file and the packet.
fn each_packet(check: impl Fn(&Frame<'_>, &str) -> Result<(), String> + Sync) {
    let files = captures();
    let failures: Vec<String> = over(&files, |path| each_of(path, &check)).into_iter().flatten().collect();
    assert!(files.len() > if corpus().is_some() { 1500 } else { 100 }, "only {} captures", files.len());
    assert!(failures.is_empty(), "{} packets, first:\n{}", failures.len(), first_lines(&failures));
}

fn each_of(path: &Path, check: impl Fn(&Frame<'_>, &str) -> Result<(), String>) -> Vec<String> {
    let name = name(path);
    let failed = |frame: &Frame<'_>| Some(format!("{name} #{}: {}", frame.number, check(frame, &name).err()?));
    frames(path).iter().filter_map(|frame| failed(&frame.as_frame())).collect()
}

fn first_lines(failures: &[String]) -> String {
    failures[..failures.len().min(30)].join("\n")
}

#[test]
fn every_byte_below_the_payload_is_a_field() {
    each_packet(|frame, _| every_byte_is_a_field(frame));
}

/// A sequence that looks random and is the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }
}

/// Packets of every file that are changed, and how often each.
const CHANGED: usize = 4;
const CHANGES: usize = 12;

/// Some bytes changed, and now and then the packet made as long as IP allows, its lengths left to the frame.
fn changed(frame: &Frame<'_>, numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = frame.bytes.to_vec();
    if numbers.next(10) == 0 {
        for span in &headers(frame).spans {
            let lengths = match span.protocol {
                Protocol::Ipv4 => 2..4,
                Protocol::Ipv6 | Protocol::Udp => 4..6,
                _ => continue,
            };
            let place = span.range().start + lengths.start..span.range().start + lengths.end;
            if let Some(length) = bytes.get_mut(place) {
                length.fill(0);
            }
        }
        let fill = numbers.next(256) as u8;
        bytes.resize(65_549, fill);
    }
    for _ in 0..numbers.next(5) {
        let at = numbers.next(bytes.len().min(120));
        if let Some(byte) = bytes.get_mut(at) {
            *byte = numbers.next(256) as u8;
        }
    }
    bytes
}

#[test]
fn a_packet_changed_at_will_is_decoded_without_harm() {
    let check = |path: &Path| -> Vec<String> {
        let mut numbers = Numbers(name(path).len() as u64);
        let mut failed = Vec::new();
        for frame in frames(path).iter().take(CHANGED) {
            for change in 0..CHANGES {
                let bytes = changed(&frame.as_frame(), &mut numbers);
                let frame = Frame { bytes: &bytes, wire_len: bytes.len() as u32, ..frame.as_frame() };
                let told = every_byte_is_a_field(&frame).err();
                let _ = headers(&frame).fragment().map(|fragment| Spelling::default().fragment(&fragment).to_string());
                let _ = application(&headers(&frame));
                failed.extend(told.map(|told| format!("{} #{} change {change}: {told}", name(path), frame.number)));
            }
        }
        failed
    };
    let failures = over(&captures(), check).concat();
    assert!(failures.is_empty(), "{} packets, first:\n{}", failures.len(), first_lines(&failures));
}

fn every_byte_is_a_field(frame: &Frame<'_>) -> Result<(), String> {
    let packet = headers(frame);
    let dissection = dissect(frame);
    let agree = packet.spans.len() == dissection.layers.len()
        && packet.spans.iter().zip(&dissection.layers).all(|(span, layer)| {
            (span.protocol, span.quoted, span.range()) == (layer.protocol, layer.quoted, layer.range.clone())
        });
    if !agree {
        return Err("headers and dissect do not agree".to_owned());
    }
    spans_follow_each_other(&packet)?;
    let cut = packet.problem.as_ref().map(|problem| problem.range.start);
    dissection.layers.iter().try_for_each(|layer| match layer.protocol {
        Protocol::Payload | Protocol::Data | Protocol::LinkPayload | Protocol::Trailer => Ok(()),
        _ => match tiles(&layer.fields, layer.range.clone())? {
            end if end == layer.range.end * 8 => Ok(()),
            // A header that is cut may end in the middle of a field.
            _ if layer.quoted || cut == Some(layer.range.start) => Ok(()),
            end => Err(format!("{} ends at bit {end} of {:?}", layer.protocol.name(), layer.range)),
        },
    })
}

/// The spans of a packet without a problem cover the frame.
fn spans_follow_each_other(packet: &Packet<'_>) -> Result<(), String> {
    let mut at = 0;
    for span in &packet.spans {
        if span.range().start != at || span.end < span.start {
            return Err(format!("{} begins at {}, not {at}", span.protocol.name(), span.start));
        }
        at = span.range().end;
    }
    match packet.problem {
        None if at != packet.bytes.len() => Err(format!("{} bytes in no span", packet.bytes.len() - at)),
        _ if at > packet.bytes.len() => Err("a span behind the frame".to_owned()),
        _ => Ok(()),
    }
}

/// Whether the fields follow each other without a gap from the range's start; the bit at which they end.
fn tiles(fields: &[Field], range: Range<usize>) -> Result<usize, String> {
    let mut at = range.start * 8;
    for field in fields {
        let Some(bits) = bits(field) else { continue };
        if bits.start != at {
            return Err(format!("{} begins at bit {}, not {at}", field.key, bits.start));
        }
        at = bits.end;
        inside(field)?;
    }
    Ok(at)
}

/// Whether every child lies within its parent.
fn inside(field: &Field) -> Result<(), String> {
    let Some(outer) = bits(field) else { return Ok(()) };
    for child in &field.children {
        match bits(child) {
            Some(inner) if inner.start < outer.start || inner.end > outer.end => {
                return Err(format!("{} lies outside {}", child.key, field.key));
            }
            _ => inside(child)?,
        }
    }
    Ok(())
}

/// The bits a field takes, counted from the frame's start.
fn bits(field: &Field) -> Option<Range<usize>> {
    let range = field.range.clone()?;
    let Some(mask) = field.mask else { return Some(range.start * 8..range.end * 8) };
    let unused = 64 - range.len() * 8;
    let start = range.start * 8 + mask.leading_zeros() as usize - unused;
    Some(start..start + mask.count_ones() as usize)
}

#[test]
fn the_typed_views_say_what_the_fields_say() {
    each_packet(|frame, _| {
        let packet = headers(frame);
        let dissection = dissect(frame);
        let (Some(tcp), Some(layer)) = (packet.tcp(), dissection.layers.iter().find(|layer| is(layer, Protocol::Tcp)))
        else {
            return Ok(());
        };
        let number = |key: &str| match layer.fields.iter().find(|field| field.key == key).map(|field| &field.value) {
            Some(Value::Decimal(number) | Value::Hex(number, _)) => *number,
            other => panic!("{key} is {other:?}"),
        };
        let (_, source, destination) = packet.endpoints().ok_or("TCP without endpoints")?;
        let typed = [
            u64::from(source.port),
            u64::from(destination.port),
            u64::from(tcp.seq().0),
            u64::from(tcp.ack().0),
            u64::from(tcp.flags().bits()),
            u64::from(tcp.window()),
        ];
        let keys = ["tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.flags", "tcp.window_size_value"];
        let told = keys.map(number);
        if typed == told { Ok(()) } else { Err(format!("typed {typed:?}, fields {told:?}")) }
    });
}

fn is(layer: &layerscope::decode::LayerFields, protocol: Protocol) -> bool {
    layer.protocol == protocol && !layer.quoted
}

#[test]
fn etherparse_finds_the_same_headers() {
    each_packet(|frame, _| {
        let ethernet = frame.link == LinkType::ETHERNET;
        let raw = matches!(frame.link, LinkType::RAW | LinkType::IPV4 | LinkType::IPV6);
        let theirs = if ethernet {
            LaxSlicedPacket::from_ethernet(frame.bytes).ok()
        } else if raw {
            LaxSlicedPacket::from_ip(frame.bytes).ok()
        } else {
            sll_ether_type(frame).map(|ether_type| LaxSlicedPacket::from_ether_type(ether_type, &frame.bytes[16..]))
        };
        theirs.map_or(Ok(()), |theirs| same_headers(&headers(frame), &theirs))
    });
}

fn sll_ether_type(frame: &Frame<'_>) -> Option<EtherType> {
    let bytes = frame.bytes.get(14..16).filter(|_| frame.link == LinkType::LINUX_SLL)?;
    Some(EtherType(u16::from_be_bytes([bytes[0], bytes[1]])))
}

fn same_headers(ours: &Packet<'_>, theirs: &LaxSlicedPacket<'_>) -> Result<(), String> {
    // MACsec is not taken apart here; where a length contradicts its own header, decoding stops here and not there.
    if theirs.link_exts.iter().any(|ext| !matches!(ext, LaxLinkExtSlice::Vlan(_)))
        || ours.problem.as_ref().is_some_and(|it| it.needed == 0)
    {
        return Ok(());
    }
    let net = match &theirs.net {
        Some(LaxNetSlice::Ipv4(ip)) => Some((Protocol::Ipv4, ip.header().slice())),
        Some(LaxNetSlice::Ipv6(ip)) => Some((Protocol::Ipv6, ip.header().slice())),
        Some(LaxNetSlice::Arp(arp)) => Some((Protocol::Arp, arp.slice())),
        None => None,
    };
    let transport = match &theirs.transport {
        Some(TransportSlice::Tcp(tcp)) => Some((Protocol::Tcp, tcp.header_slice())),
        Some(TransportSlice::Udp(udp)) => Some((Protocol::Udp, udp.header_slice())),
        _ => None,
    };
    for (protocol, theirs) in net.into_iter().chain(transport) {
        let ours = ours.span(protocol).map(|span| ours.slice(span));
        if !ours.is_some_and(|ours| std::ptr::eq(ours, theirs)) {
            return Err(format!("{}: etherparse has {theirs:02x?}, we have {ours:02x?}", protocol.name()));
        }
    }
    Ok(())
}

#[test]
fn a_packet_cut_anywhere_is_decoded_up_to_the_cut() {
    each_packet(|frame, _| {
        let len = frame.bytes.len();
        // Every length is met, some on each packet.
        let cuts = (frame.number as usize % 12..len.min(110)).step_by(12).chain([len / 2, len.saturating_sub(1)]);
        for (index, cut) in cuts.enumerate() {
            let cut = Frame { bytes: &frame.bytes[..cut], ..*frame };
            let packet = headers(&cut);
            spans_follow_each_other(&packet)?;
            if (index + frame.number as usize).is_multiple_of(3) {
                std::hint::black_box(application(&packet));
                exercise(&dissect(&cut))?;
            }
        }
        Ok(())
    });
}

/// A dissection's fields lie in the frame, and its problems can be told.
fn exercise(dissection: &Dissection) -> Result<(), String> {
    for layer in &dissection.layers {
        for field in &layer.fields {
            inside(field)?;
            if field.range.as_ref().is_some_and(|range| range.end > layer.range.end) {
                return Err(format!("{} lies behind its header", field.key));
            }
        }
    }
    dissection.problems.iter().for_each(|problem| drop(Spelling::default().problem(problem).to_string()));
    Ok(())
}
