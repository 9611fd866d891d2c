//! The modules of a crate: the file of each, and the items that it names.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    slice,
};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, ItemMod, Meta, UseTree, Visibility};

use crate::cycles::Imports;

/// The names from the root of the crate: `["http", "error"]` is `crate::http::error`.
type Names = Vec<String>;

/// The maximum number of re-exports that are followed for a name.
const MAX_STEPS: usize = 32;

/// A module, in a file or inline.
#[derive(Default)]
struct Module {
    file: PathBuf,
    /// The items that the module defines.
    items: BTreeSet<String>,
    /// The names that its `use` items import or re-export, with their paths.
    uses: BTreeMap<String, Names>,
    /// The modules of its glob imports.
    globs: Vec<Names>,
    /// The paths in its items and in its imports without re-exports, as written.
    paths: BTreeSet<Names>,
}

/// Returns the content of a file, if it exists.
type Text<'a> = &'a dyn Fn(&Path) -> Option<String>;

/// Reads modules from files.
struct ModuleReader<'a> {
    text: Text<'a>,
    modules: BTreeMap<Names, Module>,
}

impl ModuleReader<'_> {
    /// Adds the module of a file; its child modules are in `folder`.
    fn add_file(&mut self, name: Names, file: &Path, folder: &Path) -> Result<(), String> {
        let source = (self.text)(file).ok_or_else(|| format!("{} cannot be read", file.display()))?;
        let parsed = syn::parse_file(&source).map_err(|error| format!("{}: {error}", file.display()))?;
        self.add_items(name, &parsed.items, file, folder)
    }

    fn add_items(&mut self, name: Names, items: &[Item], file: &Path, folder: &Path) -> Result<(), String> {
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        for item in items {
            match item {
                Item::Mod(child) if is_for_tests(&child.attrs) => {}
                Item::Mod(child) => self.add_child(&name, child, file, folder)?,
                Item::Use(item) if is_for_tests(&item.attrs) => {}
                Item::Use(item) => {
                    module.add_use(&item.tree, matches!(item.vis, Visibility::Inherited), &mut Vec::new());
                }
                other => {
                    module.items.extend(name_of(other));
                    add_paths(other.to_token_stream(), &mut module.paths);
                }
            }
        }
        self.modules.insert(name, module);
        Ok(())
    }

    fn add_child(&mut self, parent: &Names, child: &ItemMod, file: &Path, folder: &Path) -> Result<(), String> {
        let name = child.ident.to_string();
        let (path, below) = ([parent.as_slice(), slice::from_ref(&name)].concat(), folder.join(&name));
        if let Some((_, items)) = &child.content {
            return self.add_items(path, items, file, &below);
        }
        let nested = below.join("mod.rs");
        let file = if (self.text)(&nested).is_some() { nested } else { folder.join(format!("{name}.rs")) };
        self.add_file(path, &file, &below)
    }
}

/// All modules of a crate.
pub struct Crate {
    modules: BTreeMap<Names, Module>,
}

impl Crate {
    /// Reads a crate from its root, `src/lib.rs`.
    ///
    /// # Errors
    ///
    /// A file is missing or is not Rust.
    pub fn read(root: &Path, text: Text<'_>) -> Result<Self, String> {
        let mut reader = ModuleReader { text, modules: BTreeMap::new() };
        reader.add_file(Vec::new(), root, root.parent().unwrap_or(Path::new("")))?;
        Ok(Self { modules: reader.modules })
    }

    /// The imports between files. A path through a re-export counts for the file that defines the item; a re-export alone
    /// does not count. An import of a module does not count either, only the paths into it. Test modules are omitted.
    #[must_use]
    pub fn imports(&self) -> Imports {
        let mut imports = Imports::new();
        for (name, module) in &self.modules {
            for path in &module.paths {
                let absolute = self.absolute(name, path);
                let defined = absolute.and_then(|absolute| self.file_of(&absolute, MAX_STEPS));
                if let Some(file) = defined.filter(|file| **file != module.file) {
                    let paths = imports.entry(module.file.clone()).or_default();
                    paths.entry(file.clone()).or_insert_with(|| path.join("::"));
                }
            }
        }
        imports
    }

