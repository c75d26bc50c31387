// What a word does: beside the list of completions, and where the pointer rests.

import { syntaxTree } from "@codemirror/language";
import { closeHoverTooltips, hasHoverTooltips, hoverTooltip } from "@codemirror/view";
import { WORDS } from "./words.js";

/**
 * An explanation to show.
 * @param {import("./words.js").Word} word
 * @returns {HTMLElement}
 */
export function explanation({ name, stack, text }) {
  const box = document.createElement("div");
  box.className = "wat-explanation";
  const title = box.appendChild(document.createElement("code"));
  title.textContent = name;
  if (stack) {
    const effect = box.appendChild(document.createElement("span"));
    effect.className = "wat-stack";
    effect.textContent = stack;
  }
  box.appendChild(document.createElement("p")).textContent = text;
  return box;
}

/** Shows the explanation of the word under the pointer. */
export const hover = hoverTooltip(explain, { hideOnChange: true });

/**
 * The explanation of the word at a place, if there is one.
 * @param {import("@codemirror/view").EditorView} view
 * @param {number} place
 * @param {-1 | 1} side
 * @returns {import("@codemirror/view").Tooltip | null}
 */
function explain({ state }, place, side) {
  const node = syntaxTree(state).resolveInner(place, side);
  if (node.name !== "Keyword" && node.name !== "Type") return null;
  // Of `offset=4` the word in front.
  const [name] = state.sliceDoc(node.from, node.to).split("=");
  const word = WORDS.get(name);
  if (!word) return null;
  return { pos: node.from, end: node.to, above: true, create: () => ({ dom: explanation(word) }) };
}

/**
 * Takes away what a resting pointer has brought up: a key command.
 * @param {import("@codemirror/view").EditorView} view
 */
export function closeExplanation(view) {
  if (!hasHoverTooltips(view.state)) return false;
  view.dispatch({ effects: closeHoverTooltips });
  return true;
}
