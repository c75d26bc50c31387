//! The signatures of a module, as far as the machine has them: all values are 32-bit integers.

use std::collections::HashMap;

use wasmparser::{FuncType, ValType};

use super::code::{Code, Label};
use super::{Outside, outside};
use crate::interpreter::full::program::{MAX_LOCALS, NO_TYPE};

/// A function that the host has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Import {
    /// `output.i32`, or the official test suite's `spectest.print_i32`: puts a value out.
    Output,
    /// `output.byte`: puts the low eight bits of a value out.
    OutputByte,
    /// Any other: the machine has none.
    Other,
}

impl Import {
    /// By both halves of its name.
    pub fn of(module: &str, name: &str) -> Self {
        match (module, name) {
            ("output", "i32") | ("spectest", "print_i32") => Self::Output,
            ("output", "byte") => Self::OutputByte,
            _ => Self::Other,
        }
    }
}

/// The types and functions of a module.
#[derive(Debug, Default)]
pub struct Types {
    /// Its types.
    pub types: Vec<FuncType>,
    /// The first of each that is equal to others.
    firsts: HashMap<FuncType, usize>,
    /// The type of each function, imported ones first.
    pub functions: Vec<u32>,
    /// How many of them are imported: those that are called must be the output.
    pub imported: usize,
    /// Which they are.
    pub imports: Vec<Import>,
    /// The type of each global.
    pub globals: Vec<ValType>,
    /// Where each of the others begins.
    pub entries: Vec<Label>,
    /// Entries of the table.
    pub table_entries: u16,
    /// Pages of memory at most.
    pub max_pages: u32,
}

impl Types {
    /// Adds a type.
    pub fn add(&mut self, ty: FuncType) {
        self.firsts.entry(ty.clone()).or_insert(self.types.len());
        self.types.push(ty);
    }

    /// How many values a signature takes and gives.
    ///
    /// # Errors
    /// When it has others than 32-bit integers.
    pub fn signature(&self, ty: u32) -> Result<(usize, usize), Outside> {
        let ty = self.types.get(ty as usize).ok_or_else(|| outside("this type"))?;
        for value in ty.params().iter().chain(ty.results()) {
            self.one(*value)?;
        }
        let (params, results) = (ty.params().len(), ty.results().len());
        if params.max(results) > MAX_LOCALS {
            return Err(outside(format!("a function of more than {MAX_LOCALS} parameters or results")));
        }
        Ok((params, results))
    }

    /// The number of a type: of equal types, the first one's.
    ///
    /// # Errors
    /// When there are more types than numbers.
    pub fn type_id(&self, ty: u32) -> Result<u16, Outside> {
        let wanted = self.types.get(ty as usize);
        let first = wanted.and_then(|wanted| self.firsts.get(wanted)).copied().unwrap_or_default();
        let number = u16::try_from(first).ok().filter(|number| *number != NO_TYPE);
        number.ok_or_else(|| outside(format!("a call of a type beyond the first {NO_TYPE}")))
    }

    /// A value's type: one 32-bit integer.
    ///
    /// # Errors
    /// When it is another.
    pub fn one(&self, ty: ValType) -> Result<usize, Outside> {
        if ty == ValType::I32 { Ok(1) } else { Err(outside(format!("a value of type `{ty}`"))) }
    }

    /// How many values a function takes and gives.
    ///
    /// # Errors
    /// When they are others than 32-bit integers.
    pub fn function(&self, index: u32) -> Result<(usize, usize), Outside> {
        self.signature(self.functions.get(index as usize).copied().unwrap_or(u32::MAX))
    }

    /// A global that an instruction names.
    ///
    /// # Errors
    /// When it is no 32-bit integer.
    pub fn global(&self, index: u32) -> Result<(), Outside> {
        match self.globals.get(index as usize) {
            Some(ty) => self.one(*ty).map(drop),
            None => Err(outside("this global")),
        }
    }

    /// The import of a number.
    pub fn import(&self, index: u32) -> Import {
        self.imports.get(index as usize).copied().unwrap_or(Import::Other)
    }

    /// Whether a function is the host's.
    pub const fn is_imported(&self, index: u32) -> bool {
        (index as usize) < self.imported
    }

    /// Where a function begins.
    pub fn entry(&self, code: &mut Code, index: u32) -> Label {
        let known = (index as usize).checked_sub(self.imported).and_then(|at| self.entries.get(at));
        known.copied().unwrap_or_else(|| code.label())
    }
}
