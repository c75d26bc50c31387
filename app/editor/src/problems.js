// What is wrong in the text: underlined, beside the line numbers, and in a list that the bar below opens.

import {
  closeLintPanel,
  lintGutter,
  linter,
  openLintPanel,
  setDiagnostics,
  setDiagnosticsEffect,
} from "@codemirror/lint";
import { StateField } from "@codemirror/state";
import { showPanel } from "@codemirror/view";

/**
 * @typedef {import("@codemirror/lint").Diagnostic} Diagnostic
 * @typedef {import("@codemirror/view").EditorView} EditorView
 * @typedef {object} Problem
 * @property {number} from where it begins, in UTF-16 units
 * @property {number} to where it ends
 * @property {"error" | "warning" | "info"} severity
 * @property {string} message what is wrong
 * @property {string} [help] what would help
 */

/** @param {Problem} problem */
function render({ message, help }) {
  const box = document.createElement("span");
  box.append(message);
  if (help) {
    const hint = box.appendChild(document.createElement("span"));
    hint.className = "wat-help";
    hint.textContent = help;
  }
  return box;
}

/**
 * Shows problems in place of those before. They may be of an older text: places beyond this one are cut to its end.
 * @param {EditorView} view
 * @param {Problem[]} problems
 */
export function setProblems(view, problems) {
  const { length } = view.state.doc;
  /** @type {Diagnostic[]} */
  const diagnostics = problems.map((problem) => {
    const from = Math.min(Math.max(problem.from, 0), length);
    return {
      from,
      to: Math.min(Math.max(problem.to, from), length),
      severity: problem.severity,
      message: problem.help ? `${problem.message}. ${problem.help}` : problem.message,
      renderMessage: () => render(problem),
    };
  });
  // An empty list in place of an empty list would still be a change to draw. Those shown may have gone with their text.
  if (diagnostics.length > 0 || view.state.field(count) > 0) {
    view.dispatch(setDiagnostics(view.state, diagnostics));
  }
}

/** @param {EditorView} view */
const listIsOpen = (view) => view.dom.querySelector(".cm-panel-lint") !== null;

/**
 * A bar that counts the problems and opens their list; without problems it is not there.
 * @param {EditorView} view
 * @returns {import("@codemirror/view").Panel}
 */
function bar(view) {
  const dom = document.createElement("div");
  dom.className = "wat-problems";
  const button = dom.appendChild(document.createElement("button"));
  button.type = "button";
  button.className = "wat-problems-button";
  button.title = "Ctrl+Shift+M opens the list, F8 goes to the next";
  button.addEventListener("click", () => (listIsOpen(view) ? closeLintPanel(view) : openLintPanel(view)));
  const update = () => {
    const now = view.state.field(count);
    button.textContent = now === 1 ? "1 problem" : `${now} problems`;
    button.setAttribute("aria-expanded", String(listIsOpen(view)));
  };
  update();
  return { dom, update, mount: update };
}

/** How many there are. */
const count = StateField.define({
  create: () => 0,
  update: (before, transaction) =>
    transaction.effects.reduce((now, effect) => (effect.is(setDiagnosticsEffect) ? effect.value.length : now), before),
  provide: (field) => showPanel.from(field, (now) => (now > 0 ? bar : null)),
});

/** What shows problems. The list first: its panel stands above the bar. */
export const problems = [linter(null), lintGutter(), count];
