//! Long lists of alternatives in a filter expression: `host 192.0.2.1 or host 192.0.2.2 or ...`.
//!
//! libpcap's work grows with the cube of the number of terms. A list that only `or` joins means the same in parts, of which
//! one must accept a packet.

/// How many terms a part has at least, where the expression has more.
const PART: usize = 32;

/// Words that a term begins with which says all of what it means (pcap-filter(7)). One that begins otherwise may take the
/// qualifiers of the term before it: `port 80 or 443`.
pub(crate) const FIRST_WORDS: [&str; 17] = [
    "host",
    "net",
    "port",
    "portrange",
    "src",
    "dst",
    "tcp",
    "udp",
    "sctp",
    "ip",
    "ip6",
    "arp",
    "rarp",
    "ether",
    "icmp",
    "gateway",
    "proto",
];

/// Words that change what the terms behind them mean.
const LASTING: [&str; 7] = ["and", "vlan", "mpls", "pppoed", "pppoes", "geneve", "vxlan"];

/// The expression in parts, of which one must hold; the whole where it cannot be told to mean the same in parts.
pub(super) fn alternatives(expression: &str) -> Vec<String> {
    let is_list = expression.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" \t\n.:/-_|!".contains(&byte));
    let words: Vec<&str> = expression.split_ascii_whitespace().collect();
    let is_odd = |word: &&str| LASTING.contains(word) || (word.contains('|') && *word != "||") || word.contains('!');
    if !is_list || words.iter().any(|word| is_odd(word) && *word != "!") {
        return vec![expression.to_owned()];
    }
    let (mut parts, mut held) = (Vec::new(), 0_usize);
    let mut part: Vec<&str> = Vec::new();
    for term in words.split(|word| matches!(*word, "or" | "||")) {
        // `src or dst port 80` is one term.
        let goes_on = part.last().is_some_and(|last| matches!(*last, "src" | "dst"));
        if held >= PART && !goes_on && begins_anew(term) {
            parts.push(std::mem::take(&mut part).join(" "));
            held = 0;
        }
        if !part.is_empty() {
            part.push("or");
        }
        part.extend(term);
        held = held.saturating_add(1);
    }
    parts.push(part.join(" "));
    parts
}

/// Whether a term takes nothing over from the one before it.
fn begins_anew(term: &[&str]) -> bool {
    let said: Vec<&str> = term.iter().copied().skip_while(|word| matches!(*word, "not" | "!")).collect();
    match said.as_slice() {
        ["src" | "dst"] => true,
        [first, _, ..] => FIRST_WORDS.contains(first),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(terms: usize, term: impl Fn(usize) -> String) -> String {
        (0..terms).map(term).collect::<Vec<_>>().join(" or ")
    }

    #[test]
    fn a_long_list_of_alternatives_falls_into_parts() {
        let hosts = list(100, |number| format!("host 192.0.2.{number}"));
        let parts = alternatives(&hosts);
        assert_eq!(parts.len(), 4);
        assert_eq!(parts.join(" or "), hosts);
        assert_eq!(alternatives("tcp port 80 or host 192.0.2.1").len(), 1);
        assert_eq!(alternatives(""), [""]);
    }

    #[test]
    fn no_part_begins_with_what_depends_on_the_term_before_it() {
        let ports = format!("port 1 or {}", list(100, |number| number.to_string()));
        assert_eq!(alternatives(&ports), [ports]);
        let but = format!("port 1 or {}", list(100, |number| format!("not {number}")));
        assert_eq!(alternatives(&but), [but]);
    }

    #[test]
    fn either_direction_stays_with_what_it_is_a_direction_of() {
        for part in alternatives(&list(100, |number| format!("src or dst port {number}"))) {
            assert!(part.starts_with("src or dst") && !part.ends_with("src"), "{part}");
        }
    }

    #[test]
    fn what_is_more_than_a_list_stays_whole() {
        for odd in ["vlan 5", "tcp and port 80", "tcp[13] = 4", "(port 80)", "port 80||port 81", "len > 5", "!tcp"] {
            let expression = format!("{} or {odd}", list(100, |number| format!("port {number}")));
            assert_eq!(alternatives(&expression), [expression.as_str()], "{odd}");
        }
    }
}
