//! Zeek's columns, `conn_state` and `history`, on sequences whose letters its sources settle.

use layerscope::analyse::Limits;

use crate::support::segments::{ACK, Capture, FIN, FROM_CLIENT, FROM_SERVER, RST, SYN, Segment};

const SYN_OF_CLIENT: Segment = Segment { flags: SYN, seq: 0, ..FROM_CLIENT };
const SYN_ACK: Segment = Segment { flags: SYN | ACK, seq: 0, ..FROM_SERVER };
const FIN_OF_CLIENT: Segment = Segment { flags: FIN | ACK, ..FROM_CLIENT };
const FIN_OF_SERVER: Segment = Segment { flags: FIN | ACK, ..FROM_SERVER };
const RST_OF_CLIENT: Segment = Segment { flags: RST, ..FROM_CLIENT };
const RST_OF_SERVER: Segment = Segment { flags: RST | ACK, ..FROM_SERVER };
const DATA: Segment = Segment { len: 10, ..FROM_CLIENT };

/// `history` and `conn_state` after some segments.
fn zeek(segments: &[Segment]) -> (String, &'static str) {
    let mut capture = Capture::new(Limits::default());
    for segment in segments {
        capture.see(*segment);
    }
    let connection = capture.connection(0);
    (connection.zeek_history(), connection.zeek_state())
}

fn opened(then: &[Segment]) -> (String, &'static str) {
    zeek(&[&[SYN_OF_CLIENT, SYN_ACK, FROM_CLIENT], then].concat())
}

fn says(history: &str, state: &'static str) -> (String, &'static str) {
    (history.to_owned(), state)
}

/// The four traces of Zeek's own test `conn_state-RST-behavior`, with its answers.
#[test]
fn resets_are_told_as_in_zeeks_own_test() {
    assert_eq!(zeek(&[RST_OF_CLIENT]), says("R", "OTH"));
    assert_eq!(zeek(&[SYN_OF_CLIENT, RST_OF_CLIENT]), says("SR", "RSTOS0"));
    assert_eq!(zeek(&[SYN_OF_CLIENT, FROM_SERVER, RST_OF_CLIENT]), says("SaR", "RSTOS0"));
    assert_eq!(zeek(&[SYN_OF_CLIENT, FROM_SERVER, FIN_OF_CLIENT, RST_OF_CLIENT]), says("SaFR", "OTH"));
}

#[test]
fn every_state_of_an_opened_connection_has_its_name() {
    let answer = Segment { ack: 2, ..FROM_SERVER };
    let last = Segment { seq: 2, ack: 2, ..FROM_CLIENT };
    assert_eq!(zeek(&[SYN_OF_CLIENT]), says("S", "S0"));
    assert_eq!(opened(&[]), says("ShA", "S1"));
    assert_eq!(opened(&[FIN_OF_CLIENT, answer]), says("ShAFa", "S2"));
    assert_eq!(opened(&[FIN_OF_SERVER]), says("ShAf", "S3"));
    assert_eq!(opened(&[FIN_OF_CLIENT, Segment { ack: 2, ..FIN_OF_SERVER }, last]), says("ShAFf", "SF"));
    assert_eq!(opened(&[DATA, RST_OF_CLIENT]), says("ShADR", "RSTO"));
    assert_eq!(opened(&[DATA, RST_OF_SERVER]), says("ShADr", "RSTR"));
    assert_eq!(zeek(&[SYN_OF_CLIENT, Segment { seq: 0, ..RST_OF_SERVER }]), says("Sr", "REJ"));
    // A reset of one who has closed, and of one who has closed like its peer.
    assert_eq!(opened(&[FIN_OF_SERVER, RST_OF_SERVER]), says("ShAfr", "RSTR"));
    assert_eq!(opened(&[FIN_OF_SERVER, FIN_OF_CLIENT, RST_OF_SERVER]), says("ShAfFr", "SF"));
}

#[test]
fn a_connection_without_its_syn_is_partial_until_it_is_closed() {
    let from_client = Segment { seq: 500, ack: 700, len: 5, ..FROM_CLIENT };
    let from_server = Segment { seq: 700, ack: 505, len: 5, ..FROM_SERVER };
    assert_eq!(zeek(&[from_client, from_server]), says("Dd", "OTH"));
    let (fin, other) = (Segment { flags: FIN | ACK, ..from_client }, Segment { flags: FIN | ACK, ..from_server });
    assert_eq!(zeek(&[fin, other]), says("Ff", "SF"), "payload beside a FIN is no letter of its own");
    assert_eq!(zeek(&[fin]), says("F", "SH"));
    assert_eq!(zeek(&[from_client, Segment { flags: RST, len: 0, ..from_server }]), says("Dr", "RSTRH"));
    // The ports show the first sender to be the server, or its SYN-ACK does.
    assert_eq!(zeek(&[from_server, from_client]), says("^dD", "OTH"));
    assert_eq!(zeek(&[SYN_ACK, FROM_CLIENT, FIN_OF_SERVER]), says("^hAf", "S3"));
    assert_eq!(zeek(&[SYN_ACK, FIN_OF_SERVER]), says("^hf", "SHR"));
}

#[test]
fn letters_with_a_number_come_again_with_another_number() {
    let again = Segment { after: 1000, ..SYN_OF_CLIENT };
    assert_eq!(zeek(&[SYN_OF_CLIENT, again]), says("S", "S0"), "the same SYN again");
    assert_eq!(zeek(&[SYN_OF_CLIENT, SYN_ACK, Segment { seq: 50, ..SYN_ACK }]).0, "Shh");
    let fin = |seq| Segment { seq, ..FIN_OF_CLIENT };
    assert_eq!(opened(&[fin(1), fin(1), fin(9)]).0, "ShAFF");
    assert_eq!(opened(&[RST_OF_CLIENT, RST_OF_CLIENT, Segment { seq: 5, ..RST_OF_CLIENT }]).0, "ShARR");
    let odd = |flags| Segment { flags, ..FROM_CLIENT };
    assert_eq!(zeek(&[odd(FIN | RST), odd(FIN | RST)]).0, "I");
    assert_eq!(zeek(&[odd(SYN | FIN), odd(SYN | RST)]).0, "Q");
}

#[test]
fn counted_letters_come_again_with_every_digit() {
    let times = |segment: Segment, count| opened(&vec![segment; count]).0;
    assert_eq!(times(DATA, 10), "ShADT", "nine repetitions");
    assert_eq!(times(DATA, 11), "ShADTT", "ten");
    assert_eq!(times(DATA, 101), "ShADTTT", "a hundred");
    let shut = Segment { window: 0, ..FROM_SERVER };
    assert_eq!(times(shut, 1), "ShAaw");
    assert_eq!(times(shut, 10), "ShAaww");
    assert_eq!(opened(&[FIN_OF_CLIENT, shut]).0, "ShAFa", "after a FIN a window means nothing");
    let gap = [Segment { seq: 21, ..DATA }, Segment { ack: 31, ..FROM_SERVER }];
    assert_eq!(opened(&gap).0, "ShADaG");
    assert_eq!(zeek(&gap).0, "Da", "only a connection known from its beginning has gaps");
}
