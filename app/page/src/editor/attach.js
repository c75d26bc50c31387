// Puts the editor in the place of a plain text field. The field works from the first moment on; the editor's bundle comes
// when it comes, takes over what was typed meanwhile, with selection and focus, and if it never comes the field stays.
// app/page/src/editor/mod.rs calls this; app/editor makes the bundle, and index.html says what it is called.

const HINTS = {
  loading: "The editor is loading. Until it is there, this is a plain text field.",
  ready:
    "Ctrl+Enter runs; Ctrl+Shift+Enter, or a press on a line’s number, runs up to that line. Escape, then Tab, leaves the editor.",
  failed:
    "The editor could not be loaded: this is a plain text field. Ctrl+Enter runs; Ctrl+Shift+Enter runs up to the cursor’s line.",
};

/** @returns {Promise<{ mount: Function }>} the bundle */
function load() {
  const { content } = document.querySelector('meta[name="editor"]');
  return import(new URL(content, document.baseURI));
}

/** What the field does instead of the editor. */
class Plain {
  constructor(area, hear) {
    this.area = area;
    this.told = area.value;
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    area.addEventListener("input", () => hear("text", (this.told = area.value)), { signal });
    area.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        const line = area.value.slice(0, area.selectionStart).split("\n").length;
        hear("run", event.shiftKey ? line : undefined);
      },
      { signal },
    );
  }

  setText(text) {
    if (text !== this.told) this.area.value = this.told = text;
  }

  setProblems(problems) {
    this.area.setAttribute("aria-invalid", String(problems.length > 0));
  }

  // A plain field lights and marks nothing.
  setCurrent() {}
  clearCurrent() {}
  setMark() {}

  destroy() {
    this.listeners.abort();
  }
}

/**
 * @param {HTMLTextAreaElement} area the field; its label, description and `readonly` are the editor's, too
 * @param {(what: "text" | "run", value?: string | number) => void} hear of a new text; of a run, up to a line or all of it
 */
export function attach(area, hear) {
  const whole = area.closest(".code-editor");
  let shown = new Plain(area, hear);
  let isGone = false;
  // The problems of the next `show`, and what the last one was about.
  let found = [];
  let last = { text: area.value, problems: [], from: undefined, to: undefined, marked: undefined };

  const become = (/** @type {keyof HINTS} */ state) => {
    whole.dataset.state = state;
    whole.querySelector(".code-editor-hint").textContent = HINTS[state];
  };
  const light = ({ from, to }) => (from === undefined ? shown.clearCurrent() : shown.setCurrent(from, to));
  become("loading");

  const take = ({ mount }) => {
    if (isGone) return;
    const hasFocus = document.activeElement === area;
    const isBackward = area.selectionDirection === "backward";
    const editor = mount(area.parentElement, {
      text: area.value,
      label: area.getAttribute("aria-label"),
      describedBy: area.getAttribute("aria-describedby"),
      readOnly: area.readOnly,
      selection: isBackward ? [area.selectionEnd, area.selectionStart] : [area.selectionStart, area.selectionEnd],
      onChange: (text) => hear("text", text),
      onRun: () => hear("run"),
      onRunToLine: (line) => hear("run", line),
    });
    shown.destroy();
    shown = editor;
    area.hidden = true;
    shown.setProblems(last.problems);
    light(last);
    shown.setMark(last.marked ?? null);
    if (hasFocus) shown.focus();
    become("ready");
  };

  // A word that is being put together by several keys is finished first.
  let isComposing = false;
  let waiting = null;
  area.addEventListener("compositionstart", () => (isComposing = true));
  area.addEventListener("compositionend", () => {
    isComposing = false;
    // The text comes with this event; what hears of it comes behind.
    if (waiting) setTimeout(waiting);
  });
  const fail = (error) => {
    console.warn("The editor could not be loaded", error);
    if (!isGone) become("failed");
  };
  load().then((bundle) => {
    waiting = () => Promise.resolve(bundle).then(take).catch(fail);
    if (!isComposing) waiting();
  }, fail);

  return {
    problem: (from, to, message, help) => found.push({ from, to, severity: "error", message, help }),

    /** Says how everything is; what is as it was is left alone. Places are in UTF-16 units, the line from 1. */
    show(text, from, to, marked) {
      const now = { text, problems: found, from, to, marked };
      const before = last;
      [last, found] = [now, []];
      shown.setText(text);
      // A change of the text may have taken some along.
      if (text !== before.text || JSON.stringify(now.problems) !== JSON.stringify(before.problems)) {
        shown.setProblems(now.problems);
      }
      if (from !== before.from || to !== before.to) light(now);
      if (marked !== before.marked) shown.setMark(marked ?? null);
    },

    destroy() {
      isGone = true;
      shown.destroy();
    },
  };
}
