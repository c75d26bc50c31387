"""The proof that the classic interpreter is a plain transformer.

Loads the exported weights into PyTorch, runs the published forward pass on them with ordinary tensor
operations, keeps the host's few rules in Python, and compares the whole token sequence of every program
with the one that `worldmodel run` gives. Nothing here is shared with the Rust engines.

    classic_torch.py MODEL_DIR WORLDMODEL PROGRAM.wasmt...

Prints `N passed, N failed`; the exit status is non-zero when one failed.
"""

import json
import sys
from pathlib import Path

import torch

from exported import Growing, check_all, difference, read_safetensors, worldmodel_tokens

MAX_STEPS = 100_000


class Transformer:
    """The forward pass, one position at a time, with a key/value cache."""

    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        tensors = read_safetensors(folder / "model.safetensors")
        config = self.config
        assert len(tensors) == config["tensors"] == 146
        assert sum(tensor.numel() for tensor in tensors.values()) == config["parameters"] == 316_000
        self.embed, self.unembed = tensors["embed"], tensors["unembed"]
        self.layers = []
        for index, heads in enumerate(config["n_heads"]):
            mlp = [tensors[f"blocks.{index}.mlp.{part}"] for part in ("gate", "value", "out")]
            names = range(heads)
            attention = None
            if heads:
                stack = lambda part: torch.stack([tensors[f"blocks.{index}.attn.{n}.{part}"] for n in names])
                attention = [stack(part) for part in ("wq", "wk", "wv", "wo")]
            cards = config["layers"][index]["heads"]
            self.layers.append((attention, [(card["kind"], card["store"]) for card in cards], mlp))
        self.reset()

    def reset(self):
        """Forgets what was seen."""
        d_head = self.config["d_head"]
        width = lambda heads: 2 * d_head * len(heads)
        self.caches = [Growing(width(heads)) if heads else None for _, heads, _ in self.layers]
        files = self.config["limits"]["files"]
        self.stores = [Growing(2 * d_head) for _ in range(files)]

    def residual(self, token, encoding):
        """What enters the first layer: the embedding plus the positional encoding."""
        x = self.embed[token].clone()
        for dim, value in encoding.items():
            x[dim] += value
        return x

    def write_store(self, store, byte, encoding):
        """Adds an entry to a file's store: key and value of its cross-attention head."""
        x = self.residual(byte, encoding)
        for attention, heads, _ in self.layers:
            for number, (kind, of_store) in enumerate(heads):
                if kind == "cross" and of_store == store:
                    _, wk, wv, _ = attention
                    self.stores[store].append(torch.cat([wk[number] @ x, wv[number] @ x]))

    def step(self, token, encoding):
        """Adds a position and returns the token of its highest logit."""
        x = self.residual(token, encoding)
        for (attention, heads, (gate, value, out)), cache in zip(self.layers, self.caches):
            if attention:
                wq, wk, wv, wo = attention
                q, k, v = wq @ x, wk @ x, wv @ x  # [heads, d_head]
                cache.append(torch.cat([k, v], dim=1).flatten())
                seen = cache.all().reshape(-1, len(heads), 2 * len(k[0]))
                z = self.attend(heads, q, seen)
                x = x + torch.einsum("hdk,hk->d", wo, z)
            x = x + out @ (torch.relu(gate @ x) * (value @ x))
        return int(torch.argmax(self.unembed @ x))

    def attend(self, heads, q, seen):
        """All heads of a layer, which are of one kind: hard-max, a sum, or a look into a store."""
        kind, d_head = heads[0][0], q.shape[1]
        assert all(other == kind for other, _ in heads)
        if kind == "sum":
            return seen[:, :, d_head:].sum(dim=0)
        if kind == "hard_max":
            return hard_max(q, seen)
        z = torch.zeros_like(q)
        for number, (_, store) in enumerate(heads):
            entries = self.stores[store].all()
            if len(entries):
                z[number] = hard_max(q[number : number + 1], entries[:, None])[0]
        return z


def hard_max(q, seen):
    """The value of the key with the greatest q · k, of equals the latest; `seen` is [keys, heads, 2 d_head]."""
    d_head = q.shape[1]
    scores = (seen[:, :, :d_head] * q).sum(dim=2)
    latest = len(scores) - 1 - scores.flip(0).argmax(dim=0)
    return seen[latest, torch.arange(len(q)), d_head:]


