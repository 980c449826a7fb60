"""What trainers do with rows, against their own code.

usage: trainer_rules.py AUDIT

Runs the converters of LLaMA-Factory and the data sets of mlx-lm as they are
installed, without the rest of those packages, over rows made here, and compares
how many they drop and fail on. Skips (77) where neither is installed.
"""
import contextlib
import importlib.util
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import types

AUDIT = sys.argv[1]
random.seed(20261126)


def source_of(package, path):
    """The file of an installed package, found without importing it."""
    spec = importlib.util.find_spec(package)
    if not spec or not spec.submodule_search_locations:
        return None
    file = os.path.join(spec.submodule_search_locations[0], *path.split("/"))
    return file if os.path.isfile(file) else None


def load(name, file, stubs):
    """One module, with stand-ins for what it imports."""
    for stub, members in stubs.items():
        module = types.ModuleType(stub)
        module.__path__ = []
        module.__dict__.update(members)
        sys.modules[stub] = module
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


# ---- rows -----------------------------------------------------------------------------------

def chat_row():
    roles = ["user", "assistant"] * random.randint(1, 3)
    if random.random() < 0.3:
        roles.insert(0, "system")
    kind = random.random()
    if kind < 0.1:
        roles.pop()
    elif kind < 0.2:
        roles.insert(random.randrange(len(roles)), random.choice(["user", "assistant", "system"]))
    elif kind < 0.25:
        roles[random.randrange(len(roles))] = random.choice(["human", "developer"])
    elif kind < 0.35:
        roles[-1:-1] = ["assistant", "tool", "tool"][: random.randint(1, 3)]
    messages = [{"role": r, "content": f"word {random.randrange(10 ** 9)}"} for r in roles]
    if random.random() < 0.05:
        del messages[random.randrange(len(messages))]["content"]
    return {"messages": messages}


def sharegpt_row():
    row = chat_row()["messages"]
    names = {"user": "human", "assistant": "gpt", "tool": "observation"}
    kept = 0.1 > random.random()
    return {"conversations": [{"from": m["role"] if kept else names.get(m["role"], m["role"]),
                               **({"value": m["content"]} if "content" in m else {})} for m in row]}


def alpaca_row():
    row = {"instruction": f"do {random.randrange(10 ** 9)}", "input": random.choice(["", "this"]),
           "output": f"done {random.randrange(10 ** 9)}"}
    if random.random() < 0.1:
        row["output"] = None
    return row


# ---- the trainers ------------------------------------------------------------------------------

class Attributes(types.SimpleNamespace):
    def __getattr__(self, name):
        return None


def llama_factory(file, rows):
    quiet = types.SimpleNamespace(warning_rank0=lambda *a: None, warning_rank0_once=lambda *a: None)
    roles = types.SimpleNamespace(**{r.upper(): types.SimpleNamespace(value=r) for r in
                                     ("user", "assistant", "system", "function", "observation")})
    module = load("lf.data.converter", file, {
        "lf": {}, "lf.data": {}, "lf.extras": {"logging": types.SimpleNamespace(get_logger=lambda n: quiet)},
        "lf.data.data_utils": {"Role": roles}})
    common = {"load_from": "file", "ranking": False}
    if "messages" in rows[0]:
        convert = module.OpenAIDatasetConverter(Attributes(
            messages="messages", role_tag="role", content_tag="content", user_tag="user", assistant_tag="assistant",
            observation_tag="tool", function_tag="function_call", system_tag="system", **common), None)
    elif "conversations" in rows[0]:
        convert = module.SharegptDatasetConverter(Attributes(
            messages="conversations", role_tag="from", content_tag="value", user_tag="human", assistant_tag="gpt",
            observation_tag="observation", function_tag="function_call", system_tag="system", **common), None)
    else:
        convert = module.AlpacaDatasetConverter(Attributes(
            prompt="instruction", query="input", response="output", **common), None)
    dropped = failed = 0
    for row in rows:
        try:
            made = convert(json.loads(json.dumps(row)))
        except Exception:
            failed += 1
            continue
        # SupervisedDatasetProcessor keeps what has an odd prompt and one response.
        dropped += len(made["_prompt"]) % 2 != 1 or len(made["_response"]) != 1
    return dropped, failed


class Tokenizer:
    eos_token_id = 0

    def apply_chat_template(self, messages, tools=None, return_dict=False, add_generation_prompt=False):
        return ["".join(m["role"] + (m.get("content") or "") for m in messages)]

    def encode(self, text):
        return [len(text), 1]


def mlx(file, lines):
    module = load("mlx.tuner.datasets", file, {
        "mlx": {}, "mlx.tuner": {}, "mlx.cli_ui": {"rprint": print},
        "transformers": {"PreTrainedTokenizer": object}})
    rows, failed = [], 0
    for line in lines:
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            failed += 1
    data = module.create_dataset(rows, Tokenizer(), types.SimpleNamespace())
    for row in rows:
        try:
            data.process(row)
        except Exception:
            failed += 1
    return 0, failed


# ---- comparison -----------------------------------------------------------------------------------

def ours(lines):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "train.jsonl")
        with open(path, "w", encoding="utf-8") as out:
            out.write("".join(line + "\n" for line in lines))
        done = subprocess.run([AUDIT, "data", path, "-f", "json"], stdout=subprocess.PIPE, check=False)
    return {t["name"]: (t["dropped"], t["failed"]) for t in json.loads(done.stdout)["data"]["trainers"]}


def compare(name, what, got, want):
    if got != want:
        print(f"{name}, {what}: dropped and failed {got}, its own code has {want}")
    return got != want


factory = source_of("llamafactory", "data/converter.py")
mlx_lm = source_of("mlx_lm", "tuner/datasets.py")
if not factory and not mlx_lm:
    print("skipped: neither llamafactory nor mlx_lm is installed")
    sys.exit(77)
faults = compared = 0
for what, make in (("chat", chat_row), ("sharegpt", sharegpt_row), ("alpaca", alpaca_row)):
    rows = [make() for _ in range(400)]
    lines = [json.dumps(row) for row in rows]
    if factory:
        compared += 1
        faults += compare("LLaMA-Factory", what, ours(lines)["LLaMA-Factory"], llama_factory(factory, rows))
chat = [json.dumps(chat_row()) for _ in range(200)]
mixed = chat + [json.dumps({"text": "x"}), json.dumps({"prompt": "a", "completion": "b"}), '{"messages": ['] + \
    ["", json.dumps({"messages": [{"role": "user", "content": "last"}, {"role": "assistant", "content": "end"}]})]
prompts = [json.dumps({"prompt": f"a{i}", "completion": f"b{i}"}) for i in range(30)] + [json.dumps({"prompt": "only"})]
for what, lines in (("chat", mixed), ("prompts", prompts)):
    if mlx_lm:
        compared += 1
        with contextlib.redirect_stdout(io.StringIO()):
            want = mlx(mlx_lm, lines)
        faults += compare("mlx-lm", what, ours(lines)["mlx-lm"], want)
print(f"{compared} comparisons, {faults} differ")
sys.exit(1 if faults else 0)
