"""What both checks share: an exported model read into PyTorch, and a list of rows that grows."""

import json
import struct
import subprocess
from concurrent.futures import ThreadPoolExecutor

import torch


def read_safetensors(path):
    """The tensors of a file, by name: eight bytes of length, a JSON header, raw little-endian f32."""
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", f"{name} is {entry['dtype']}"
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        # A head that sums asks nothing: its query has no components, and PyTorch reads no empty buffer.
        flat = torch.frombuffer(bytearray(raw[start:end]), dtype=torch.float32) if end > start else torch.zeros(0)
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


class Growing:
    """Rows of numbers that are added to and read as one matrix."""

    def __init__(self, width):
        self.rows, self.length = torch.zeros(64, width), 0

    def append(self, row):
        if self.length == len(self.rows):
            self.rows = torch.cat([self.rows, torch.zeros_like(self.rows)])
        self.rows[self.length] = row
        self.length += 1

    def all(self):
        return self.rows[: self.length]


def worldmodel_tokens(command):
    """The token sequence that a run of the Rust command gives."""
    done = subprocess.run([*command, "--json", "--tokens"], capture_output=True, text=True, check=False)
    return json.loads(done.stdout)["token_ids"]


def difference(tokens, reference):
    """Where two sequences differ, in words; None if nowhere."""
    if tokens == reference:
        return None
    pairs = enumerate(zip(tokens, reference))
    first = next((at for at, (ours, theirs) in pairs if ours != theirs), min(len(tokens), len(reference)))
    return f"token {first} of {len(tokens)} and {len(reference)} differs"


def check_all(cases, check):
    """Runs `check(case)` for all cases, two at a time, and prints what is wrong; the exit status."""
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)

    def checked(case):
        try:
            return check(case)
        except Exception as error:  # One case's failure must not hide the others.
            return f"{type(error).__name__}: {error}"

    failed = 0
    with ThreadPoolExecutor(2) as pool:
        for case, problem in zip(cases, pool.map(checked, cases)):
            if problem:
                failed += 1
                print(f"{case}: {problem}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed or not cases else 0
