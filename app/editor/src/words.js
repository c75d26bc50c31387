// The words of WebAssembly's text format that the editor completes and explains: what 32-bit modules are made of.
// Longer lists exist; these are the instructions that the page's machine runs.

/**
 * @typedef {"operation" | "control" | "structure" | "type"} Kind what a word is, which is what colours it
 * @typedef {object} Word
 * @property {string} name as it is written
 * @property {Kind} kind
 * @property {string} stack what it takes off the stack and what it puts there; empty where neither is of interest
 * @property {string} text what it does, in one sentence
 */

// One word a line: name | stack | sentence.

const OPERATIONS = `
i32.const | → i32 | Puts a number on the stack. It is written in decimal, or in hexadecimal behind 0x.
i32.add | i32 i32 → i32 | Adds two numbers; what does not fit into 32 bits is lost.
i32.sub | i32 i32 → i32 | Subtracts the upper number from the one below it.
i32.mul | i32 i32 → i32 | Multiplies two numbers and keeps the lower 32 bits.
i32.div_s | i32 i32 → i32 | Divides signed numbers, rounding towards zero. Traps when the divisor is 0 or the quotient does not fit.
i32.div_u | i32 i32 → i32 | Divides unsigned numbers, rounding down. Traps when the divisor is 0.
i32.rem_s | i32 i32 → i32 | What a signed division leaves, with the sign of the dividend. Traps when the divisor is 0.
i32.rem_u | i32 i32 → i32 | What an unsigned division leaves. Traps when the divisor is 0.
i32.and | i32 i32 → i32 | Sets the bits that both numbers have.
i32.or | i32 i32 → i32 | Sets the bits that either number has.
i32.xor | i32 i32 → i32 | Sets the bits in which the numbers differ.
i32.shl | i32 i32 → i32 | Shifts the bits to the left; only the lower 5 bits of the distance count.
i32.shr_s | i32 i32 → i32 | Shifts the bits to the right and fills up with the sign.
i32.shr_u | i32 i32 → i32 | Shifts the bits to the right and fills up with zeros.
i32.rotl | i32 i32 → i32 | Turns the bits to the left: what leaves on one side enters on the other.
i32.rotr | i32 i32 → i32 | Turns the bits to the right: what leaves on one side enters on the other.
i32.clz | i32 → i32 | Counts the zeros before the highest bit that is set: 32 for 0.
i32.ctz | i32 → i32 | Counts the zeros behind the lowest bit that is set: 32 for 0.
i32.popcnt | i32 → i32 | Counts the bits that are set.
i32.extend8_s | i32 → i32 | Reads the lowest byte as a signed number.
i32.extend16_s | i32 → i32 | Reads the lower two bytes as a signed number.
i32.eqz | i32 → i32 | 1 when the number is 0, else 0.
i32.eq | i32 i32 → i32 | 1 when both numbers are the same, else 0.
i32.ne | i32 i32 → i32 | 1 when the numbers differ, else 0.
i32.lt_s | i32 i32 → i32 | 1 when the lower number on the stack is less than the upper one, both signed; else 0.
i32.lt_u | i32 i32 → i32 | 1 when the lower number on the stack is less than the upper one, both unsigned; else 0.
i32.gt_s | i32 i32 → i32 | 1 when the lower number on the stack is greater than the upper one, both signed; else 0.
i32.gt_u | i32 i32 → i32 | 1 when the lower number on the stack is greater than the upper one, both unsigned; else 0.
i32.le_s | i32 i32 → i32 | 1 when the lower number on the stack is at most the upper one, both signed; else 0.
i32.le_u | i32 i32 → i32 | 1 when the lower number on the stack is at most the upper one, both unsigned; else 0.
i32.ge_s | i32 i32 → i32 | 1 when the lower number on the stack is at least the upper one, both signed; else 0.
i32.ge_u | i32 i32 → i32 | 1 when the lower number on the stack is at least the upper one, both unsigned; else 0.
i32.load | i32 → i32 | Reads four bytes of memory at an address, the lowest first. Traps outside of the memory.
i32.load8_s | i32 → i32 | Reads one byte of memory as a signed number. Traps outside of the memory.
i32.load8_u | i32 → i32 | Reads one byte of memory as a number from 0 to 255. Traps outside of the memory.
i32.load16_s | i32 → i32 | Reads two bytes of memory as a signed number. Traps outside of the memory.
i32.load16_u | i32 → i32 | Reads two bytes of memory as a number from 0 to 65535. Traps outside of the memory.
i32.store | i32 i32 → | Writes a number to memory as four bytes, the lowest first. The address lies below it on the stack.
i32.store8 | i32 i32 → | Writes the lowest byte of a number to memory. The address lies below it on the stack.
i32.store16 | i32 i32 → | Writes the lower two bytes of a number to memory. The address lies below it on the stack.
local.get | → i32 | Puts the value of a local or parameter on the stack.
local.set | i32 → | Takes a value off the stack into a local.
local.tee | i32 → i32 | Copies the value on top of the stack into a local and leaves it there.
global.get | → i32 | Puts the value of a global on the stack.
global.set | i32 → | Takes a value off the stack into a global, which must be mutable.
memory.size | → i32 | How large the memory is, in pages of 64 KiB.
memory.grow | i32 → i32 | Adds pages of 64 KiB to the memory; gives the size before, or -1 when there is no room.
drop | i32 → | Takes a value off the stack and forgets it.
select | i32 i32 i32 → i32 | Takes a condition and two values; keeps the first value when the condition is not 0, else the second.
nop | → | Does nothing.
`;

