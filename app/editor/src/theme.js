// How the editor looks. Every colour and font is one of the page's (assets/styles/tokens.css), so light, dark and a
// person's choice between them need nothing here.

import { EditorView } from "@codemirror/view";

const wash = (/** @type {string} */ colour, /** @type {number} */ share) =>
  `color-mix(in oklab, var(${colour}) ${share}%, transparent)`;

const box = {
  border: "1px solid var(--line-strong)",
  borderRadius: "var(--radius)",
  backgroundColor: "var(--surface)",
  color: "var(--ink)",
  boxShadow: "var(--shadow)",
};

const button = {
  minHeight: "1.75rem",
  margin: "0",
  padding: "0 0.6rem",
  border: "1px solid var(--line-strong)",
  borderRadius: "var(--radius)",
  background: "var(--surface)",
  color: "var(--ink)",
  font: "530 var(--text-small) / 1 var(--sans)",
  cursor: "pointer",
};

const focus = { outline: "2px solid var(--focus)", outlineOffset: "1px" };

export const theme = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--surface)", color: "var(--ink)", fontSize: "var(--text-small)" },
  "&.cm-focused": { outline: "none" },
  // Above everything: what stands beside the lines would hide an outline.
  "&.cm-focused::after": {
    content: '""',
    position: "absolute",
    inset: "0",
    zIndex: "400",
    border: "2px solid var(--focus)",
    borderRadius: "inherit",
    pointerEvents: "none",
  },
  ".cm-scroller": { fontFamily: "var(--mono)", fontVariantLigatures: "none", lineHeight: "1.6" },
  ".cm-content": { padding: "0.6rem 0", caretColor: "var(--ink)", tabSize: "2" },
  ".cm-line": { padding: "0 0.75rem 0 0.4rem" },
  ".cm-cursor, .cm-dropCursor": { borderLeft: "2px solid var(--ink)", marginLeft: "-1px" },

  // The text.
  ".wat-operation, .wat-type": { color: "var(--code-op)" },
  ".wat-control": { color: "var(--code-control)" },
  ".wat-structure": { fontWeight: "640" },
  ".wat-number, .wat-string": { color: "var(--code-number)" },
  ".wat-comment": { color: "var(--code-comment)", fontStyle: "italic" },
  ".wat-paren": { color: "var(--ink-soft)" },

  // Selection, matches, brackets.
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    background: wash("--accent", 18),
  },
  ".cm-content ::selection, .cm-content::selection": { backgroundColor: wash("--accent", 18) },
  ".cm-activeLine": { backgroundColor: wash("--ink", 4) },
  ".cm-selectionMatch": { backgroundColor: wash("--accent", 14) },
  ".cm-searchMatch": { backgroundColor: "var(--warn-wash)", outline: "1px solid var(--warn)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--warn-wash)", outline: "2px solid var(--warn)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: wash("--accent", 20), outline: "1px solid var(--accent)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--bad-wash)", outline: "1px solid var(--bad)" },
  ".cm-foldPlaceholder": {
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    backgroundColor: "var(--sunken)",
    color: "var(--ink-soft)",
    padding: "0 0.35em",
  },

  // What a run does.
  ".wat-current-line.cm-line": {
    backgroundColor: "var(--accent-wash)",
    boxShadow: "inset 2px 0 var(--accent)",
  },
  ".wat-current": { borderRadius: "2px", backgroundColor: wash("--accent", 22), boxShadow: "0 0 0 1px var(--accent)" },
  // What is soft on paper would be too soft there.
  ".wat-current .wat-comment, .wat-current .wat-paren": { color: "var(--ink)" },
  ".wat-marked-line": { borderBottom: "1px dashed var(--accent)" },

  // Beside the lines.
  ".cm-gutters, .cm-gutters.cm-gutters-before": {
    border: "0 solid var(--line)",
    borderRightWidth: "1px",
    backgroundColor: "var(--surface)",
    color: "var(--ink-soft)",
    fontVariantNumeric: "tabular-nums",
  },
  ".cm-activeLineGutter": { backgroundColor: wash("--ink", 4), color: "var(--ink)" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "2rem", padding: "0 0.35rem", cursor: "pointer" },
  ".cm-lineNumbers .cm-gutterElement:hover": {
    backgroundColor: "var(--sunken)",
    color: "var(--accent-ink)",
    textDecoration: "underline",
  },
  ".cm-gutterElement.wat-current-number": { backgroundColor: "var(--accent-wash)", color: "var(--accent-ink)" },
  ".cm-lineNumbers .wat-marked-number, .cm-lineNumbers .wat-marked-number:hover": {
    borderRadius: "var(--radius) 0 0 var(--radius)",
    backgroundColor: "var(--accent)",
    color: "var(--on-accent)",
  },
  ".cm-foldGutter .cm-gutterElement": { width: "1.1rem", padding: "0", textAlign: "center", cursor: "pointer" },
  ".cm-foldGutter .cm-gutterElement:hover": { color: "var(--accent-ink)" },
  ".cm-gutter-lint": { width: "0.7rem" },
  ".cm-gutter-lint .cm-gutterElement": { display: "grid", placeItems: "center", padding: "0" },
  // A sign, not only a colour: a round error, a pointed warning, a square remark.
  ".cm-lint-marker, .cm-lint-marker-error, .cm-lint-marker-warning, .cm-lint-marker-info": {
    width: "0.5rem",
    height: "0.5rem",
    content: "none",
  },
  ".cm-lint-marker-error": { borderRadius: "50%", backgroundColor: "var(--bad)" },
  ".cm-lint-marker-warning": { clipPath: "polygon(50% 0, 100% 100%, 0 100%)", backgroundColor: "var(--warn)" },
  ".cm-lint-marker-info": { backgroundColor: "var(--ink-soft)" },

  // Problems.
  ".cm-lintRange": {
    paddingBottom: "0",
    backgroundImage: "none",
    textDecoration: "underline wavy 1.5px",
    textUnderlineOffset: "0.22em",
    textDecorationSkipInk: "none",
  },
  ".cm-lintRange-error": { textDecorationColor: "var(--bad)" },
  ".cm-lintRange-warning": { textDecorationColor: "var(--warn)" },
  ".cm-lintRange-info": { textDecorationColor: "var(--ink-soft)" },
  ".cm-lintRange-active": { backgroundColor: "transparent", outline: "1px solid var(--ink-soft)" },
  ".cm-lintPoint:after": { left: "-4px", borderWidth: "0 4px 6px", borderBottomColor: "var(--bad)" },
  ".cm-lintPoint-warning:after": { borderBottomColor: "var(--warn)" },
  ".cm-lintPoint-info:after": { borderBottomColor: "var(--ink-soft)" },
  ".cm-diagnostic": { margin: "0", padding: "0.3rem 0.6rem", borderLeft: "4px solid var(--ink-soft)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-diagnostic-info": { borderLeftColor: "var(--ink-soft)" },
  ".wat-help": { display: "block", color: "var(--ink-soft)" },
  ".wat-problems": { padding: "0.3rem 0.6rem" },
  ".wat-problems-button": { ...button, borderColor: "var(--bad)", color: "var(--bad)" },
  ".wat-problems-button:focus-visible": focus,

  // Panels: search, the list of problems, the number of a line.
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)", fontFamily: "var(--sans)" },
  ".cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel.cm-search": { padding: "0.3rem 2.5rem 0.3rem 0.6rem" },
  ".cm-panel.cm-search label": {
    display: "inline-flex",
    gap: "0.3rem",
    alignItems: "center",
    minHeight: "1.75rem",
    margin: "0.15rem 0.6rem 0.15rem 0",
    fontSize: "var(--text-small)",
  },
  ".cm-panel.cm-search input[type=checkbox]": { margin: "0", accentColor: "var(--accent)" },
  ".cm-panel.cm-search .cm-button, .cm-dialog .cm-button": {
    ...button,
    margin: "0.15rem 0.4rem 0.15rem 0",
    backgroundImage: "none",
  },
  ".cm-panel .cm-button:hover, .wat-problems-button:hover": { borderColor: "var(--ink-soft)", background: "var(--sunken)" },
  ".cm-panel.cm-search .cm-textfield, .cm-dialog .cm-textfield": {
    width: "min(15rem, 100%)",
    minHeight: "1.75rem",
    margin: "0.15rem 0.4rem 0.15rem 0",
    padding: "0 0.5rem",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    backgroundColor: "var(--surface)",
    color: "var(--ink)",
    font: "400 var(--text-small) / 1.4 var(--mono)",
  },
  ".cm-panel input:focus-visible, .cm-panel button:focus-visible, .cm-panel ul:focus-visible": focus,
  ".cm-panel.cm-search [name=close], .cm-panel.cm-panel-lint [name=close], .cm-dialog-close": {
    position: "absolute",
    top: "0.3rem",
    right: "0.4rem",
    width: "1.75rem",
    height: "1.75rem",
    borderRadius: "var(--radius)",
    color: "var(--ink-soft)",
    fontSize: "var(--text-large)",
    cursor: "pointer",
  },
  ".cm-panel.cm-panel-lint ul": { maxHeight: "9rem", paddingRight: "2.4rem" },
  ".cm-panel.cm-panel-lint ul [aria-selected], .cm-panel.cm-panel-lint ul:focus [aria-selected]": {
    backgroundColor: "var(--surface)",
    color: "var(--ink)",
  },

  // What floats: completions, explanations, messages.
  ".cm-tooltip": { ...box, fontFamily: "var(--sans)", fontSize: "var(--text-small)", overflow: "hidden" },
  ".cm-tooltip.cm-tooltip-hover, .cm-tooltip.cm-completionInfo": { maxWidth: "min(22rem, 92vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete": { overflow: "visible" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    minWidth: "min(16rem, 80vw)",
    maxHeight: "14rem",
    borderRadius: "inherit",
    fontFamily: "var(--mono)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    display: "flex",
    justifyContent: "space-between",
    gap: "1.25rem",
    padding: "0.2rem 0.6rem",
    lineHeight: "1.4",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--accent-wash)", color: "var(--accent-ink)" },
  ".cm-completionDetail": { marginLeft: "0", color: "var(--ink-soft)", fontStyle: "normal" },
  ".cm-completionMatchedText": { textUnderlineOffset: "0.2em" },
  ".cm-tooltip.cm-completionInfo": { padding: "0" },
  ".wat-explanation": { padding: "0.4rem 0.6rem" },
  ".wat-explanation code": { fontWeight: "640" },
  ".wat-explanation p": { margin: "0.15rem 0 0" },
  ".wat-stack": { marginLeft: "0.75rem", color: "var(--ink-soft)", fontFamily: "var(--mono)" },

  // A finger needs more room than a pointer; and a phone zooms into what is smaller than this when it gets the focus.
  "@media (pointer: coarse)": {
    "&": { fontSize: "1rem" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.45rem 0.6rem" },
    ".cm-panel.cm-search .cm-textfield": { fontSize: "1rem" },
    ".cm-panel.cm-search .cm-button, .wat-problems-button": { minHeight: "2.25rem" },
    ".cm-foldGutter .cm-gutterElement": { width: "1.5rem" },
  },
  // Here the system chooses the colours; what is lit keeps a border.
  "@media (forced-colors: active)": {
    ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
      background: "color-mix(in srgb, Highlight 45%, Canvas)",
      forcedColorAdjust: "none",
    },
    ".wat-current-line.cm-line": { borderLeft: "3px solid Highlight" },
    ".wat-current": { outline: "1px solid Highlight" },
    ".cm-tooltip-autocomplete ul li[aria-selected]": { outline: "2px solid Highlight", outlineOffset: "-2px" },
    ".cm-lint-marker": { backgroundColor: "CanvasText", forcedColorAdjust: "none" },
  },
});
