//! Rows as JSON, an object a line, spelt straight from the columns.

use std::io::{self, Write};

use serde::Serialize;

use super::cell::{PLAIN, push_nanos, push_number};
use super::column::{Column, Get, Lack, Tabular};
use super::tree::{Branch, Node, tree};
use crate::render::json::{SCHEMA, write_value};
use crate::render::pen::append;
use crate::render::shares::write_shares;

/// Writes rows as JSON, an object a line, which begins with the version of its shape; `chosen` is empty where nobody
/// chose columns. What is missing is null, and so is an object in which everything is missing.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_ndjson<T: Tabular>(rows: &[T], chosen: &[&str], out: &mut dyn Write) -> io::Result<()> {
    let lines = Lines::new(chosen);
    let spell = |share: &[T], text: &mut Vec<u8>| {
        share.iter().for_each(|row| lines.push(row, text));
        Ok(())
    };
    write_shares(rows, spell, out)
}

/// How rows become lines of JSON, for rows that come one by one.
pub(in crate::render) struct Lines<T> {
    nodes: Vec<Node<T>>,
    beginning: String,
}

impl<T: Tabular> Lines<T> {
    /// Lines with the chosen columns, as of [`write_ndjson`].
    pub(in crate::render) fn new(chosen: &[&str]) -> Self {
        Self { nodes: tree(chosen), beginning: format!("{{\"schema\":{SCHEMA}") }
    }

    /// Appends a row.
    pub(in crate::render) fn push(&self, row: &T, out: &mut Vec<u8>) {
        out.extend_from_slice(self.beginning.as_bytes());
        for node in &self.nodes {
            push_member(node, row, out);
        }
        out.extend_from_slice(b"}\n");
    }
}

/// Appends a member of an object, where rows of this kind have it; whether it says anything.
fn push_member<T: Tabular>(node: &Node<T>, row: &T, out: &mut Vec<u8>) -> bool {
    if !T::KINDS.is_empty() && !node.is_of(row.kind()) {
        return false;
    }
    let start = out.len();
    separate(out);
    out.push(b'"');
    out.extend_from_slice(node.name().as_bytes());
    out.extend_from_slice(b"\":");
    let tells = push_node(node, row, out);
    if !tells && node.is_optional() {
        out.truncate(start);
    }
    tells
}

/// Appends what a node holds, null where that is nothing; whether it is anything.
fn push_node<T: Tabular>(node: &Node<T>, row: &T, out: &mut Vec<u8>) -> bool {
    match node {
        Node::Leaf(_, column) => column.push_json(row, out),
        Node::Branch(Branch { nodes, is_array, lack, .. }) => {
            let start = out.len();
            let tells = if *is_array { push_places(nodes, row, out) } else { push_object(nodes, row, out) };
            if !tells && *lack != Lack::Never {
                out.truncate(start);
                out.extend_from_slice(b"null");
            }
            tells || *lack == Lack::Never
        }
    }
}

/// Appends an object; whether anything in it says anything.
fn push_object<T: Tabular>(nodes: &[Node<T>], row: &T, out: &mut Vec<u8>) -> bool {
    out.push(b'{');
    let mut tells = false;
    for node in nodes {
        tells |= push_member(node, row, out);
    }
    out.push(b'}');
    tells
}

/// Appends an array with all its places; whether anything in them says anything.
fn push_places<T: Tabular>(nodes: &[Node<T>], row: &T, out: &mut Vec<u8>) -> bool {
    out.push(b'[');
    let (mut next, mut tells) = (0, false);
    for node in nodes {
        for _ in next..node.place() {
            separate(out);
            out.extend_from_slice(b"null");
        }
        separate(out);
        tells |= push_node(node, row, out);
        next = node.place().saturating_add(1);
    }
    out.push(b']');
    tells
}

