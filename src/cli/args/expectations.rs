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
    opening=complete  complete, simultaneous, refused, no_answer, half_open or not_captured
    ending=closed     never_opened, open, half_closed, closing, closed or reset
    cause=abort       of a reset: refused, after_fin, gave_up, unread_data or abort
    open=complete     shorter: complete (either way), refused, no-answer, half-open or missed
    close=fin         shorter: fin (closed by both), reset, open or none (it never opened)
    state=SF          Zeek's conn_state
  Of all conversations together:
    connections=3, packets<=1000, bytes<2MB (k, M and G are powers of ten; a B may follow)
    retransmission, out_of_order, duplicate_ack, lost_segment, zero_window, window_full, keep_alive,
    and every other mark by its key (hyphens will do); reset, refused, unanswered: how often
    (there must be a conversation)
";
