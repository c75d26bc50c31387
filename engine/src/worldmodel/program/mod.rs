//! Programs: sequences of tokens that become WebAssembly when a question's numbers are put in.
//!
//! - [`vocabulary`]: what a program can be made of;
//! - [`compile`](mod@compile): a plan as a program;
//! - [`shape`]: which token may follow which;
//! - [`text`]: a program as a `.wat` module;
//! - [`run`](mod@run): a program's answer;
//! - [`narrow`]: a program in 32 bits;
//! - [`on_full`]: that on the full interpreter transformer.
//!
//! ```
//! use engine::worldmodel::expression::{Given, parse};
//! use engine::worldmodel::program::{compile, text, vocabulary};
//!
//! let given = Given::integers(&[12, 11]);
//! let program = compile::compile(&parse("<a> * <b>").unwrap(), &given.kinds()).unwrap();
//! let shown = "(module (func (export \"compute\") (result i64) i64.const <a> i64.const <b> i64.mul)) <end>";
//! assert_eq!(vocabulary::shown(&program), shown);
//! let wat = "(module (func (export \"compute\") (result i64) i64.const 12 i64.const 11 i64.mul))";
//! assert_eq!(text::compact(&program, &given).unwrap(), wat);
//! ```

mod checked;
pub mod compile;
mod helpers;
pub mod narrow;
pub mod on_full;
pub mod run;
pub mod shape;
pub mod text;
pub mod vocabulary;

pub use compile::{CompileError, compile};
pub use run::{LIMITS, Outcome, run, run_text};
pub use shape::Shape;
pub use vocabulary::Token;
