#!/usr/bin/env python3
"""Writes the fixtures of the tokenizer tests: golden token ids, and chats as prompts.

    python3 -m venv VENV && VENV/bin/pip install tokenizers transformers jinja2 gguf
    VENV/bin/python engine/tests/tokenizer/make.py --gguf SmolLM2-135M-Instruct.Q4_1.gguf \
        --qwen3 FOLDER_WITH_tokenizer.json_AND_tokenizer_config.json [--llama]

The two inputs are what `cargo xtask setup` keeps in `models/` of its cache folder. `--llama` also compares the
SmolLM2 ids with `llama-cpp-python`, where that is installed; it writes nothing.

Everything is deterministic: the same versions of the packages give the same files. See README.md beside this file.
"""

import argparse
import json
import random
import sys
import unicodedata
from pathlib import Path

import gguf
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

HERE = Path(__file__).parent
ROOT = HERE.parents[2]

CODE = [
    'def fibonacci(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a\n',
    'class Point:\n    """A point."""\n\n    def __init__(self, x: float = 0.0):\n        self.x = x  # metres\n',
    'fn main() -> Result<(), Box<dyn Error>> {\n    let xs: Vec<u8> = (0..=255).collect();\n    println!("{xs:?}");\n    Ok(())\n}\n',
    "impl<'a, T: 'a + ?Sized> Iterator for Iter<'a, T> {\n\ttype Item = &'a T;\n}\n",
    '#include <stdio.h>\n\nint main(void) {\n\tprintf("%d\\n", 0x7fffffff);\n\treturn 0;\n}\n',
    'template <typename... Ts> auto sum(Ts... ts) { return (ts + ... + 0); }\n',
    "const f = async (x) => { await fetch(`/api/${x}?q=${encodeURIComponent('é')}`); };\n",
    'export interface Props { readonly id: string; onChange?: (v: number | null) => void }\n',
    'SELECT name, COUNT(*) AS n FROM users WHERE age >= 21 GROUP BY name HAVING n > 1 ORDER BY n DESC;\n',
    'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println("hello, 世界")\n}\n',
    'public static void main(String[] args) {\n    System.out.println(args.length);\n}\n',
    'module Main where\n\nmain :: IO ()\nmain = mapM_ print $ takeWhile (<100) [x^2 | x <- [1..], odd x]\n',
    '(defun factorial (n)\n  (if (<= n 1) 1 (* n (factorial (- n 1)))))\n',
    "#!/bin/sh\nset -eu\nfor f in *.txt; do mv -- \"$f\" \"${f%.txt}.md\"; done\n",
    '<!DOCTYPE html>\n<html lang="en"><body class="a b">&amp;&nbsp;<br/></body></html>\n',
    '@media (max-width: 40em) { .card > a:hover::after { content: "\\201C"; } }\n',
    '{"a": [1, 2.5e-3, null, true], "b": {"c": "\\u00e9\\n"}}\n',
    '[package]\nname = "x"\nversion = "0.1.0"\n\n[dependencies]\nserde = { version = "1" }\n',
    'name: build\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n',
    '\\begin{equation}\n  \\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2}\n\\end{equation}\n',
    '| a | b |\n|---|:-:|\n| 1 | **2** |\n\n> quote\n\n1. one\n   - two\n\n```rust\nlet x = 1;\n```\n',
    'diff --git a/x b/x\n@@ -1,3 +1,4 @@\n-old\n+new\n \t context\n',
    "x = [i for i in range(10) if i%2==0]; print(f'{x!r:>20}')\n",
    'mov eax, dword ptr [rbp - 4]\nadd eax, 1\njne .LBB0_2\n',
    'std::cout<<"a"<<std::endl;//comment\n/* block\n   comment */\n',
]