impl<T: Tabular> Column<T> {
    /// Appends the value, null where it is missing; whether there is any. A list without items is a list, but no value.
    fn push_json(&self, row: &T, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        match self.get {
            Get::Count(number) | Get::Number(number) => push_number(number(row), out),
            Get::Duration(nanos) => push_nanos(nanos(row), out),
            Get::Flag(flag) => push_some(flag(row), out),
            Get::Seconds(seconds) => push_some(seconds(row), out),
            Get::Key(_, key) => push_some(key(row), out),
            Get::Text(words) => push_some(words(row), out),
            Get::Object(object) => push_some(object(row), out),
            Get::Words(words) => push_some(Some(words(row, PLAIN)).filter(|words| !words.is_empty()), out),
            Get::Time(_) | Get::Address(_) => push_quoted(out, |out| self.push_value(row, out)),
            Get::End(end) => {
                let end = end(row).0;
                out.extend_from_slice(b"{\"addr\":");
                push_quoted(out, |out| append(out, |pen| pen.address(end.addr)));
                out.extend_from_slice(b",\"port\":");
                push_number(Some(end.port.into()), out);
                out.push(b'}');
            }
            Get::Numbers(_) => return push_list(*b"[]", out, |out| self.push_value(row, out)),
            Get::Texts(texts) => {
                return push_list(*b"[]", out, |out| {
                    texts(row, &mut |words| {
                        separate(out);
                        push_some(Some(words), out);
                    });
                });
            }
            Get::Counts(counts) => {
                return push_list(*b"{}", out, |out| {
                    counts(row, &mut |name, count| {
                        separate(out);
                        push_some(Some(name), out);
                        out.push(b':');
                        push_number(Some(count), out);
                    });
                });
            }
        }
        let tells = out.len() > start;
        if !tells {
            out.extend_from_slice(b"null");
        }
        tells
    }
}

/// Appends a comma, but for the first in its brackets.
fn separate(out: &mut Vec<u8>) {
    let is_first = matches!(out.last(), Some(b'[' | b'{'));
    out.extend((!is_first).then_some(b','));
}

fn push_some(value: Option<impl Serialize>, out: &mut Vec<u8>) {
    if let Some(value) = value {
        // Writing to memory cannot fail.
        let _ = write_value(&value, out);
    }
}

/// Appends what is a plain text, nothing where it is empty.
fn push_quoted(out: &mut Vec<u8>, push: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    let start = out.len();
    push(out);
    if out.len() > start {
        out.push(b'"');
    } else {
        out.pop();
    }
}

/// Appends items in brackets; whether there are any.
fn push_list([open, close]: [u8; 2], out: &mut Vec<u8>, push: impl FnOnce(&mut Vec<u8>)) -> bool {
    out.push(open);
    let start = out.len();
    push(out);
    let tells = out.len() > start;
    out.push(close);
    tells
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(u64, Option<&'static str>);

    impl Tabular for Row {
        fn columns() -> Vec<Column<Self>> {
            vec![
                Column::<Self>::new("n", "", Get::Number(|row| Some(row.0))),
                Column::<Self>::new("who.name", "", Get::Text(|row| row.1.map(Into::into))),
                Column::<Self>::new("who.of.length", "", Get::Count(|row| row.1.map(|name| name.len() as u64))),
                Column::<Self>::new("rare", "", Get::Text(|row| row.1.map(Into::into))).or_left_out(),
                Column::<Self>::new("pair.0.even", "", Get::Flag(|row| Some(row.0.is_multiple_of(2)))),
                Column::<Self>::new("pair.1.name", "", Get::Text(|row| row.1.map(Into::into))),
                Column::<Self>::new("twice", "", Get::Count(|row| Some(2 * row.0))).derived(),
                Column::<Self>::new("names", "", Get::Texts(|row, each| row.1.into_iter().for_each(each))),
            ]
        }
    }

    fn lines(chosen: &[&str]) -> String {
        let mut out = Vec::new();
        write_ndjson(&[Row(1, None), Row(2, Some("a\"b"))], chosen, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn dots_nest_and_what_says_nothing_is_null() {
        let expected = concat!(
            r#"{"schema":2,"n":1,"who":null,"pair":[{"even":false},null],"names":[]}"#,
            "\n",
            r#"{"schema":2,"n":2,"who":{"name":"a\"b","of":{"length":3}},"rare":"a\"b","#,
            r#""pair":[{"even":true},{"name":"a\"b"}],"names":["a\"b"]}"#,
            "\n",
        );
        assert_eq!(lines(&[]), expected);
    }

    #[test]
    fn chosen_columns_stand_once_and_each_in_its_place() {
        let chosen = lines(&["who.name", "twice", "pair.1.name", "who.of.length", "twice"]);
        let last = r#"{"schema":2,"who":{"name":"a\"b","of":{"length":3}},"twice":4,"pair":[null,{"name":"a\"b"}]}"#;
        assert_eq!(chosen.lines().last(), Some(last));
    }
}
