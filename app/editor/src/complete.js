// Completion: the words of the format, and the names that the text gives to things.

import { syntaxTree } from "@codemirror/language";
import { explanation } from "./explain.js";
import { isProse } from "./language.js";
import { WORDS } from "./words.js";

/**
 * @typedef {import("@codemirror/autocomplete").Completion} Completion
 * @typedef {import("@codemirror/autocomplete").CompletionContext} CompletionContext
 * @typedef {import("@codemirror/state").EditorState} EditorState
 */

/** @type {Completion[]} */
const COMPLETIONS = [...WORDS.values()].map((word) => ({
  label: word.name,
  detail: word.stack,
  type: word.kind,
  info: () => explanation(word),
}));

/** What gives a thing its name. */
const DEFINES = ["func", "param", "local", "global", "memory", "table", "type", "block", "loop", "if", "data", "elem"];

/** What an instruction can name, where that is not all things. @type {Record<string, string[]>} */
const WANTED = {
  call: ["func"],
  start: ["func"],
  elem: ["func"],
  br: ["block", "loop", "if"],
  br_if: ["block", "loop", "if"],
  br_table: ["block", "loop", "if"],
  "local.get": ["param", "local"],
  "local.set": ["param", "local"],
  "local.tee": ["param", "local"],
  "global.get": ["global"],
  "global.set": ["global"],
  type: ["type"],
  memory: ["memory"],
};

/**
 * The names in a text, each with what has it; empty for one that is only used so far. Names of locals and labels count in
 * their function alone, but a name that is proposed in vain does less harm than one that is missing.
 * @param {EditorState} state
 * @param {number} typing where the name that is being typed begins
 * @returns {Map<string, string>}
 */
function names(state, typing) {
  const found = new Map();
  syntaxTree(state).iterate({
    enter(node) {
      if (node.name !== "Identifier" || node.from === typing) return;
      const before = node.node.prevSibling;
      const word = before?.name === "Keyword" ? state.sliceDoc(before.from, before.to) : "";
      const name = state.sliceDoc(node.from, node.to);
      if (DEFINES.includes(word)) found.set(name, word);
      else if (!found.has(name)) found.set(name, "");
    },
  });
  return found;
}

/**
 * Proposes what can stand at the cursor.
 * @param {CompletionContext} context
 */
export function proposals(context) {
  const typed = context.matchBefore(/[$\w.]+/);
  // Numbers complete to nothing.
  if ((!typed && !context.explicit) || /^\d/.test(typed?.text ?? "") || isProse(context.state, context.pos)) return null;
  const from = typed?.from ?? context.pos;
  const line = context.state.doc.lineAt(from);
  const before = /([\w.]+)\s+(\$\S+\s+)*$/.exec(line.text.slice(0, from - line.from))?.[1] ?? "";
  const named = [...names(context.state, from)].map(([label, detail]) => ({
    label,
    detail,
    type: "name",
    boost: WANTED[before]?.includes(detail) ? 50 : 0,
  }));
  const options = typed?.text.startsWith("$") ? named : typed ? COMPLETIONS : [...named, ...COMPLETIONS];
  return { from, options, validFor: /^[$\w.]*$/ };
}

/**
 * Where the explanation of a proposal goes: beside the list, and where there is no room behind it; never over it.
 * @param {import("@codemirror/view").EditorView} view
 * @param {import("@codemirror/view").Rect} list
 * @param {import("@codemirror/view").Rect} _option
 * @param {import("@codemirror/view").Rect} info
 * @param {import("@codemirror/view").Rect} space
 */
export function besideList(view, list, _option, info, space) {
  const width = info.right - info.left;
  if (list.right + width <= space.right) return { style: "top: 0; left: 100%" };
  if (list.left - width >= space.left) return { style: "top: 0; right: 100%" };
  // Away from the line that is typed in.
  const line = view.coordsAtPos(view.state.selection.main.head);
  const isAbove = line !== null && list.top < line.top;
  return { style: `${isAbove ? "bottom" : "top"}: 100%; left: 0; width: ${list.right - list.left}px` };
}