WORDS = {
    'latin': 'The quick brown fox jumps over the lazy dog while café naïveté façade Übermut señor œuvre Łódź '
    'straße İstanbul Ångström crème brûlée peut-être aujourd’hui hyvää päivää příliš žluťoučký kůň',
    'cyrillic': 'Съешь же ещё этих мягких французских булок да выпей чаю Привет мир щастя їжак ґанок Ђорђе',
    'greek': 'Ξεσκεπάζω τὴν ψυχοφθόρα βδελυγμία Καλημέρα κόσμε ἀρχὴ ἥμισυ παντός σοφός ΟΔΥΣΣΕΥΣ',
    'arabic': 'السلام عليكم ورحمة الله وبركاته اللغة العربية جميلة جداً مُحَمَّد ٱلرَّحْمَٰن كتاب فارسی گفتگو پنجره',
    'hebrew': 'שלום עולם דג סקרן שט בים מאוכזב ולפתע מצא חברה בְּרֵאשִׁית בָּרָא',
    'devanagari': 'नमस्ते दुनिया हिन्दी में लिखा हुआ वाक्य क्षत्रिय ज्ञान श्रीमान् कर्ण विद्यार्थी संस्कृतम्',
    'bengali': 'আমার সোনার বাংলা আমি তোমায় ভালোবাসি ক্ষমতা',
    'tamil': 'வணக்கம் உலகம் தமிழ் மொழி இனிமையானது',
    'thai': 'สวัสดีชาวโลก ภาษาไทยไม่มีช่องว่างระหว่างคำ กำลัง น้ำ',
    'han': '你好，世界！ 天地玄黃 宇宙洪荒 人工智能模型 計算機科學 龍馬精神 𠮷野家 㐀㐁',
    'japanese': 'こんにちは世界 いろはにほへと ちりぬるを カタカナ ｶﾀｶﾅ 半角 ﾊﾟﾋﾟ がぎぐ 東京都',
    'hangul': '안녕하세요 세계 키스의 고유조건은 입술끼리 만나야 하고 한글 맞춤법 값 닭 ㄱㄴㄷ',
    'georgian': 'გამარჯობა მსოფლიო საქართველო ᲒᲐᲛᲐᲠᲯᲝᲑᲐ',
    'armenian': 'Բարեւ աշխարհ Հայաստան և',
    'ethiopic': 'ሰላም ልዑል ዓለም',
    'khmer': 'សួស្តីពិភពលោក ភាសាខ្មែរ',
    'vietnamese': 'Xin chào thế giới tiếng Việt có nhiều dấu phức tạp Nguyễn Huệ đường',
}

EMOJI = [
    '😀', '😀😃😄😁', '👍🏽', '👩‍💻', '👨‍👩‍👧‍👦', '🏳️‍🌈', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🇩🇪🇫🇷🇯🇵', '❤️', '❤', '☎️', '1️⃣2️⃣#️⃣', '🧑🏿‍🤝‍🧑🏻', '🤷‍♀️',
    '🫠🫨🪿', '🐻‍❄️', '👁️‍🗨️', '🧔🏾‍♂️', '🚴🏼‍♀️🚴🏼‍♀️', '😶‍🌫️', '🔟', '🈁🈚', '🀄🃏', '☃☀★♠', '⌚️⏰', '🧬🔬', '👯‍♂️ dancing',
]

SPECIAL = [
    '<|im_start|>', '<|im_end|>', '<|endoftext|>', '<think>', '</think>', '<tool_call>', '</tool_response>',
    '<repo_name>', '<|fim_prefix|>', '<file_sep>', '<jupyter_code>', '<|vision_start|>', '<empty_output>',
]


