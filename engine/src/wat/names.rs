//! What a module calls its parts: its text's `$names`, which the binary form keeps in a section of its own.

use std::collections::BTreeMap;

use wasmparser::{KnownCustom, Name, NameMap, Parser, Payload};

use super::Module;

/// Names of functions, locals and globals, by their numbers; imported ones count first, as in the specification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    functions: BTreeMap<u32, String>,
    locals: BTreeMap<(u32, u32), String>,
    globals: BTreeMap<u32, String>,
}

impl Names {
    /// A module's names; what cannot be read has none.
    pub fn of(module: &Module) -> Self {
        let mut names = Self::default();
        for payload in Parser::new(0).parse_all(module.binary()).map_while(Result::ok) {
            let Payload::CustomSection(section) = payload else { continue };
            let KnownCustom::Name(section) = section.as_known() else { continue };
            section.into_iter().map_while(Result::ok).for_each(|name| names.take(name));
        }
        names
    }

    fn take(&mut self, name: Name<'_>) {
        match name {
            Name::Function(map) => self.functions.extend(pairs(map)),
            Name::Global(map) => self.globals.extend(pairs(map)),
            Name::Local(maps) => {
                for function in maps.into_iter().map_while(Result::ok) {
                    let of = |(local, name)| ((function.index, local), name);
                    self.locals.extend(pairs(function.names).map(of));
                }
            }
            _ => {}
        }
    }

    /// A function's name, without the `$`.
    pub fn function(&self, index: u32) -> Option<&str> {
        self.functions.get(&index).map(String::as_str)
    }

    /// The name of a function's local or parameter.
    pub fn local(&self, function: u32, index: u32) -> Option<&str> {
        self.locals.get(&(function, index)).map(String::as_str)
    }

    /// A global's name.
    pub fn global(&self, index: u32) -> Option<&str> {
        self.globals.get(&index).map(String::as_str)
    }
}

fn pairs(map: NameMap<'_>) -> impl Iterator<Item = (u32, String)> {
    map.into_iter().map_while(Result::ok).map(|naming| (naming.index, naming.name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_text_names_has_its_name() {
        let text = r#"(module
            (import "output" "i32" (func $out (param i32)))
            (global $count (mut i32) (i32.const 0))
            (func $main (export "main") (param i32) (param $n i32) (local $sum i32))
            (func))"#;
        let names = Names::of(&Module::from_text(text).unwrap());
        assert_eq!(names.function(0), Some("out"));
        assert_eq!(names.function(1), Some("main"));
        assert_eq!(names.function(2), None);
        assert_eq!((names.local(1, 0), names.local(1, 1), names.local(1, 2)), (None, Some("n"), Some("sum")));
        assert_eq!(names.global(0), Some("count"));
    }
}
