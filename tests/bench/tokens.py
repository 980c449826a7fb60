"""The reference library and tiktoken over the same text and vocabulary: for bench (e).

usage: tokens.py text OUT               the standard library's code and words in many scripts
       tokens.py make OUT TEXT          a vocabulary of 200,000 entries, trained on TEXT
       tokens.py count TOKENIZER.JSON TEXT RUNS
       tokens.py tiktoken TOKENIZER.JSON TEXT RUNS

Documents are whole lines until there are 2,000 bytes. Prints processor seconds a run and tokens.
"""
import glob
import json
import os
import random
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
         r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
         r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")


WORDS = ("the of and to a in is it you that he was for on are with as his they at be this from "
         "straße naïve café señor garçon привет мир как дела и не что быть κόσμος και το ένα "
         "漢字 かな 交じり 東京 です ました 中文 文本 数据 模型 한국어 텍스트 שלום עולם مرحبا بالعالم "
         "नमस्ते दुनिया สวัสดี ชาวโลก 🙂 🚀 — “quoted” 2024 3.14 50%").split()


def text(out):
    """About 24 MB: code, and a tenth of mixed scripts."""
    random.seed(1)
    size, paths = 0, sorted(glob.glob(os.path.dirname(os.__file__) + "/**/*.py", recursive=True))
    with open(out, "w", encoding="utf-8", newline="\n") as f:
        for path in paths:
            if size > 24e6:
                break
            with open(path, encoding="utf-8", errors="replace") as code:
                part = code.read()
            words = " ".join(random.choices(WORDS, k=max(1, len(part) // 80)))
            f.write(part + "\n" + words + "\n")
            size += len(part)


def documents(path):
    out, size, part = [], 0, []
    with open(path, "rb") as f:
        for line in f:
            part.append(line)
            size += len(line)
            if size >= 2000:
                out.append(b"".join(part).decode("utf-8", "replace"))
                size, part = 0, []
    if part:
        out.append(b"".join(part).decode("utf-8", "replace"))
    return out


def byte_chars():
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    table, n = {b: chr(b) for b in keep}, 0
    for b in range(256):
        if b not in table:
            table[b] = chr(256 + n)
            n += 1
    return table


def make(out, text):
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(O200K), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    # The text alone has too few different words for so many entries.
    random.seed(2)
    syllables = [a + b for a in "bcdfghklmnprstvwz" for b in ("a", "e", "i", "o", "u", "al", "en")]
    words = [" " + "".join(random.choices(syllables, k=random.randint(3, 5)))
             for _ in range(120000)]
    tok.train_from_iterator(documents(text) + words, trainers.BpeTrainer(
        vocab_size=200000, min_frequency=1, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tok.save(out)
    print(tok.get_vocab_size(), "entries")


def measure(name, count, docs, runs):
    for _ in range(runs):
        begin = time.process_time()
        total = count(docs)
        print(f"{name} {time.process_time() - begin:.6f} {total}")


def reference(path, docs, runs):
    from tokenizers import Tokenizer
    begin = time.process_time()
    tok = Tokenizer.from_file(path)
    print(f"load {time.process_time() - begin:.6f}")
    measure("encode", lambda d: sum(len(tok.encode(x, add_special_tokens=False).ids) for x in d),
            docs, runs)
    # The fastest call it has: without offsets, a batch, one thread.
    measure("batch", lambda d: sum(len(e.ids) for e in tok.encode_batch_fast(
        d, add_special_tokens=False)), docs, runs)


def tiktoken(path, docs, runs):
    import tiktoken as tt
    with open(path, encoding="utf-8") as f:
        model = json.load(f)["model"]
    back = {c: b for b, c in byte_chars().items()}
    ranks = {bytes(back[c] for c in piece): i for piece, i in model["vocab"].items()}
    begin = time.process_time()
    enc = tt.Encoding("bench", pat_str=O200K, mergeable_ranks=ranks, special_tokens={})
    print(f"load {time.process_time() - begin:.6f}")
    measure("encode", lambda d: sum(len(enc.encode_ordinary(x)) for x in d), docs, runs)


if sys.argv[1] == "text":
    text(sys.argv[2])
elif sys.argv[1] == "make":
    make(*sys.argv[2:4])
else:
    {"count": reference, "tiktoken": tiktoken}[sys.argv[1]](
        sys.argv[2], documents(sys.argv[3]), int(sys.argv[4]))
