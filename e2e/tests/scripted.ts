// A language model that says what it is told: its weights are written, not trained. After a line's end it says the first
// word of its script, and after each word the next. One neuron decides what it says at a fork.
import { TEMPLATE, TOKENS, model, written } from "./gguf";

/** Two words, and the one that is said with the neuron, without it, and with its mean in its place. */
export type Fork = { after: string; word: string; without: string; atMean: string };

/** The neuron that decides at the fork; it also fires at each "?" of a prompt, so that its mean is not 0. */
export const NEURON = 7;

/** A template that can be told not to let the model think: then it closes the thoughts itself. */
export const THINKING_TEMPLATE = TEMPLATE.replace(
  "assistant\n'",
  "assistant\n' + ('<think></think>' if enable_thinking is defined and not enable_thinking else '')",
);

/** A model that says the words of its script, no word twice; `next` leads on from words that are not in it. */
export function scriptedModel(
  script: string[],
  { fork, next = {}, template = TEMPLATE }: { fork?: Fork; next?: Record<string, string>; template?: string } = {},
): Buffer {
  const END = "<|im_end|>";
  const leads: Record<string, string> = { ...next };
  ["\n", ...script].forEach((word, index) => (leads[word] ??= script[index] ?? END));
  if (fork) for (const word of [fork.without, fork.atMean]) leads[word] ??= leads[fork.word] ?? END;
  const words = Object.entries(leads).flat();
  const tokens = [...new Set([...TOKENS, ...words.map(spelled)])];
  const place = (word: string): number => tokens.indexOf(spelled(word));
  // A dimension for each token, and one for what the neuron writes; rounded up to whole blocks of 32 weights.
  const wrote = tokens.length;
  const hidden = Math.ceil((tokens.length + 1) / 32) * 32;
  const neurons = 32;
  // A normalized stream has this in the one dimension that is not 0.
  const length = Math.sqrt(hidden);
  return model(
    "Scripted",
    { hidden, neurons, heads: 4, layers: 1, context: 256 },
    (tensor, weights) => {
      const set = (row: number, column: number, weight: number, columns = hidden): void => {
        weights[row * columns + column] = weight;
      };
      if (tensor.includes("norm")) weights.fill(1);
      else if (tensor === "token_embd.weight") tokens.forEach((_, token) => set(token, token, 1));
      else if (tensor === "output.weight") {
        for (const [word, follower] of Object.entries(leads)) set(place(follower), place(word), 1);
        if (!fork) return;
        // With n written by the neuron: 10 n, 1, and 0.9 + 5 n. The greatest is the first at 1, the second at 0, and
        // the third between 0.02 and 0.18.
        set(place(fork.word), place(fork.after), 0);
        set(place(fork.word), wrote, 10);
        set(place(fork.without), place(fork.after), 1);
        set(place(fork.atMean), place(fork.after), 0.9);
        set(place(fork.atMean), wrote, 5);
      } else if (fork && (tensor.includes("gate") || tensor.includes("up"))) {
        for (const word of [fork.after, "?"]) set(NEURON, place(word), 1);
      } else if (fork && tensor.includes("down")) set(wrote, NEURON, 1 / length ** 2, neurons);
    },
    tokens,
    template,
  );
}

/** A word as the vocabulary has it: marks and tags as they are, other words in letters for bytes. */
function spelled(word: string): string {
  return /^<(\|.*\||\/?think)>$/.test(word) ? word : written(word);
}
