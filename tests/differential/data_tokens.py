"""Tokens of training data against transformers' apply_chat_template.

usage: data_tokens.py AUDIT DATA MODELS...

For each model of the folders MODELS that has a tokenizer.json and a chat
template, the conversations of DATA (the emergency-relief set) are rendered and
tokenized by the reference; total, longest and shortest must agree. Skips (77)
where transformers is not installed.
"""
import json
import os
import subprocess
import sys

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["HF_HUB_OFFLINE"] = "1"
try:
    from transformers import AutoTokenizer, PreTrainedTokenizerFast
except ImportError:
    print("skipped: transformers is not installed")
    sys.exit(77)

AUDIT, DATA = sys.argv[1:3]


def folders():
    for top in sys.argv[3:]:
        for name in sorted(os.listdir(top)) if os.path.isdir(top) else []:
            folder = os.path.join(top, name)
            if os.path.isfile(os.path.join(folder, "tokenizer.json")):
                yield folder


def load(folder):
    try:
        return AutoTokenizer.from_pretrained(folder)
    except Exception:
        return PreTrainedTokenizerFast(tokenizer_file=os.path.join(folder, "tokenizer.json"))


def turns(row):
    prompt = row["instruction"] + ("\n" + row["input"] if row["input"] else "")
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": row["output"]}]


rows = json.load(open(DATA, encoding="utf-8"))["examples"]
compared = failures = 0
for folder in folders():
    try:
        tokenizer = load(folder)
    except Exception as why:
        print(f"{folder}: the reference does not load it: {str(why)[:80]}")
        continue
    if not tokenizer.chat_template:
        continue
    lengths, refused = [], 0
    for row in rows:
        try:
            lengths.append(len(tokenizer.apply_chat_template(turns(row), tokenize=True, return_dict=False)))
        except Exception:
            refused += 1
    done = subprocess.run([AUDIT, "data", DATA, "--model", folder, "-f", "json"], stdout=subprocess.PIPE,
                          check=False)
    data = json.loads(done.stdout)["data"]
    ours = data.get("tokens", {"total": 0, "examples": 0, "per_example": {"max": 0, "min": 0}})
    if ours.get("estimated"):
        print(f"{folder}: not counted: {ours['how']}")
        continue
    got = (ours["examples"], ours["total"], ours["per_example"]["min"], ours["per_example"]["max"])
    want = (len(lengths), sum(lengths), min(lengths, default=0), max(lengths, default=0))
    compared += 1
    if got != want:
        failures += 1
        print(f"{folder}: examples, total, shortest, longest: {got}, the reference has {want}")
print(f"{compared} models compared, {failures} differ")
sys.exit(1 if failures else 0 if compared else 77)
