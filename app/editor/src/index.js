// The page's editor for WebAssembly's text format: CodeMirror, and what the page tells it.

import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, Prec, Transaction } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  dropCursor,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { colours } from "./colours.js";
import { besideList, proposals } from "./complete.js";
import { closeExplanation, hover } from "./explain.js";
import { openLine, wat } from "./language.js";
import { marks, setCurrent, setMark } from "./marks.js";
import { problems, setProblems } from "./problems.js";
import { theme } from "./theme.js";

/**
 * @typedef {object} Options
 * @property {string} text what it begins with
 * @property {string} label its name, for who cannot see it
 * @property {string} [describedBy] the id of what explains it
 * @property {boolean} [readOnly] whether the text is only shown
 * @property {[number, number]} [selection] what is selected at first: anchor and head, in UTF-16 units
 * @property {(text: string) => void} [onChange] hears of each change within a frame, and before any of the following
 * @property {() => void} [onRun] Ctrl+Enter, or Cmd+Enter
 * @property {(line: number) => void} [onRunToLine] a press on a line's number, or Ctrl+Shift+Enter on a line; from 1
 */

/**
 * @typedef {object} Handle
 * @property {() => string} text what it holds now; lines end with `\n`
 * @property {(text: string) => void} setText replaces all of it, unless the page has heard of that very text last: what
 *   was typed since is newer. It can be undone
 * @property {(problems: import("./problems.js").Problem[]) => void} setProblems shows problems in place of those before
 * @property {(from: number, to: number) => void} setCurrent lights the instruction that is executed now
 * @property {() => void} clearCurrent lights none
 * @property {(line: number | null) => void} setMark marks the line that a run shall go to, or none
 * @property {() => void} focus gives it the focus
 * @property {() => void} destroy takes it away; the page hears of the last change before
 */

/**
 * Puts an editor into an element.
 * @param {HTMLElement} parent
 * @param {Options} options
 * @returns {Handle}
 */
export function mount(parent, options) {
  /** What the page has heard last, or said. */
  let told = options.text;
  let frame = 0;

  const tell = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    const text = view.state.doc.toString();
    if (text === told) return;
    told = text;
    options.onChange?.(text);
  };
  const tellSoon = () => {
    if (frame === 0) frame = requestAnimationFrame(tell);
  };

  const run = () => {
    tell();
    options.onRun?.();
    return true;
  };
  const runToLine = (/** @type {number} */ place) => {
    tell();
    options.onRunToLine?.(view.state.doc.lineAt(place).number);
    return true;
  };

  const keys = [
    { key: "Mod-Enter", run },
    { key: "Shift-Mod-Enter", run: () => runToLine(view.state.selection.main.head) },
    { key: "Escape", run: closeExplanation },
    { key: "Enter", run: openLine },
    { key: "Tab", run: acceptCompletion },
    { key: "Tab", run: indentMore, shift: indentLess },
  ];

  const numbers = lineNumbers({
    domEventHandlers: {
      // A press there selects nothing and leaves the focus where it is.
      mousedown: () => true,
      click: (_, line) => runToLine(line.from),
    },
  });

  const state = EditorState.create({
    doc: options.text,
    selection: options.selection && within(options.text, options.selection),
    extensions: [
      Prec.high(keymap.of(keys)),
      numbers,
      problems,
      foldGutter({ openText: "▾", closedText: "▸" }),
      wat,
      colours,
      hover,
      marks,
      theme,
      autocompletion({ override: [proposals], icons: false, positionInfo: besideList }),
      closeBrackets(),
      bracketMatching(),
      indentUnit.of("  "),
      EditorState.tabSize.of(2),
      indentOnInput(),
      history(),
      search({ top: true }),
      highlightSelectionMatches(),
      highlightSpecialChars(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      drawSelection(),
      dropCursor(),
      EditorState.allowMultipleSelections.of(true),
      EditorView.lineWrapping,
      EditorState.readOnly.of(options.readOnly ?? false),
      EditorView.contentAttributes.of({
        "aria-label": options.label,
        // It can be reached as it is; this says so to programs that check it.
        tabindex: "0",
        ...(options.describedBy ? { "aria-describedby": options.describedBy } : {}),
        // What is only read needs no keyboard on the screen.
        ...(options.readOnly ? { inputmode: "none" } : {}),
      }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) tellSoon();
      }),
      keymap.of([
        ...closeBracketsKeymap,
        ...completionKeymap,
        ...searchKeymap,
        ...historyKeymap,
        ...foldKeymap,
        ...lintKeymap,
        ...defaultKeymap,
      ]),
    ],
  });
  const view = new EditorView({ state, parent });
  view.dom.querySelector(".cm-lineNumbers")?.setAttribute("title", "Press a line's number to run up to that line");
  // Line ends are counted as one character here: the page must count them alike.
  if (view.state.doc.toString() !== told) tellSoon();

  return {
    text: () => view.state.doc.toString(),
    setText(text) {
      if (text === told) return;
      told = text;
      const before = view.state.doc.toString();
      view.dispatch({
        changes: difference(before, withPlainLines(text)),
        annotations: Transaction.userEvent.of("input.page"),
      });
      tellSoon();
    },
    setProblems: (found) => setProblems(view, found),
    setCurrent: (from, to) => setCurrent(view, { from, to }),
    clearCurrent: () => setCurrent(view, null),
    setMark: (line) => setMark(view, line),
    focus: () => view.focus(),
    destroy() {
      tell();
      view.destroy();
    },
  };
}

/**
 * A text as the editor counts it: each line ends with one character.
 * @param {string} text
 */
function withPlainLines(text) {
  return text.replaceAll(/\r\n?/g, "\n");
}

/**
 * A selection that lies within a text.
 * @param {string} text
 * @param {[number, number]} selection
 */
function within(text, selection) {
  const { length } = withPlainLines(text);
  const [anchor, head] = selection.map((place) => Math.min(Math.max(place, 0), length));
  return { anchor, head };
}

/**
 * What changes from one text to another: cursor, folds and marks stay with what does not.
 * @param {string} before
 * @param {string} after
 */
function difference(before, after) {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}
