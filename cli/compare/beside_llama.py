#!/usr/bin/env python3
"""`worldmodel bench --model` beside llama.cpp, in turns, so that both meet the same machine.

    pip install llama-cpp-python
    cargo build --release -p cli
    python3 cli/compare/beside_llama.py WORLDMODEL MODEL.gguf [ROUNDS]

WORLDMODEL is the built command. Prints, for one and two threads, the medians of prefill (256 tokens) and decode (128
tokens) in tokens a second, and their ratio.
"""

import json
import statistics
import subprocess
import sys
import time

PROMPT, ADDED = 256, 128


def theirs(model, threads):
    import llama_cpp

    llm = llama_cpp.Llama(
        model, n_ctx=1024, n_threads=threads, n_threads_batch=threads, n_batch=PROMPT, verbose=False)
    llm.eval([0])
    llm.reset()
    prompt = [(100 + 7 * at) % llm.n_vocab() for at in range(PROMPT)]
    start = time.perf_counter()
    llm.eval(prompt)
    token = llm.sample(temp=0.0)
    prefilled = time.perf_counter()
    for _ in range(ADDED):
        llm.eval([token])
        token = llm.sample(temp=0.0)
    return PROMPT / (prefilled - start), ADDED / (time.perf_counter() - prefilled)


def ours(command, model, threads):
    done = subprocess.run(
        [command, "bench", "--model", model, "--threads", str(threads), "--json"], check=True, capture_output=True)
    result = json.loads(done.stdout)
    return result["prefill_tokens_per_s"], result["decode_tokens_per_s"]


if __name__ == "__main__":
    command, model = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    for threads in (1, 2):
        pairs = [(ours(command, model, threads), theirs(model, threads)) for _ in range(rounds)]
        for at, what in enumerate(("prefill", "decode")):
            mine = statistics.median(pair[0][at] for pair in pairs)
            other = statistics.median(pair[1][at] for pair in pairs)
            print(f"{threads} thread(s), {what}: {mine:.1f} and llama.cpp {other:.1f} tokens/s, {mine / other:.2f} x")
