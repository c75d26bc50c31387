// Which part of the text has which colour. The colours are the page's: see theme.js.

import { HighlightStyle, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { Decoration, ViewPlugin } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { kindOf } from "./words.js";

const style = HighlightStyle.define([
  { tag: tags.number, class: "wat-number" },
  { tag: tags.string, class: "wat-string" },
  { tag: [tags.lineComment, tags.blockComment], class: "wat-comment" },
  { tag: tags.variableName, class: "wat-name" },
  { tag: tags.typeName, class: "wat-type" },
  { tag: tags.paren, class: "wat-paren" },
]);

const mark = (/** @type {string} */ kind) => Decoration.mark({ class: `wat-${kind}` });
/** @type {Record<string, Decoration>} */
const MARKS = {
  operation: mark("operation"),
  control: mark("control"),
  structure: mark("structure"),
  type: mark("type"),
  number: mark("number"),
};

/**
 * The colours of the words in sight. To the parser `module`, `loop` and `i32.add` are words of one kind; to a reader not.
 * @param {import("@codemirror/view").EditorView} view
 */
function words(view) {
  /** @type {import("@codemirror/state").Range<Decoration>[]} */
  const marks = [];
  const add = (/** @type {string | undefined} */ kind, /** @type {number} */ from, /** @type {number} */ to) => {
    if (kind && from < to) marks.push(MARKS[kind].range(from, to));
  };
  for (const { from, to } of view.visibleRanges) {
    syntaxTree(view.state).iterate({
      from,
      to,
      enter(node) {
        if (node.name !== "Keyword") return;
        const word = view.state.sliceDoc(node.from, node.to);
        const sign = word.indexOf("=");
        if (/^(nan|inf)\b/.test(word)) add("number", node.from, node.to);
        else if (sign < 0) add(kindOf(word), node.from, node.to);
        else {
          // `offset=4`
          add(kindOf(word.slice(0, sign)), node.from, node.from + sign);
          add("number", node.from + sign + 1, node.to);
        }
      },
    });
  }
  return Decoration.set(marks);
}

const wordColours = ViewPlugin.fromClass(
  class {
    /** @param {import("@codemirror/view").EditorView} view */
    constructor(view) {
      this.decorations = words(view);
    }

    /** @param {import("@codemirror/view").ViewUpdate} update */
    update(update) {
      const parsed = syntaxTree(update.state) !== syntaxTree(update.startState);
      if (update.docChanged || update.viewportChanged || parsed) this.decorations = words(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** Colours for all parts of the text. */
export const colours = [syntaxHighlighting(style), wordColours];