def strings():
    """The strings to tokenize, in a fixed order; each one once."""
    rng = random.Random(12 * 11)
    out = ['', ' ', '\n', 'a', 'Hello, world!', 'Calculate 12 * 11', "what's 605 * 1213?"]

    # Code, whole and cut in the middle; the project's own WebAssembly text.
    for text in CODE:
        out += [text, text.rstrip('\n'), text.replace('\n', '\r\n')]
        for _ in range(3):
            start = rng.randrange(len(text) // 2)
            out.append(text[start : start + rng.randrange(5, 60)])
    for path in sorted((ROOT / 'engine/tests/sandbox').glob('*.wat')):
        text = path.read_text(encoding='utf-8')
        if len(text) < 700:
            out.append(text)
    ops = 'local.get 0;local.set $x;i32.const -7;f64.const 3.14e-2;i64.mul;f64.div;i32.load offset=4;call $compute;br_if 0;end;drop'
    for op in ['mul', 'add', 'sub', 'div']:
        for kind in ['f64', 'i32']:
            a, b = rng.randrange(1000), rng.randrange(1000)
            out.append(
                f'(module (func $compute (param {kind} {kind}) (result {kind}) local.get 0 local.get 1 {kind}.{op}) '
                '(export "compute" (func $compute)))'
            )
            out.append(f'(module (func (result {kind}) {kind}.const {a} {kind}.const {b} {kind}.{op}) (export "main" (func 0)))')
    out += ops.split(';')
    out.append('<wat_model>(module)</wat_model> <computed>84</computed> <requires>')

    # Digits and numbers.
    for digits in range(1, 22):
        out.append(''.join(rng.choice('0123456789') for _ in range(digits)))
    for _ in range(60):
        a, b = rng.randrange(10 ** rng.randrange(1, 7)), rng.randrange(10 ** rng.randrange(1, 7))
        out.append(rng.choice(['{} * {} = {}', '{}+{}={}', 'What is {} - {}? {}', '{} / {} ≈ {}', '({},{})->{}', '{}.{}e{}']).format(a, b, a * b))
    out += ['3.14159', '-0.5e-10', '1,234,567.89', '0xDEADBEEF', '1_000_000', '12:34:56', '2024-02-29', '½ ¾ ⅓', 'x²+y³', '٠١٢٣', '१२३४५',
            '一二三四五', 'Ⅳ ⅻ', '①②③⓪', '𝟘𝟙𝟚', '৪২', '１２３', '²³¹', '50%', '$1000', '€5,99', '10°C', '1/2', '1e309', '+49 (0)30 123-456', '𐄇𐄈']

    # Scripts: prefixes, pairs, whole lines, upper case, without spaces, decomposed.
    for text in WORDS.values():
        words = text.split()
        out.append(text)
        out.append(''.join(words)[:80])
        for _ in range(12):
            chosen = [rng.choice(words) for _ in range(rng.randrange(1, 6))]
            out.append(rng.choice([' ', '  ', ', ', '\n', '-', "'", '_', '\u00a0', '']).join(chosen))
        out += [text.upper()[:60], text.lower()[:60], unicodedata.normalize('NFD', text)[:80], unicodedata.normalize('NFKD', text)[:60]]
        out += [' ' + words[0], words[-1] + ' ', words[0] + '\n\n' + words[-1], words[0] + str(rng.randrange(10**6)), words[0][:1]]

    # Contractions: their case, their look-alikes (the long s folds to s), what surrounds them.
    for tail in ['s', 't', 're', 've', 'm', 'll', 'd', 'S', 'LL', 'Re', 'ſ', 'x', 'K']:
        out += [f"it'{tail}", f"'{tail}", f"I'{tail} go", f" '{tail}'{tail}", f'it’{tail}']

    # Emoji, alone and among words.
    for emoji in EMOJI:
        out += [emoji, f'a{emoji}b', f'{emoji} {emoji}', f' {emoji}\n']

    # Whitespace of every kind, in runs.
    for blank in [' ', '\t', '\n', '\r', '\r\n', '\u00a0', '\u2003', '\u3000', '\u200b', '\u2028', '\u0085', '\u000b', '\u000c', '\ufeff', '\u1680', '\u180e', '\u202f']:
        for count in [1, 2, 3, 7]:
            out += [f'a{blank * count}b', f'{blank * count}x', f'x{blank * count}']
    for count in [4, 8, 15, 16, 17, 31, 64, 100, 255, 1000]:
        out += [' ' * count, ' ' * count + 'x', '\n' * count, '\t' * count + '}']
    for _ in range(80):
        out.append(''.join(rng.choice([' ', ' ', '\n', '\t', '\r\n', 'a', '1', '.', '\u00a0', 'é']) for _ in range(rng.randrange(2, 30))))

    # Control characters and other things that are no text.
    for code in list(range(32)) + [127] + list(range(0x80, 0xA0)):
        out.append(f'a{chr(code)}b')
    out += ['\x00', '\x00\x00\x00', '\x1b[31mred\x1b[0m', '\ufffd', '\ufffd\ufffd', '\uffff', '\ufdd0', '\U0010ffff', '\u202eabc\u202c', 'a\u0301', '\u0301',
            '\u00ad', '\u2060', '\ufe0f', '\u200d', 'e\u0323\u0307', '\u1e9b\u0323', '\ufb01', 'Å', '\u212b', '\u2126', '\ue000', '\U000e0001', '\ud7a3', '\u1100\u1161\u11a8',
            'Z̷̙͉̯͕a̷̳̮l̴͚g̵̠o̸͇', '\u0958', '\u2adc', '\u0344', '\U0001d15e', '\uf900', '\U0002f800']

    # Long words, repetition, punctuation.
    out += ['a' * 50, 'a' * 1000, 'ab' * 500, 'Donaudampfschifffahrtsgesellschaftskapitän' * 6, '0' * 300, '!' * 100, '=' * 80, '-' * 79 + '\n',
            'é' * 200, '中' * 200, '😀' * 60, 'x' * 257 + ' ' + 'y' * 3, '.' * 7, '…' * 5, 'ACGT' * 60, 'http://example.org/a/b?c=d&e=f#g', 'someone@example.org',
            'C:\\Users\\x\\file.txt', '/usr/local/bin:/bin', 'camelCaseAndPascalCase snake_case_name SCREAMING_CASE kebab-case', '«“”‘’„»', '¿¡', '—–‐', '()[]{}<>',
            'a.b,c;d:e!f?g', '->=>!=<=>=', '&&||!~^', '"\'`', '###', '***bold***', '\\n\\t\\\\', '©®™', '∀x∈ℝ: ⌈x⌉ = −⌊−x⌋', '🜁', 'ﷺ', 'ᚠᛇᚻ', '𓂀𓃒', '𝔘𝔫𝔦𝔠𝔬𝔡𝔢', 'ꙮ',
            'Ω≈ç√∫˜µ≤≥÷', '⁦test⁧', '̡͓̞ͅI̗c͙', '\u2066', 'ⓐⓑ', 'ａｂｃ', 'ɐqɔ', '̲a̲']
    for _ in range(40):
        out.append(''.join(chr(rng.choice([rng.randrange(33, 127), rng.randrange(0xA1, 0x250), rng.randrange(0x370, 0x530)])) for _ in range(rng.randrange(5, 40))))

    # Any assigned or unassigned character of the whole of Unicode: the two regular-expression engines and the
    # normalization tables meet what nobody writes. Characters that were assigned after the oldest table among
    # the programs compared are left out: they differ only in what year it is.
    while len(out) < 1560:
        text = ''.join(chr(code) for code in (rng.randrange(0x20000) for _ in range(rng.randrange(2, 12))) if not 0xD800 <= code < 0xE000)
        if text and all(unicodedata.category(c) != 'Cn' for c in text):
            out.append(text)

    # All of it mixed.
    parts = [t for t in out if 0 < len(t) < 40]
    for _ in range(150):
        out.append(''.join(rng.choice(parts) for _ in range(rng.randrange(2, 5))))

    # What looks like a special token, whole and broken.
    for text in SPECIAL:
        out += [text, f'a{text}b', f' {text} ', f'{text}{text}', text[:-1], text[1:], text.upper(), f'{text}\n']
    out.append('<|im_start|>user\nWhat is 12 * 11?<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n132<|im_end|>')
    out.append('<<|im_end|>><|im_end|<|im_end|>|im_end|>')
    return list(dict.fromkeys(out))


def smollm2(path):
    """The SmolLM2 tokenizer from the metadata of its GGUF file, as its published tokenizer.json describes it."""
    fields = gguf.GGUFReader(path).fields
    field = lambda name: fields['tokenizer.' + name].contents()
    tokens = field('ggml.tokens')
    merges = [tuple(merge.split(' ')) for merge in field('ggml.merges')]
    tokenizer = Tokenizer(models.BPE({token: id for id, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    without = Tokenizer.from_str(tokenizer.to_str())
    control = [token for token, kind in zip(tokens, field('ggml.token_type')) if kind == gguf.TokenType.CONTROL]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])
    return tokenizer, without, field('chat_template')


def qwen3(folder):
    """The Qwen3 tokenizer as published, and the same without its added tokens."""
    text = (folder / 'tokenizer.json').read_text(encoding='utf-8')
    template = json.loads((folder / 'tokenizer_config.json').read_text(encoding='utf-8'))['chat_template']
    plain = json.loads(text) | {'added_tokens': []}
    return Tokenizer.from_str(text), Tokenizer.from_str(json.dumps(plain)), template


CONVERSATIONS = [
    [('user', 'Calculate 12 * 11')],
    [('system', 'You are terse.'), ('user', 'What is the capital of France?')],
    [('user', 'Hi'), ('assistant', 'Hello! How can I help?'), ('user', 'Sort [5, 2, 8, 1, 9]')],
    [('system', 'Be kind.\n\nAnswer in German.'), ('user', 'Wie geht’s? 👩‍💻'), ('assistant', 'Gut,\n\ndanke!\n'), ('user', '再见\n')],
    [('user', '17 * 23?'), ('assistant', '<think>\n17 * 23 = 391\n</think>\n\n391'), ('user', 'Sure?')],
    [('user', '17 * 23?'), ('assistant', '<think>\nlong\n\nthought\n</think>\n\nIt is 391.')],
    [('user', 'a'), ('assistant', 'b'), ('user', 'c'), ('assistant', 'd'), ('user', '  spaces around  ')],
    [('user', '')],
    [('system', ''), ('user', 'x')],
    [('user', 'first'), ('system', 'in the middle'), ('user', 'last')],
    [('user', 'one'), ('user', 'two')],
    [('user', '{{ messages }} {% raw %} {# not a template #}')],
    [('user', '\n\nlines\r\n\tand tabs\n\n')],
    [('user', 'q'), ('assistant', 'no closing <think> here'), ('user', 'q2')],
    [('user', 'q'), ('assistant', '<think>\n\n</think>\n\nempty thought'), ('user', 'q2'), ('assistant', '<think>t</think>tight')],
    [('assistant', 'I begin.'), ('user', 'Odd.')],
]


def chats(name, tokenizer, template):
    """Every conversation as a prompt: with and without the header of the answer; for Qwen3 with both ways to think."""
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, chat_template=template)
    for conversation in CONVERSATIONS:
        messages = [{'role': role, 'content': content} for role, content in conversation]
        for answer in [True, False]:
            for thinking in [True, False] if name == 'qwen3' and answer else [True]:
                prompt = fast.apply_chat_template(
                    messages, tokenize=False, add_generation_prompt=answer, enable_thinking=thinking
                )
                yield {'messages': messages, 'answer': answer, 'thinking': thinking, 'prompt': prompt,
                       'ids': tokenizer.encode(prompt, add_special_tokens=False).ids}


def write_lines(path, values):
    """One JSON value a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = ''.join(json.dumps(value, separators=(',', ':'), ensure_ascii=True) + '\n' for value in values)
    path.write_text(text, encoding='utf-8')
    print(f'{path.relative_to(ROOT)}: {text.count(chr(10))} lines, {len(text) / 1000:.0f} kB')


def golden(tokenizer, without, texts):
    """One object a string: its ids; `text`, the ids when special tokens are but text, where they differ; `back`,
    what the ids decode to, where that is another string (a normalized one, or one with bytes left out)."""
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        entry = {'ids': ids}
        plain = without.encode(text, add_special_tokens=False).ids
        if plain != ids:
            entry['text'] = plain
        back = tokenizer.decode(ids, skip_special_tokens=False)
        if back != text:
            entry['back'] = back
        yield entry


def compare_with_llama(path, tokenizer, texts):
    """How often llama.cpp agrees with the reference ids."""
    from llama_cpp import Llama

    llama = Llama(str(path), vocab_only=True, verbose=False)
    different = []
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        if llama.tokenize(text.encode(), add_bos=False, special=True) != ids:
            different.append(text)
    print(f'llama.cpp agrees on {len(texts) - len(different)} of {len(texts)} strings')
    for text in different:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        print(f'  {text[:60]!r}: {ids[:12]} against {llama.tokenize(text.encode(), add_bos=False, special=True)[:12]}')


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('--gguf', type=Path, required=True)
    arguments.add_argument('--qwen3', type=Path, required=True)
    arguments.add_argument('--llama', action='store_true')
    arguments = arguments.parse_args()
    texts = strings()
    families = {'qwen3': qwen3(arguments.qwen3), 'smollm2': smollm2(arguments.gguf)}
    if arguments.llama:
        return compare_with_llama(arguments.gguf, families['smollm2'][0], texts)
    write_lines(HERE / 'golden/strings.jsonl', texts)
    for name, (tokenizer, without, template) in families.items():
        write_lines(HERE / f'golden/{name}.jsonl', golden(tokenizer, without, texts))
        write_lines(HERE / f'golden/{name}_chats.jsonl', chats(name, tokenizer, template))
        (HERE / f'templates/{name}.jinja').write_text(template, encoding='utf-8')
    return None


if __name__ == '__main__':
    sys.exit(main())
