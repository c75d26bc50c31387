// What the page says of a run: the instruction that is executed now, and the line that a run shall go to.

import { foldedRanges, unfoldEffect } from "@codemirror/language";
import { RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, gutterLineClass, lineNumberMarkers } from "@codemirror/view";

/** @typedef {{ from: number, to: number }} Span */

const currentEffect = /** @type {import("@codemirror/state").StateEffectType<Span | null>} */ (StateEffect.define());
const markEffect = /** @type {import("@codemirror/state").StateEffectType<number | null>} */ (StateEffect.define());

const currentLine = Decoration.line({ class: "wat-current-line", attributes: { "aria-current": "step" } });
const currentRange = Decoration.mark({ class: "wat-current" });

/** A class for a line's number. */
class NumberClass extends GutterMarker {
  /** @param {string} name */
  constructor(name) {
    super();
    this.elementClass = name;
  }
}
const currentNumber = new NumberClass("wat-current-number");
const markedNumber = new NumberClass("wat-marked-number");
const markedLine = Decoration.line({ class: "wat-marked-line" });

/** The instruction that is executed now; it moves with its text. */
const current = StateField.define({
  create: () => /** @type {Span | null} */ (null),
  update(span, { changes, effects }) {
    if (span) span = { from: changes.mapPos(span.from, 1), to: changes.mapPos(span.to, -1) };
    for (const effect of effects) if (effect.is(currentEffect)) span = effect.value;
    return span && span.from <= span.to ? span : null;
  },
  provide: (field) => [
    EditorView.decorations.compute([field], (state) => {
      const span = state.field(field);
      if (!span) return Decoration.none;
      const line = currentLine.range(state.doc.lineAt(span.from).from);
      return Decoration.set(span.from < span.to ? [line, currentRange.range(span.from, span.to)] : [line]);
    }),
    gutterLineClass.compute([field], (state) => {
      const span = state.field(field);
      return span ? RangeSet.of([currentNumber.range(state.doc.lineAt(span.from).from)]) : RangeSet.empty;
    }),
  ],
});

/** The number of the line that a run shall go to. It is the page's, and stays the same when lines are added above. */
const mark = StateField.define({
  create: () => /** @type {number | null} */ (null),
  update: (line, { effects }) => effects.reduce((now, effect) => (effect.is(markEffect) ? effect.value : now), line),
  provide: (field) => {
    /** @param {import("@codemirror/state").EditorState} state */
    const start = (state) => {
      const line = state.field(field);
      return line !== null && line >= 1 && line <= state.doc.lines ? state.doc.line(line).from : null;
    };
    return [
      EditorView.decorations.compute([field, "doc"], (state) => {
        const at = start(state);
        return at === null ? Decoration.none : Decoration.set(markedLine.range(at));
      }),
      lineNumberMarkers.compute([field, "doc"], (state) => {
        const at = start(state);
        return at === null ? RangeSet.empty : RangeSet.of([markedNumber.range(at)]);
      }),
    ];
  },
});

/** What shows both. */
export const marks = [current, mark];

/**
 * Lights an instruction and its line, and scrolls there when it is out of sight. Only the editor itself is scrolled:
 * who looks at another part of the page while a program runs shall not be taken away from it.
 * @param {EditorView} view
 * @param {Span | null} span in UTF-16 units
 */
export function setCurrent(view, span) {
  if (!span) {
    if (view.state.field(current)) view.dispatch({ effects: currentEffect.of(null) });
    return;
  }
  const { length } = view.state.doc;
  const from = Math.min(Math.max(span.from, 0), length);
  const to = Math.min(Math.max(span.to, from), length);
  /** @type {StateEffect<unknown>[]} */
  const effects = [currentEffect.of({ from, to })];
  foldedRanges(view.state).between(from, from, (start, end) => {
    if (start < from && from < end) effects.push(unfoldEffect.of({ from: start, to: end }));
  });
  view.dispatch({ effects });
  reveal(view, from, 2);
}

/**
 * Scrolls the editor so that a place is in sight, in its middle if it was not.
 * @param {EditorView} view
 * @param {number} place
 * @param {number} tries how often to look: the height of lines that were never drawn is a guess
 */
function reveal(view, place, tries) {
  view.requestMeasure({
    key: reveal,
    read: () => {
      const box = view.scrollDOM.getBoundingClientRect();
      const line = view.lineBlockAt(Math.min(place, view.state.doc.length));
      const top = view.documentTop + line.top - box.top;
      const isInSight = top >= 0 && top + line.height <= view.scrollDOM.clientHeight;
      return isInSight ? 0 : top - (view.scrollDOM.clientHeight - line.height) / 2;
    },
    write: (distance) => {
      if (distance === 0) return;
      view.scrollDOM.scrollTop += distance;
      if (tries > 1) requestAnimationFrame(() => reveal(view, place, tries - 1));
    },
  });
}

/**
 * Marks the line that a run shall go to, and says so to who cannot see it.
 * @param {EditorView} view
 * @param {number | null} line from 1
 */
export function setMark(view, line) {
  if (view.state.field(mark) === line) return;
  const words = line === null ? "No line is marked" : `Line ${line} is marked: a run goes up to it`;
  view.dispatch({ effects: [markEffect.of(line), EditorView.announce.of(words)] });
}
