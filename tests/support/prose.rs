//! Which string literals of a file read like prose, and which of its types spell themselves.

use syn::visit::Visit;

/// What a file has that a person would read.
#[derive(Default)]
pub(crate) struct Prose {
    /// Its string literals with a blank and a word: outside tests, attributes, and what a broken promise says.
    pub(crate) sentences: Vec<String>,
    /// All its string literals in those places.
    pub(crate) literals: Vec<String>,
    /// The types it gives a `Display`.
    pub(crate) displayed: Vec<String>,
}

/// The prose of a file's text.
pub(crate) fn prose(text: &str) -> Prose {
    let mut prose = Prose::default();
    prose.visit_file(&syn::parse_file(text).unwrap());
    prose
}

/// Macros whose words nobody reads unless a promise is broken.
const PROMISES: [&str; 9] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "panic",
    "unreachable",
    "unimplemented",
];

/// Names that stand before numbers in every language.
const NOTATION: [&str; 5] = ["TCP", "ack", "frame", "ifindex", "seq"];

impl Prose {
    fn literal(&mut self, literal: &str) {
        self.literals.push(literal.to_owned());
        // What is put in its places is no word of its own.
        let mut outside = true;
        let words: String = literal
            .chars()
            .filter(|c| {
                outside = (outside || *c == '}') && *c != '{';
                outside && *c != '}'
            })
            .collect();
        let is_word = |word: &str| {
            let word: String = word.chars().filter(|c| c.is_alphabetic()).collect();
            word.chars().count() > 1 && !NOTATION.contains(&&*word)
        };
        if literal.trim().contains(char::is_whitespace) && words.split_whitespace().any(is_word) {
            self.sentences.push(literal.to_owned());
        }
    }
}

impl<'ast> Visit<'ast> for Prose {
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let is_test = |attribute: &syn::Attribute| {
            attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
        };
        if !item.attrs.iter().any(is_test) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let of = item.trait_.as_ref().and_then(|(.., path, _)| path.segments.last());
        if let (Some(of), syn::Type::Path(own)) = (of, &*item.self_ty)
            && of.ident == "Display"
        {
            self.displayed.extend(own.path.segments.last().map(|own| own.ident.to_string()));
        }
        syn::visit::visit_item_impl(self, item);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.visit_expr(&call.receiver);
        if call.method != "expect" {
            call.args.iter().for_each(|argument| self.visit_expr(argument));
        }
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.literal(&literal.value());
    }

    /// What a macro is given is not parsed: its literals are found as they are spelt.
    fn visit_macro(&mut self, invoked: &'ast syn::Macro) {
        if invoked.path.segments.last().is_some_and(|name| PROMISES.iter().any(|promise| name.ident == promise)) {
            return;
        }
        let spelt = invoked.tokens.to_string();
        let mut rest = spelt.as_str();
        while let Some((before, quoted)) = rest.split_once('"') {
            let escaped = |end: usize| quoted[..end].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
            let Some((end, _)) = quoted.match_indices('"').find(|(end, _)| !escaped(*end)) else { break };
            // A comment, as a macro is given it.
            if !before.trim_end_matches('r').trim_end().ends_with("doc =") {
                self.literal(&quoted[..end]);
            }
            rest = &quoted[end + 1..];
        }
    }
}
