//! The columns as JSON nests them: a dotted key is an object in an object, a number in it a place in an array.

use super::column::{Column, Tabular, choose};

/// What stands in an object or an array.
pub(super) enum Node<T> {
    /// A column under the last part of its key.
    Leaf(&'static str, Column<T>),
    /// Columns whose keys begin alike.
    Branch(Branch<T>),
}

/// An object, or an array where its members are named by numbers.
pub(super) struct Branch<T> {
    /// The last part of what the keys begin with, and all of it.
    name: &'static str,
    pub(super) key: &'static str,
    pub(super) is_array: bool,
    pub(super) nodes: Vec<Node<T>>,
}

impl<T> Node<T> {
    /// What it is called where it stands.
    pub(super) const fn name(&self) -> &'static str {
        let (Self::Leaf(name, _) | Self::Branch(Branch { name, .. })) = self;
        name
    }

    /// Where it stands in an array.
    pub(super) fn place(&self) -> usize {
        self.name().parse().unwrap_or(0)
    }
}

/// The chosen columns; where nobody chose, all but the derived ones. What belongs into one object comes together where
/// the first of it stands, and nothing comes twice.
pub(super) fn tree<T: Tabular>(chosen: &[&str]) -> Vec<Node<T>> {
    let mut root = Vec::new();
    for column in choose::<T>(chosen, &[]) {
        if !chosen.is_empty() || !column.is_derived {
            insert(&mut root, column, 0);
        }
    }
    root
}

/// Puts a column where its key says, `from` where the rest of the key begins.
fn insert<T>(nodes: &mut Vec<Node<T>>, column: Column<T>, from: usize) {
    let rest = &column.key[from..];
    let Some((name, below)) = rest.split_once('.') else {
        if nodes.iter().all(|node| node.name() != rest) {
            nodes.push(Node::Leaf(rest, column));
        }
        return;
    };
    let end = from.saturating_add(name.len());
    if nodes.iter().all(|node| node.name() != name) {
        let is_array = below.starts_with(|first: char| first.is_ascii_digit());
        nodes.push(Node::Branch(Branch { name, key: &column.key[..end], is_array, nodes: Vec::new() }));
    }
    let branch = nodes.iter_mut().find_map(|node| match node {
        Node::Branch(branch) if branch.name == name => Some(branch),
        _ => None,
    });
    let Some(branch) = branch else { return };
    insert(&mut branch.nodes, column, end.saturating_add(1));
    if branch.is_array {
        branch.nodes.sort_by_key(Node::place);
    }
}