    /// The absolute path of a path in a module; `None` if it names another crate or a local type.
    fn absolute(&self, module: &Names, path: &[String]) -> Option<Names> {
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" => Vec::new(),
            "self" => module.clone(),
            "super" => {
                let (_, parents) = module.split_last()?;
                return match rest.first().map(String::as_str) {
                    Some("super") => self.absolute(&parents.to_vec(), rest),
                    _ => Some([parents, rest].concat()),
                };
            }
            name => {
                let child = [module.as_slice(), &[name.to_owned()]].concat();
                if self.modules.contains_key(&child) {
                    child
                } else {
                    // A name that resolves to itself is another crate.
                    let target =
                        self.modules.get(module)?.uses.get(name).filter(|target| target.first() != Some(first))?;
                    self.absolute(module, target)?
                }
            }
        };
        Some([start, rest.to_vec()].concat())
    }

    /// The file that defines an item; `None` for a module or an item of another crate.
    fn file_of(&self, path: &[String], steps: usize) -> Option<&PathBuf> {
        let mut name = Names::new();
        for (place, segment) in path.iter().enumerate() {
            let child = [name.as_slice(), slice::from_ref(segment)].concat();
            if self.modules.contains_key(&child) {
                name = child;
                continue;
            }
            let (module, rest) = (self.modules.get(&name)?, path.get(place + 1..).unwrap_or_default());
            if module.items.contains(segment) || steps == 0 {
                return Some(&module.file);
            }
            if let Some(target) = module.uses.get(segment) {
                let absolute = self.absolute(&name, target)?;
                return self.file_of(&[absolute, rest.to_vec()].concat(), steps - 1);
            }
            let within_globs = module.globs.iter().find_map(|glob| {
                let absolute = self.absolute(&name, glob).filter(|absolute| self.exports(absolute, segment))?;
                self.file_of(&[absolute.as_slice(), path.get(place..).unwrap_or_default()].concat(), steps - 1)
            });
            // An item without a definition in the source is created by a macro of the module.
            return within_globs.or(Some(&module.file));
        }
        None
    }

    fn exports(&self, module: &Names, name: &str) -> bool {
        self.modules.get(module).is_some_and(|module| module.items.contains(name) || module.uses.contains_key(name))
    }
}

impl Module {
    /// Adds the names of a `use` item; `is_import` distinguishes it from a re-export.
    fn add_use(&mut self, tree: &UseTree, is_import: bool, path: &mut Names) {
        match tree {
            UseTree::Path(within) => {
                path.push(within.ident.to_string());
                self.add_use(&within.tree, is_import, path);
                path.pop();
            }
            UseTree::Name(name) if name.ident == "self" => {
                if let Some(last) = path.last().cloned() {
                    self.add_name(last, is_import, path.clone());
                }
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                self.add_name(name.clone(), is_import, [path.as_slice(), &[name]].concat());
            }
            UseTree::Rename(name) => {
                let target = [path.as_slice(), &[name.ident.to_string()]].concat();
                self.add_name(name.rename.to_string(), is_import, target);
            }
            UseTree::Glob(_) => self.globs.push(path.clone()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_use(tree, is_import, path)),
        }
    }

    fn add_name(&mut self, name: String, is_import: bool, path: Names) {
        if is_import {
            self.paths.insert(path.clone());
        }
        self.uses.insert(name, path);
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    let is_test = |meta: &Meta| meta.to_token_stream().to_string().replace(' ', "") == "cfg(test)";
    attributes.iter().any(|attribute| is_test(&attribute.meta))
}

/// The name that an item defines in its module.
fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// Adds all names and paths of the tokens, including those within macros.
fn add_paths(tokens: TokenStream, paths: &mut BTreeSet<Names>) {
    let (mut path, mut colons) = (Names::new(), 0);
    for token in tokens {
        match token {
            TokenTree::Ident(name) if colons == 2 && !path.is_empty() => path.push(name.to_string()),
            TokenTree::Ident(name) => {
                push_path(&mut path, paths);
                path.push(name.to_string());
            }
            TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => {
                colons += 1;
                continue;
            }
            TokenTree::Group(group) => {
                push_path(&mut path, paths);
                add_paths(group.stream(), paths);
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => push_path(&mut path, paths),
        }
        colons = 0;
    }
    push_path(&mut path, paths);
}

/// Adds a complete path.
fn push_path(path: &mut Names, paths: &mut BTreeSet<Names>) {
    if !path.is_empty() {
        paths.insert(std::mem::take(path));
    }
}
