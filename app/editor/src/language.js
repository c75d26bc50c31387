// WebAssembly's text format: the parser of @codemirror/lang-wast, with what it lacks.
//
// - Block comments nest, and one that is not closed goes on to the end; there they end at the first `;)`.
// - A string that is not closed ends with its line, as no string goes over several; there it takes the lines below along.
// - Instructions between a `block`, `loop` or `if` without parentheses and its `end` are indented, and can be folded.
// - What is folded keeps its first line: `(func $f …)`, not `(…)`.

import { wastLanguage } from "@codemirror/lang-wast";
import { LanguageSupport, foldNodeProp, foldService, indentNodeProp, indentUnit, syntaxTree } from "@codemirror/language";
import { ExternalTokenizer } from "@lezer/lr";

/**
 * @typedef {import("@codemirror/state").EditorState} EditorState
 * @typedef {import("@lezer/common").SyntaxNode} SyntaxNode
 * @typedef {import("@lezer/lr").InputStream} InputStream
 */

const [OPEN, CLOSE, SEMICOLON, QUOTE, BACKSLASH, NEWLINE] = [..."();\"\\\n"].map((sign) => sign.charCodeAt(0));

/** The term of a kind of node in the parser. */
const term = (/** @type {string} */ name) => wastLanguage.parser.nodeSet.types.find((type) => type.name === name)?.id ?? 0;
const BLOCK_COMMENT = term("BlockComment");
const STRING = term("String");

/**
 * Reads a block comment from its `(;`.
 * @param {InputStream} input
 */
function comment(input) {
  let depth = 0;
  while (input.next >= 0) {
    const after = input.peek(1);
    if (input.next === OPEN && after === SEMICOLON) depth += 1;
    else if (input.next === SEMICOLON && after === CLOSE) depth -= 1;
    else {
      input.advance();
      continue;
    }
    input.advance(2);
    if (depth === 0) break;
  }
  input.acceptToken(BLOCK_COMMENT);
}

/**
 * Reads a string from its opening quote.
 * @param {InputStream} input
 */
function string(input) {
  input.advance();
  while (input.next >= 0 && input.next !== NEWLINE) {
    const sign = input.next;
    input.advance();
    if (sign === QUOTE) break;
    if (sign === BACKSLASH && input.next >= 0 && input.next !== NEWLINE) input.advance();
  }
  input.acceptToken(STRING);
}

// The parser has one tokenizer; it keeps everything else.
const [theirs] = /** @type {any} */ (wastLanguage.parser).tokenizers;
const ours = new ExternalTokenizer((input, stack) => {
  if (input.next === OPEN && input.peek(1) === SEMICOLON) comment(input);
  else if (input.next === QUOTE) string(input);
  else theirs.token(input, stack);
});

/**
 * How much deeper the code behind a word stands, where blocks are written without parentheses.
 * @param {EditorState} state
 * @param {SyntaxNode} node
 */
function depthOf(state, node) {
  // Behind a parenthesis it is a folded instruction, closed by the other parenthesis.
  if (node.name !== "Keyword" || node.prevSibling?.name === "(") return 0;
  const word = state.sliceDoc(node.from, node.to);
  if (["block", "loop", "if"].includes(word)) return 1;
  return word === "end" ? -1 : 0;
}

/**
 * The `end` of a block written without parentheses.
 * @param {EditorState} state
 * @param {SyntaxNode} start
 */
function endOf(state, start) {
  let depth = 0;
  for (let node = /** @type {SyntaxNode | null} */ (start); node; node = node.nextSibling) {
    depth += depthOf(state, node);
    if (depth === 0) return node;
  }
  return null;
}

const indentation = indentNodeProp.add({
  App: (context) => {
    const base = context.baseIndentFor(context.node);
    // On a line of its own the parenthesis stands below the other. One that was put behind the cursor while typing
    // does not: what is written next goes before it.
    if (/^\s*\)/.test(context.textAfter) && context.simulatedBreak !== context.pos) return base;
    let depth = /^\s*(end|else)\b/.test(context.textAfter) ? 0 : 1;
    for (let node = context.node.firstChild; node && node.to <= context.pos; node = node.nextSibling) {
      depth += depthOf(context.state, node);
    }
    return base + Math.max(depth, 0) * context.unit;
  },
});

const folding = foldNodeProp.add({
  App: (node, state) => {
    const from = state.doc.lineAt(node.from).to;
    const last = node.lastChild;
    const to = last?.name === ")" ? last.from : node.to;
    return from < to ? { from, to } : null;
  },
});

/** Folds a block without parentheses, from behind its first line up to its `end`. */
const foldBlocks = foldService.of((state, from, to) => {
  /** @type {{ from: number, to: number } | null} */
  let found = null;
  syntaxTree(state).iterate({
    from,
    to,
    enter(node) {
      if (found || node.from < from || depthOf(state, node.node) !== 1) return;
      const end = endOf(state, node.node);
      if (end && end.from > to) found = { from: to, to: end.from };
    },
  });
  return found;
});

const language = wastLanguage.configure({ tokenizers: [{ from: theirs, to: ours }], props: [indentation, folding] });

/** The language, ready for an editor. */
export const wat = new LanguageSupport(language, [
  language.data.of({ indentOnInput: /^\s*(\)|end|else)$/ }),
  foldBlocks,
]);

/** Where the closing parenthesis has a line of its own. */
const OPENS = ["module", "func", "block", "loop", "if", "then", "else"];

/**
 * Enter behind `(func $f`, where only closing parentheses follow: they go to a line of their own, and the cursor between.
 * @type {import("@codemirror/state").StateCommand}
 */
export function openLine({ state, dispatch }) {
  const { head, empty } = state.selection.main;
  const line = state.doc.lineAt(head);
  if (!empty || state.readOnly || !/^\s*\)+\s*$/.test(state.sliceDoc(head, line.to))) return false;
  const node = syntaxTree(state).resolveInner(head, -1);
  const app = node.name === "App" ? node : node.parent;
  const word = app?.getChild("Keyword");
  if (app?.name !== "App" || app.from < line.from || !word || !OPENS.includes(state.sliceDoc(word.from, word.to))) {
    return false;
  }
  const base = /^\s*/.exec(line.text)?.[0] ?? "";
  const insert = `\n${base}${state.facet(indentUnit)}`;
  dispatch(
    state.update({
      changes: { from: head, to: line.to, insert: `${insert}\n${base}${state.sliceDoc(head, line.to).trim()}` },
      selection: { anchor: head + insert.length },
      scrollIntoView: true,
      userEvent: "input",
    }),
  );
  return true;
}

/**
 * Whether a place is inside of a comment or a string.
 * @param {EditorState} state
 * @param {number} place
 */
export function isProse(state, place) {
  return ["LineComment", "BlockComment", "String"].includes(syntaxTree(state).resolveInner(place, -1).name);
}
