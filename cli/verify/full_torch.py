"""The proof that the full machine is a plain transformer.

Loads the exported weights into PyTorch and has them go on from prompts, token by token, with ordinary tensor operations in f32: every
hard-max head looks at every key. Nothing is done beside that: the answer at each position is the next token. The whole sequence must be
the one that `worldmodel run --engine full` gives. Nothing here is shared with the Rust engines.

    full_torch.py MODEL_DIR WORLDMODEL PROGRAM.wat...

Of each program the first call that its head names is run. Prints `N passed, N failed`; the exit status is non-zero when one failed.
"""

import json
import sys
from pathlib import Path

import torch

from exported import Growing, check_all, difference, read_safetensors, worldmodel_tokens

# Plain attention over so many positions takes some seconds; longer traces are checked this far.
MAX_TOKENS = 3_000


class Transformer:
    """The forward pass, one position at a time, with a key/value cache."""

    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        tensors = read_safetensors(folder / "model.safetensors")
        assert len(tensors) == self.config["tensors"]
        assert sum(tensor.numel() for tensor in tensors.values()) == self.config["parameters"]
        self.embed, self.unembed = tensors["embed"], tensors["unembed"]
        self.layers = []
        for index, card in enumerate(self.config["layers"]):
            part = lambda head, name: tensors[f"blocks.{index}.attn.{head}.{name}"]
            heads = [
                (head["kind"], *(part(number, name) for name in ("wq", "wk", "wv", "wo")))
                for number, head in enumerate(card["heads"])
            ]
            mlp = [tensors[f"blocks.{index}.mlp.{name}"] for name in ("gate", "value", "out")]
            self.layers.append((heads, mlp))

    def start(self):
        """What the heads have seen before the first token."""
        widths = [[(len(wk), len(wv)) for _, _, wk, wv, _ in heads] for heads, _ in self.layers]
        return [[(Growing(key), Growing(value)) for key, value in layer] for layer in widths]

    def encoding(self, position):
        """What a position is told about itself, by dimension."""
        rule = self.config["positional_encoding"]
        dims, digit = rule["dims"], rule["digit"]
        digits = lambda p: (p % digit, p // digit)
        low, high = digits(position)
        told = {dims["pos_low"]: low, dims["pos_high"]: high, dims["pos_sq"]: low * low + high * high}
        for back in range(3):
            low, high = digits(max(0, position - back - 1))
            told[rule["back_low"][back]] = low
            told[rule["back_high"][back]] = high
        behind = position - rule["records"]
        if 0 <= behind < rule["max_records"] * rule["record"]:
            page, offset = divmod(behind // rule["record"], rule["page"])
            told[dims["record_page"]], told[dims["record_offset"]] = page, offset
            told[dims["record_sq"]] = page * page + offset * offset
            flag = {0: "is_op", 4: "is_imm", 8: "is_slots"}.get(behind % rule["record"])
            if flag:
                told[dims[flag]] = 1
        if behind < 0 < position:
            told[dims["alphabet"]] = 1
            if position <= 2:
                told[dims["sign"]], told[dims["sign_sq"]] = (-1, 1)[position - 1], 1
        return told

    def step(self, caches, token, position):
        """Reads a token, and returns the one of the highest logit."""
        x = self.embed[token].clone()
        for dim, value in self.encoding(position).items():
            x[dim] += value
        for (heads, (gate, value, out)), seen in zip(self.layers, caches):
            written = torch.zeros_like(x)
            for (kind, wq, wk, wv, wo), (keys, values) in zip(heads, seen):
                values.append(wv @ x)
                if kind == "sum":
                    z = values.all().sum(dim=0)
                else:
                    keys.append(wk @ x)
                    scores = keys.all() @ (wq @ x)
                    # Of equals the latest.
                    z = values.all()[len(scores) - 1 - scores.flip(0).argmax()]
                written += wo @ z
            x = x + written
            x = x + out @ (torch.relu(gate @ x) * (value @ x))
        return int(torch.argmax(self.unembed @ x))


def main():
    folder, worldmodel, *paths = sys.argv[1:]
    model = Transformer(Path(folder))
    tokens = model.config["tokens"]
    ends, start = set(tokens["end_of_run"]), tokens["names"].index("start")

    def check(path):
        lines = Path(path).read_text().splitlines()
        call = next(line for line in lines if line.startswith(";; call "))
        function, *arguments = call.removeprefix(";; call ").split("->")[0].split()
        command = [worldmodel, "run", path, "--engine", "full", "--invoke", function]
        command += ["--args=" + ",".join(arguments)] if arguments else []
        command += ["--max-tokens", str(MAX_TOKENS)]
        reference = worldmodel_tokens(command)
        assert reference[0] == start
        # The prompt ends with the first jump: where it leads to is two tokens more.
        prompt = reference[: reference.index(tokens["names"].index("jump")) + 3]
        caches, answer = model.start(), None
        for position, token in enumerate(prompt):
            answer = model.step(caches, token, position)
        sequence = prompt + [answer]
        while answer not in ends and len(sequence) < len(prompt) + MAX_TOKENS:
            answer = model.step(caches, answer, len(sequence) - 1)
            sequence.append(answer)
        return difference(sequence, reference)

    return check_all(paths, check)


if __name__ == "__main__":
    sys.exit(main())
