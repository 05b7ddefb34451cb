//! The columns as JSON nests them: a dotted key is an object in an object, a number in it a place in an array.

use super::column::{Column, Group, Lack, Tabular, choose};

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
    /// What becomes of it where nothing is in it; null unless its group says otherwise.
    pub(super) lack: Lack,
    pub(super) nodes: Vec<Node<T>>,
}

impl<T> Node<T> {
    /// What it is called where it stands.
    pub(super) const fn name(&self) -> &'static str {
        let (Self::Leaf(name, _) | Self::Branch(Branch { name, .. })) = self;
        name
    }

    /// Whether rows of a kind have it: a column is theirs, or one in it.
    pub(super) fn is_of(&self, kind: Option<&str>) -> bool {
        match self {
            Self::Leaf(_, column) => column.is_of(kind),
            Self::Branch(branch) => branch.nodes.iter().any(|node| node.is_of(kind)),
        }
    }

    /// Whether it is left out where there is nothing to say.
    pub(super) const fn is_optional(&self) -> bool {
        let (Self::Leaf(_, Column { lack, .. }) | Self::Branch(Branch { lack, .. })) = self;
        matches!(lack, Lack::LeftOut)
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
            insert(&mut root, column, 0, T::GROUPS);
        }
    }
    root
}

/// Puts a column where its key says, `from` where the rest of the key begins.
fn insert<T>(nodes: &mut Vec<Node<T>>, column: Column<T>, from: usize, groups: &[Group]) {
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
        let key = &column.key[..end];
        // An array has its places, whatever is in them.
        let usual = if is_array { Lack::Never } else { Lack::Null };
        let lack = groups.iter().find(|group| group.key == key).map_or(usual, |group| group.lack);
        nodes.push(Node::Branch(Branch { name, key, is_array, lack, nodes: Vec::new() }));
    }
    let branch = nodes.iter_mut().find_map(|node| match node {
        Node::Branch(branch) if branch.name == name => Some(branch),
        _ => None,
    });
    let Some(branch) = branch else { return };
    insert(&mut branch.nodes, column, end.saturating_add(1), groups);
    if branch.is_array {
        branch.nodes.sort_by_key(Node::place);
    }
}
