//! What can be expected, as `--help` tells it.

/// The language, for `--help`.
pub(super) const EXPECTATIONS: &str = "\
Expectations:
  Clauses separated by semicolons, each one of:
    no WHAT           none of the counts below: no reset; no retransmission
    WHAT OP NUMBER    OP is one of < <= = != >= >
  Of every TCP connection shown (there must be one):
    handshake<50ms    from the first SYN to the ACK; one that did not come about is not met
    rtt<20ms          the median round trip
    duration<2s       from the first packet to the last (of every conversation, UDP too)
    open=complete     complete, refused, no-answer, half-open or missed
    close=fin         fin (closed by both), reset, open or none (it never opened)
    state=SF          Zeek's conn_state
  Of all conversations together:
    connections=3, packets<=1000, bytes<2MB (k, M and G are powers of ten; a B may follow)
    retransmission, out-of-order, duplicate-ack, lost-segment, zero-window, window-full, keep-alive,
    and every other mark of --format json (keep-alive-ack); reset, refused, unanswered: how often
    (there must be a conversation)
";
