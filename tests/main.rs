//! Everything that is tested from outside the modules, as one binary. What each file holds:

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

/// What happens by accident: Ctrl-C, full rings, no memory, no threads, ports that somebody has.
mod accidents;
/// The borders between the modules, as ARCHITECTURE.md draws them.
mod architecture;

/// `layerscope demo` for real: as root and unprivileged, its files, its ledger, its numbers against tshark's.
mod demo;

/// Which packets all these look at.
mod cli_choice;
/// `handshakes`, `flows`, `timeline`, `follow` and `stats`, against tshark's word.
mod cli_connections;
mod cli_follow;
/// Every scenario of the lab: its ledger, its fact in tshark's eyes, its golden timeline.
mod lab;
mod lab_networks;
/// What is lost is drawn lost, each reason is given once, and what a scenario is about stays on the screen.
mod lessons;
/// Everything that five introductions to sockets say: a command each, and what proves it.
mod seed_rows;

/// `layerscope capture` for real, with every privilege people have.
mod capture;
/// Which interface packets came from, on `any` and in savefiles.
mod capture_any;
/// `capture --process` for real: whose a packet is, and what cannot be known.
mod capture_process;
/// `capture --resolve` for real, with name servers of several kinds.
mod capture_resolve;
/// What a command of `capture -- COMMAND` gets, and how it ends.
mod descriptors;
/// `layerscope echo` among programs of others: netcat, Python, and peers that misbehave.
mod echo;
/// `layerscope echo --capture`: packets beside calls, as root and without privilege.
mod echo_capture;
/// `layerscope echo` and the programs that introductions to sockets begin with.
mod programs;
/// Captures that run, and what happens to them.
mod running;
/// What a confined process can still do, tried on the real binary.
mod sandbox;
/// A saved lesson's encoding.
mod saved_encoding;
/// The processes beside a verb: nobody looks into them, their ends are told, and what was begun is whole or not there.
mod served;

/// Where packets can be captured.
mod interfaces;

/// What people do wrong, and the answer they get.
mod wrong_use;

/// `layerscope read` and `inspect` from outside.
mod cli_inspect;
mod cli_read;

/// `layerscope read -w`.
mod cli_save;

/// Every option with every format; what tcpdump's users type; what is said where nothing is found.
mod cli_options;

/// The rows that several threads write together.
mod read_turns;

/// The help of every verb, manual pages and completions.
mod cli_help;

/// The examples of the help and the documents.
mod examples;

/// Which conversation, when, how long, how many: what is asked for, and the answer where it is not there.
mod cli_answers;

/// Times, sizes and numbers at the ends of what can be said.
mod arithmetic;

/// What each verb, key and width owes to who guesses it from the others.
mod cli_small_things;
/// How wide timelines are, and how long many of them take.
mod widths;

/// The JSON that programs read, against its published schemas.
mod json_schema;
/// What programs are told is a key or data, never a sentence.
mod machine_output;

/// Every field against tshark, over all captures: slow, so `make compare` runs it.
mod decode_tshark;

/// Whatever writes packets: whose file that becomes, and what a failed start and a full disk leave.
mod output_files;
/// Whatever stands in names and words, on standard error, on standard output and at a terminal; CSV for spreadsheets.
mod terminal_words;

/// Running the command and its peers.
mod run;

/// `headers` and `dissect` on every packet and every cut packet of all captures.
mod decode_captures;

/// Which headers are found, and what stops decoding.
mod decode_layers;

/// What the application line says.
mod decode_application;

/// Headers made for the question: cut at every byte, of every type, nested without end.
mod decode_headers;

/// Messages of applications made for the question: records, odd lines, transfers, chains.
mod decode_messages;
mod decode_names;

/// The field tables tile their headers.
mod decode_tables;

/// How calls are written in comments, and read back.
mod analyse_calls;
/// Calls held against packets.
mod analyse_ledger;

/// Connections against the oracle, and against the truth where it is known.
mod analyse_oracle;

/// What is marked on each packet, against tshark.
mod analyse_tshark;

/// Connections of packets made for the question: whose they are, and what is said of them.
mod analyse_canonical;
mod analyse_copies;
mod analyse_fragments;
mod analyse_handshake;
mod analyse_marks;
mod analyse_measured;
/// What people met in public, made anew, and what is right to say of it.
mod analyse_reports;
mod analyse_round_trip;
mod analyse_tracker;
mod analyse_zeek;

/// Everything that is drawn, for every capture.
mod render_captures;
/// Rows as lists of columns.
mod render_columns;
/// Decoded fields as columns of packets.
mod render_fields;
mod render_outputs;

/// Savefiles: batches, damage, formats, filters, several at once, writing.
mod source_batch;
mod source_damage;
mod source_file;
mod source_filter;
mod source_several;
mod source_writer;

/// Finding and reading captures, and making them.
mod support;
