//! Which file of a crate uses what another one defines, through whatever re-exports it reaches it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::Visit;

/// A module's or an item's place in the crate, from its root.
pub(crate) type Place = Vec<String>;

/// Files, each with the files whose definitions it uses and the names of those.
pub(crate) type Uses = BTreeMap<PathBuf, BTreeMap<PathBuf, BTreeSet<String>>>;

/// A module: its file, what it defines and what it gives names to.
#[derive(Default)]
struct Module {
    file: PathBuf,
    items: BTreeSet<String>,
    /// Names it has by `use`, with what they stand for as it is written there.
    names: Vec<(String, Place)>,
    globs: Vec<Place>,
    /// The paths in its code and in what it imports for itself. What it only hands on it does not use.
    paths: BTreeSet<Place>,
}

/// What the files under `src` use of each other, test modules left aside.
pub(crate) fn uses(src: &Path) -> Uses {
    let mut modules = BTreeMap::new();
    read(src, "lib", src, &[], &mut modules);
    let mut uses = Uses::new();
    for (place, module) in &modules {
        let of_file = uses.entry(module.file.clone()).or_default();
        for path in &module.paths {
            if let Some((file, name)) = defined(&modules, place, path, 0)
                && file != module.file
            {
                of_file.entry(file).or_default().insert(name);
            }
        }
    }
    uses
}

/// The paths that a file's text names, in its imports, in what it hands on and in its code; test modules left aside.
pub(crate) fn named(text: &str) -> BTreeSet<Place> {
    let mut module = Module::default();
    syn::parse_file(text).unwrap().items.iter().for_each(|item| module.visit_item(item));
    let handed_on = module.names.into_iter().map(|(_, path)| path).chain(module.globs);
    handed_on.chain(module.paths).collect()
}

/// Reads the module `name`, whose file is in `folder` and whose children are in `inner`.
fn read(folder: &Path, name: &str, inner: &Path, place: &[String], modules: &mut BTreeMap<Place, Module>) {
    let plain = folder.join(name).with_extension("rs");
    let file = if plain.exists() { plain } else { folder.join(name).join("mod.rs") };
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let items = syn::parse_file(&text).unwrap().items;
    add(file, &items, inner, place, modules);
}

/// Adds a module with these items, and those inside it.
fn add(file: PathBuf, items: &[syn::Item], inner: &Path, place: &[String], modules: &mut BTreeMap<Place, Module>) {
    let mut module = Module { file: file.clone(), ..Module::default() };
    for item in items.iter().filter(|item| !is_test(item)) {
        if let syn::Item::Mod(child) = item {
            let name = child.ident.to_string();
            let below = [place, std::slice::from_ref(&name)].concat();
            match &child.content {
                Some((_, items)) => add(file.clone(), items, &inner.join(&name), &below, modules),
                None => read(inner, &name, &inner.join(&name), &below, modules),
            }
        }
        module.items.extend(name_of(item));
        module.visit_item(item);
    }
    modules.insert(place.to_vec(), module);
}

fn is_test(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|it| it.path().is_ident("cfg") && it.parse_args::<syn::Ident>().is_ok_and(|it| it == "test"))
}

fn name_of(item: &syn::Item) -> Option<String> {
    Some(match item {
        syn::Item::Const(item) => item.ident.to_string(),
        syn::Item::Enum(item) => item.ident.to_string(),
        syn::Item::Fn(item) => item.sig.ident.to_string(),
        syn::Item::Static(item) => item.ident.to_string(),
        syn::Item::Struct(item) => item.ident.to_string(),
        syn::Item::Trait(item) => item.ident.to_string(),
        syn::Item::Type(item) => item.ident.to_string(),
        syn::Item::Union(item) => item.ident.to_string(),
        syn::Item::Macro(item) => item.ident.as_ref()?.to_string(),
        _ => return None,
    })
}