class Host:
    """What the model does not do: the instruction pointer, loops, files, and refusing bad programs."""

    def __init__(self, model, program):
        self.model, self.program = model, program
        config = model.config
        self.dims = config["positional_encoding"]["dims"]
        self.special, self.limits = config["special_tokens"], config["limits"]
        self.ops = {op["opcode"]: op for op in config["operations"]}
        self.stack, self.locals, self.loops = [], set(), []
        self.files = [{"open": False, "cursor": 0, "made": False} for _ in range(self.limits["files"])]

    def numbered(self, number):
        return {self.dims["index"]: number, self.dims["index_sq"]: number * number}

    def pointers(self, ip, previous):
        return {self.dims["ip"]: ip, self.dims["prev_ip"]: previous}

    def run(self):
        """The whole token sequence of the program."""
        model, dims, special = self.model, self.dims, self.special
        model.reset()
        opcode, operand = {dims["is_opcode"]: 1}, {dims["is_operand"]: 1}
        start = special["program_start"]
        model.step(start, {**self.pointers(-1, -1), **self.numbered(-1), **opcode, **operand})
        tokens = [start]
        for number, instruction in enumerate(self.program):
            for offset, byte in enumerate([*instruction, 0, 0, 0]):
                extra = (opcode, operand)[offset] if offset < 2 else {}
                model.step(byte, {**self.pointers(-1, -1), **self.numbered(number), **extra})
                tokens.append(byte)
        tokens.append(special["program_end"])
        ip, previous = 0, -1
        for _ in range(MAX_STEPS):
            ip = self.skip_markers(ip)
            if ip >= len(self.program) or not self.allowed(*self.program[ip]):
                return tokens
            cursors = {dims["cursor"][n]: file["cursor"] for n, file in enumerate(self.files)}
            answer = model.step(tokens[-1], {**self.pointers(ip, previous), **cursors})
            tokens.append(answer)
            previous = ip
            ip = self.book(ip, answer)
            if ip is None:
                return tokens
        raise RuntimeError(f"no end after {MAX_STEPS} instructions")

    def name(self, opcode):
        return self.ops[opcode]["mnemonic"]

    def skip_markers(self, ip):
        while ip < len(self.program) and self.name(self.program[ip][0]) in ("loop", "end_loop"):
            if self.name(self.program[ip][0]) == "loop":
                self.loops.append([ip, 1])
            else:
                self.loops.pop()
            ip += 1
        return ip

    def allowed(self, opcode, operand):
        """Whether the instruction may be executed now."""
        op, name = self.ops[opcode], self.name(opcode)
        if len(self.stack) < op["pops"]:
            return False
        if name == "local.get" and operand not in self.locals:
            return False
        if name in ("fd_read", "fd_write", "fd_close"):
            fd = self.stack[-2 if name == "fd_write" else -1]
            if fd >= len(self.files) or not self.files[fd]["open"]:
                return False
            if name != "fd_close" and self.files[fd]["cursor"] >= self.limits["file_bytes"]:
                return False
        grows = op["pushes"] and op["pops"] == 0
        return not (grows and len(self.stack) >= self.limits["stack"])

    def book(self, ip, answer):
        """Does what the instruction asks of the host; the next instruction, or None at the end."""
        opcode, operand = self.program[ip]
        op, name = self.ops[opcode], self.name(opcode)
        if name == "halt":
            assert answer == self.special["halt"], f"halt answered {answer}"
            return None
        popped = [self.stack.pop() for _ in range(op["pops"])]
        if name == "br_if":
            assert answer in (0, self.special["branch_taken"]), f"br_if answered {answer}"
            return ip + 1 if answer == 0 else self.jump(operand)
        assert answer < 256, f"{name} answered {answer}"
        if op["pushes"]:
            self.stack.append(answer)
        if name in ("local.set", "local.tee"):
            self.locals.add(operand)
        elif name == "fd_open":
            self.open(operand)
        elif name == "fd_read":
            self.files[popped[0]]["cursor"] += 1
        elif name == "fd_write":
            file = self.files[popped[1]]
            self.model.write_store(popped[1], answer, self.numbered(file["cursor"]))
            file["cursor"] += 1
        elif name == "fd_close":
            self.files[popped[0]]["open"] = False
        return ip + 1

    def jump(self, label):
        del self.loops[len(self.loops) - label :]
        loop = self.loops[-1]
        if loop[1] >= self.limits["iterations"]:
            return None
        loop[1] += 1
        return loop[0] + 1

    def open(self, number):
        file = self.files[number]
        if not file["made"]:
            for offset in range(self.limits["file_bytes"]):
                self.model.write_store(number, 0, self.numbered(offset))
        file.update(open=True, made=True, cursor=0)


def assemble(text, operations):
    """The program as (opcode, operand): one word an instruction, a number behind it its operand."""
    by_name = {op["mnemonic"]: op["opcode"] for op in operations}
    while "(;" in text:  # The innermost comment first.
        head, _, tail = text.partition(";)")
        text = head[: head.rindex("(;")] + " " + tail
    words = " ".join(line.partition(";;")[0] for line in text.splitlines()).split()
    program = []
    for word in words:
        if word in by_name:
            program.append([by_name[word], 0])
        else:
            program[-1][1] = int(word.replace("_", ""), 0)
    return [tuple(instruction) for instruction in program]


def main():
    folder, worldmodel, *paths = sys.argv[1:]

    def check(path):
        model = Transformer(Path(folder))
        tokens = Host(model, assemble(Path(path).read_text(), model.config["operations"])).run()
        return difference(tokens, worldmodel_tokens([worldmodel, "run", path, "--engine", "classic"]))

    return check_all(paths, check)


if __name__ == "__main__":
    sys.exit(main())
