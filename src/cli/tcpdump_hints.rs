//! What people type who know tcpdump or tshark: where the same is asked for in another way, the answer says how.

/// A flag, the verb it was typed to (or anything, where it is empty), and what to type instead.
const HABITS: &[(&str, &str, &str)] = &[
    (
        "-e",
        "",
        "the link layer's addresses are a column: --columns number,time,macs,addresses,ports,data; -v shows all",
    ),
    (
        "-A",
        "",
        "the table ends with the payload as text, -x shows all bytes beside their text; `layerscope follow` puts a \
         conversation's together",
    ),
    ("-q", "read", "--format plain is brief; --columns chooses what is shown"),
    ("-#", "", "the table numbers the packets; --columns number,... chooses"),
    ("-F", "", "the shell can read a filter from a file: --filter \"$(cat FILE)\""),
    ("-Y", "", "a filter is written after the files, in libpcap's language: tcp port 80"),
    ("-d", "", "`tcpdump -d` shows what a filter compiles to"),
    ("-i", "read", "read shows saved captures; `layerscope capture -i NAME` captures"),
    ("-R", "read", "a filter is written after the files, in libpcap's language: tcp port 80"),
    ("-z", "read", "`layerscope flows`, `handshakes` and `stats` are verbs of their own"),
    ("-r", "capture", "`layerscope read FILE` shows a saved capture"),
    ("-D", "capture", "`layerscope interfaces` lists them"),
    ("-D", "read", "`layerscope interfaces` lists where packets can be captured"),
    ("-B", "capture", "--buffer-size 8MiB"),
    ("-C", "capture", "--rotate-size 100MB begins another file when one has this size"),
    ("-G", "capture", "--rotate-every 1h begins another file when one holds packets of this long"),
    ("-W", "capture", "--keep 10 keeps the last ten files"),
    ("-Z", "capture", "--user NAME says whom to become instead of root"),
    ("-z", "capture", "no command is run for a file: what decodes packets may start none"),
    ("-Q", "capture", "which way packets go is not chosen here; a filter can name hosts: src host 192.0.2.1"),
    ("-P", "capture", "which way packets go is not chosen here; a filter can name hosts: src host 192.0.2.1"),
    ("-a", "capture", "--duration 10s, -c N and --rotate-size say when to end"),
    ("-b", "capture", "--rotate-size, --rotate-every and --keep make a ring of files"),
    ("-f", "capture", "a filter is written after the options: tcp port 80"),
    (
        "--merge",
        "inspect",
        "inspect opens a packet of one capture; `layerscope read FILE... --merge -w FILE` makes one of several",
    ),
    ("-r", "layerscope", "`layerscope read FILE` shows a saved capture"),
    ("-i", "layerscope", "`layerscope capture -i NAME` captures"),
    ("-D", "layerscope", "`layerscope interfaces` lists where packets can be captured"),
];

/// What to type instead of a flag that the verb does not have.
pub(super) fn advice(flag: &str, verb: &str) -> Option<String> {
    let is_letter = flag.len() == 2 && flag.starts_with('-');
    let said = HABITS.iter().find(|(known, to, _)| *known == flag && (to.is_empty() || *to == verb));
    match said {
        Some((_, to, words)) if *to == verb || matches!(verb, "read" | "capture" | "layerscope") => {
            Some((*words).to_owned())
        }
        None if verb == "layerscope" && is_letter => {
            Some("a verb comes first: `layerscope read FILE`, `layerscope capture`".to_owned())
        }
        _ => None,
    }
}

/// What to type instead of a value that an option of this name once took.
pub(super) fn renamed(option: &str, value: &str) -> Option<String> {
    let is_side = option.starts_with("--from") && matches!(value, "client" | "server");
    is_side.then(|| format!("--from takes a time; `layerscope follow --side {value}` shows what the {value} sent"))
}