impl Module {
    /// Takes in what a `use` names, which `is_own` if it is not handed on.
    fn tree(&mut self, tree: &syn::UseTree, before: &[String], is_own: bool) {
        let mut path = before.to_vec();
        let (name, named) = match tree {
            syn::UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                return self.tree(&inner.tree, &path, is_own);
            }
            syn::UseTree::Group(group) => return group.items.iter().for_each(|it| self.tree(it, &path, is_own)),
            syn::UseTree::Glob(_) => return self.globs.push(path),
            syn::UseTree::Name(name) => (&name.ident, &name.ident),
            syn::UseTree::Rename(name) => (&name.rename, &name.ident),
        };
        // `use place::{self}` names the place itself.
        let alias = if named == "self" { path.last().cloned().unwrap_or_default() } else { name.to_string() };
        if named != "self" {
            path.push(named.to_string());
        }
        if is_own {
            self.paths.insert(path.clone());
        }
        self.names.push((alias, path));
    }
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &[], matches!(item.vis, syn::Visibility::Inherited));
    }

    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {
        // A module of its own.
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.paths.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        // The arguments of most macros are expressions.
        let arguments = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        if let Ok(arguments) = call.parse_body_with(arguments) {
            self.paths.extend(arguments.iter().flat_map(|argument| {
                let mut inner = Found::default();
                inner.visit_expr(argument);
                inner.0
            }));
        }
    }
}

/// The paths in a macro's arguments.
#[derive(Default)]
struct Found(BTreeSet<Place>);

impl<'ast> Visit<'ast> for Found {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }
}

/// The file that defines what a path in a module stands for, and its name; `None` for a module, for what is foreign and for
/// what the module defines within a function.
fn defined(modules: &BTreeMap<Place, Module>, at: &[String], path: &[String], depth: u8) -> Option<(PathBuf, String)> {
    if depth > 16 {
        return None;
    }
    let (first, rest) = path.split_first()?;
    let (place, rest) = match first.as_str() {
        "crate" => (&[][..], rest),
        "self" => (at, rest),
        "super" => (&at[..at.len().checked_sub(1)?], rest),
        _ => (at, path),
    };
    within(modules, place, rest, depth)
}

fn within(modules: &BTreeMap<Place, Module>, at: &[String], path: &[String], depth: u8) -> Option<(PathBuf, String)> {
    let (first, rest) = path.split_first()?;
    if first == "super" {
        return within(modules, &at[..at.len().checked_sub(1)?], rest, depth);
    }
    let module = modules.get(at)?;
    if module.items.contains(first) {
        return Some((module.file.clone(), first.clone()));
    }
    let child = [at, std::slice::from_ref(first)].concat();
    if modules.contains_key(&child) {
        return within(modules, &child, rest, depth);
    }
    if let Some((_, stands_for)) = module.names.iter().find(|(name, _)| name == first) {
        return defined(modules, at, &[stands_for, rest].concat(), depth + 1);
    }
    module.globs.iter().find_map(|glob| defined(modules, at, &[glob, path].concat(), depth + 1))
}

/// The circles: files each of which uses, over whatever steps, every other of its circle.
pub(crate) fn circles(uses: &Uses) -> Vec<Vec<&Path>> {
    let reached: BTreeMap<&Path, BTreeSet<&Path>> =
        uses.keys().map(|file| (file.as_path(), reach(uses, file))).collect();
    let mut circles = BTreeSet::new();
    for (&file, from_here) in &reached {
        let circle: Vec<&Path> = from_here.iter().copied().filter(|other| reached[other].contains(file)).collect();
        if !circle.is_empty() {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

fn reach<'a>(uses: &'a Uses, from: &Path) -> BTreeSet<&'a Path> {
    let (mut reached, mut left) = (BTreeSet::new(), vec![from]);
    while let Some(file) = left.pop() {
        for next in uses[file].keys() {
            if reached.insert(next.as_path()) {
                left.push(next);
            }
        }
    }
    reached
}