const CONTROL = `
block | | Opens a block up to its end. A branch to its label goes behind that end.
loop | | Opens a loop up to its end. A branch to its label goes back to its start; without one it is left.
if | i32 → | Goes on behind the if when the number is not 0, else behind its else, or its end.
else | | Begins what is done when the condition of an if was 0.
then | | The branch of an if in parentheses that is taken when the condition is not 0.
end | | Closes the innermost block, loop or if.
br | | Leaves for a label: behind the end of a block, back to the start of a loop.
br_if | i32 → | Leaves for a label when the number is not 0, else goes on.
br_table | i32 → | Leaves for the label of that number in its list; for the last one when the number is too large.
return | | Leaves the function with the values on top of the stack as its results.
call | | Calls a function: takes its arguments off the stack and puts its results there.
call_indirect | i32 → | Calls the function of that number in the table. Traps when it is none of the type that is named.
unreachable | | Traps. It stands where no run should come.
`;

const STRUCTURE = `
module | | A program: functions, memory, globals, and what it exports.
func | | A function: its parameters, results and locals, then its instructions.
param | | The parameters of a function, which are its first locals.
result | | The types of what a function or block leaves on the stack.
local | | Further locals of a function; they begin at 0.
export | | Makes something visible under a name: a function that can be called, the memory, a global.
import | | Takes something from outside, by the names of a module and of the thing in it.
memory | | The memory: how many pages of 64 KiB at first and, if a second number follows, at most.
data | | Bytes that stand in the memory when the run begins.
global | | A value that all functions see.
mut | | Says that a global may be changed.
type | | Names the type of a function.
table | | A row of functions that call_indirect chooses from.
elem | | The functions that stand in the table when the run begins.
start | | The function that runs first, by itself.
offset | | Where data or functions begin; behind a load or store, what is added to the address.
align | | A promise that an address is a multiple of this number. It changes no result.
`;

const TYPES = `
i32 | | A whole number of 32 bits. Each instruction says whether it counts as signed.
funcref | | A reference to a function: what a table holds.
`;

/** @returns {Word[]} the words of a list */
const read = (/** @type {string} */ list, /** @type {Kind} */ kind) =>
  list.trim().split("\n").map((line) => {
    const [name, stack, text] = line.split("|").map((part) => part.trim());
    return { name, kind, stack, text };
  });

/** All words, by name. */
export const WORDS = new Map(
  [
    ...read(OPERATIONS, "operation"),
    ...read(CONTROL, "control"),
    ...read(STRUCTURE, "structure"),
    ...read(TYPES, "type"),
  ].map((word) => [word.name, word]),
);

// What the list above does not have, and what is WebAssembly all the same: it has the right colour, and no explanation.
const OTHER_OPERATION =
  /^((i64|f32|f64|v128|[if]\d+x\d+|ref|table|elem|data|memory|struct|array|i31|extern|any|atomic)\.|i32\.(wrap|trunc|reinterpret|atomic))/;
const OTHER_CONTROL = /^(return_call|call_ref|br_on_|try|catch|throw|rethrow|delegate)/;
const OTHER_STRUCTURE = /^(item|declare|rec|sub|final|field|tag|shared|quote|binary|ref|null|register|invoke|assert_)/;

/**
 * What a word is; none for one that WebAssembly does not know, which stays without a colour.
 * @param {string} name
 * @returns {Kind | undefined}
 */
export function kindOf(name) {
  const known = WORDS.get(name)?.kind;
  if (known) return known;
  if (OTHER_OPERATION.test(name)) return "operation";
  if (OTHER_CONTROL.test(name)) return "control";
  return OTHER_STRUCTURE.test(name) ? "structure" : undefined;
}
