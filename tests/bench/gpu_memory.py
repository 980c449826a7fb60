#!/usr/bin/env python3
"""Measures peak GPU memory of short training and inference runs, for tests/data/gpu-memory-*.json.

    gpu_memory.py CASES.json OUT.jsonl [--part I/N] [--no-history]

CASES.json: {"configs": {name: {...}}, "cases": [{"model", "method", "seq", "batch", ...}]}. Keys of a case:
method full | full_fp32 | fp32 | lora | lora_attn | qlora | infer; trainer transformers | torch; checkpointing, attn,
accumulation, optim (a transformers name, or sgd, lion for the plain loop), padded, double_quant. One line of JSON per
case: what torch.cuda counted, and which blocks were alive at the peak (size, number, where they were made).
Needs a CUDA device, torch, transformers, peft; qlora and 8-bit optimizers need bitsandbytes.
"""
import collections, gc, json, os, sys, time, traceback

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
import torch, transformers
from transformers import AutoConfig, AutoModelForCausalLM

transformers.logging.set_verbosity_error()
HISTORY = "--no-history" not in sys.argv


def build(config, case):
    c = dict(config)
    kind = c.pop("model_type")
    cfg = AutoConfig.for_model(kind, **c)
    kw = {"attn_implementation": case.get("attn", "sdpa")}
    dtype = torch.float32 if case["method"] in ("full_fp32", "fp32") else torch.bfloat16
    if case["method"] == "qlora":
        import tempfile
        from transformers import BitsAndBytesConfig
        d = tempfile.mkdtemp()
        with torch.device("cuda"):
            m = AutoModelForCausalLM.from_config(cfg, dtype=dtype)
        m.save_pretrained(d); del m; gc.collect(); torch.cuda.empty_cache()
        q = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16, bnb_4bit_use_double_quant=bool(case.get("double_quant")))
        torch.cuda.reset_peak_memory_stats()
        return AutoModelForCausalLM.from_pretrained(d, quantization_config=q, dtype=dtype, device_map={"": 0}, **kw)
    with torch.device("cuda"):
        return AutoModelForCausalLM.from_config(cfg, dtype=dtype, **kw)


def adapters(m, case):
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
    if case["method"] == "qlora":
        m = prepare_model_for_kbit_training(m, use_gradient_checkpointing=bool(case.get("checkpointing")), gradient_checkpointing_kwargs={"use_reentrant": False})
    t = "all-linear" if case["method"] in ("lora", "qlora") else case.get("targets", ["q_proj", "k_proj", "v_proj", "o_proj"])
    return get_peft_model(m, LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules=t, task_type="CAUSAL_LM"))


def frames(fs):
    out = []
    for f in fs:
        n = f["filename"]
        if any(k in n for k in ("/transformers/", "/peft/", "/accelerate/", "/bitsandbytes/", "nn/functional.py", "torch/utils/checkpoint", "torch/optim")) and "<" not in n:
            out.append("%s:%d:%s" % ("/".join(n.split("/")[-2:]), f["line"], f["name"]))
        if len(out) == 3:
            break
    return " < ".join(out)


def start():
    if HISTORY:
        torch.cuda.memory._record_memory_history(max_entries=400000, stacks="python", context="alloc")


def at_peak():
    """Blocks alive when the recorded steps were at their highest."""
    if not HISTORY:
        return None
    s = torch.cuda.memory._snapshot()
    torch.cuda.memory._record_memory_history(enabled=None)
    ev = [e for e in s["device_traces"][torch.cuda.current_device()] if e["action"] in ("alloc", "free_completed")]
    cur = best = 0; when = 0
    for i, e in enumerate(ev):
        cur += e["size"] if e["action"] == "alloc" else -e["size"]
        if cur > best:
            best, when = cur, i
    live = {}
    for e in ev[:when + 1]:
        if e["action"] == "alloc":
            live[e["addr"]] = e
        else:
            live.pop(e["addr"], None)
    c = collections.Counter(); last = list(live.values())[-12:]
    for e in live.values():
        c[(e["size"], frames(e.get("frames") or []))] += 1
    rows = sorted(([k[0], n, k[1]] for k, n in c.items() if k[0] * n > 100000), key=lambda r: -r[0] * r[1])
    return {"above_start": best, "events": len(ev), "blocks": rows[:60], "last": [[e["size"], frames(e.get("frames") or [])] for e in last]}


def ids_of(case, config):
    return torch.randint(0, config["vocab_size"] - 1, (case["batch"], case["seq"]), device="cuda")


def torch_loop(m, case, config, row):
    params = [p for p in m.parameters() if p.requires_grad]
    o = case.get("optim", "adamw")
    opt = torch.optim.AdamW(params, lr=1e-4) if o == "adamw" else torch.optim.SGD(params, lr=1e-4) if o == "sgd" else None
    auto = torch.autocast("cuda", torch.bfloat16, enabled=case["method"] == "full_fp32")
    ids = ids_of(case, config); t = []
    row["steady_alloc"] = torch.cuda.memory_allocated()
    extra = {"attention_mask": mask_of(case)} if case.get("padded") else {}
    for step in range(3):
        if step == 2:
            start()
        torch.cuda.synchronize(); t0 = time.time()
        for _ in range(case.get("accumulation", 1)):
            with auto:
                loss = m(input_ids=ids, labels=ids, use_cache=False, **extra).loss
            if step == 2:
                row["after_forward_alloc"] = torch.cuda.memory_allocated()
            loss.backward(); del loss
        opt.step(); opt.zero_grad(set_to_none=True)
        torch.cuda.synchronize(); t.append(time.time() - t0)
    row["step_s"] = min(t[1:])
    row["peak"] = at_peak()


def mask_of(case):
    mask = torch.ones(case["batch"], case["seq"], dtype=torch.long, device="cuda")
    mask[0, -max(1, case["seq"] // 8):] = 0
    return mask


class Data(torch.utils.data.Dataset):
    def __init__(self, case, config):
        self.case, self.v = case, config["vocab_size"]

    def __len__(self):
        return 4096

    def __getitem__(self, i):
        ids = torch.randint(0, self.v - 1, (self.case["seq"],))
        r = {"input_ids": ids, "labels": ids.clone()}
        if self.case.get("padded"):
            mask = torch.ones(self.case["seq"], dtype=torch.long)
            if i % 2 == 0:
                mask[-max(1, self.case["seq"] // 8):] = 0
            r["attention_mask"] = mask
        return r


def hf_loop(m, case, config, row):
    from transformers import Trainer, TrainingArguments, TrainerCallback
    steps = []

    class Watch(TrainerCallback):
        def on_step_begin(self, args, state, control, **kw):
            torch.cuda.synchronize(); steps.append(time.time())
            if state.global_step == 2:
                row["steady_alloc"] = torch.cuda.memory_allocated(); start()

        def on_step_end(self, args, state, control, **kw):
            torch.cuda.synchronize(); steps[-1] = time.time() - steps[-1]

    kw = {"optim": case["optim"]} if case.get("optim") else {}
    if case.get("fsdp"):
        kw.update(fsdp=True, fsdp_config=case.get("fsdp_config", {}))
    a = TrainingArguments(output_dir="/tmp/out", per_device_train_batch_size=case["batch"], max_steps=3, bf16=case["method"] != "fp32", gradient_checkpointing=bool(case.get("checkpointing")),
                          gradient_checkpointing_kwargs={"use_reentrant": False} if case.get("checkpointing") else None, gradient_accumulation_steps=case.get("accumulation", 1),
                          report_to=[], save_strategy="no", logging_strategy="no", disable_tqdm=True, dataloader_pin_memory=False, **kw)
    tr = Trainer(model=m, args=a, train_dataset=Data(case, config), callbacks=[Watch()])
    tr.train()
    row["step_s"] = min(steps[1:]); row["optim"] = str(a.optim)
    row["peak"] = at_peak()
    del tr


def infer(m, case, config, row):
    m.eval()
    ids = ids_of(case, config)
    with torch.no_grad():
        for k in range(2):
            if k:
                start()
            t0 = time.time()
            out = m(input_ids=ids, use_cache=True, logits_to_keep=1)
            torch.cuda.synchronize()
            row["prefill_s"] = time.time() - t0
            if not k:
                del out
        row["after_prefill_alloc"] = torch.cuda.memory_allocated()
        row["peak"] = at_peak()
        kv = out.past_key_values; nxt = out.logits[:, -1:].argmax(-1); del out
        t0 = time.time()
        for _ in range(8):
            out = m(input_ids=nxt, past_key_values=kv, use_cache=True, logits_to_keep=1)
            nxt = out.logits[:, -1:].argmax(-1)
        torch.cuda.synchronize()
        row["decode_tok_s_per_seq"] = 8 / (time.time() - t0)


def run(case, config):
    row = dict(case); t0 = time.time()
    try:
        gc.collect(); torch.cuda.empty_cache(); torch.cuda.reset_peak_memory_stats()
        m = build(config, case)
        if case["method"] == "qlora":
            row["load_peak"] = torch.cuda.max_memory_allocated()
        row["params"] = sum(p.numel() for p in m.parameters()); row["tied"] = bool(m.config.get_text_config().tie_word_embeddings)
        row["weights_bytes"] = torch.cuda.memory_allocated()
        lora = case["method"] in ("lora", "lora_attn", "qlora")
        hf = case.get("trainer", "transformers") == "transformers" and case["method"] != "infer"
        if lora:
            m = adapters(m, case)
            if not hf:
                m.enable_input_require_grads()
        if case.get("checkpointing") and not hf:
            m.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        row["trainable"] = sum(p.numel() for p in m.parameters() if p.requires_grad)
        m.train(); torch.cuda.empty_cache(); torch.cuda.reset_peak_memory_stats()
        (infer if case["method"] == "infer" else hf_loop if hf else torch_loop)(m, case, config, row)
        row["status"] = "ok"
    except torch.cuda.OutOfMemoryError:
        row["status"] = "oom"
    except Exception as e:
        row["status"] = "error"; row["error"] = traceback.format_exc()[-600:]
    row["peak_alloc"] = torch.cuda.max_memory_allocated(); row["peak_reserved"] = torch.cuda.max_memory_reserved()
    free, total = torch.cuda.mem_get_info(); row["device_used"] = total - free
    if HISTORY:
        torch.cuda.memory._record_memory_history(enabled=None)
    row["took_s"] = round(time.time() - t0, 1)
    return row


def warm_up():
    """One product and its backward: the main and the autograd thread then have their cuBLAS workspaces."""
    a = torch.ones(64, 64, device="cuda", dtype=torch.bfloat16, requires_grad=True)
    (a @ a).sum().backward(); del a
    gc.collect(); torch.cuda.synchronize()


def one(case, config, rank):
    torch.cuda.set_device(rank); torch.cuda.init(); torch.zeros(1, device="cuda")
    free, total = torch.cuda.mem_get_info(); context = total - free - torch.cuda.memory_reserved()
    if case["method"] == "infer":
        warm_up()
    row = run(case, config); row["context_bytes"] = context
    return row


def forked(case, config, rank):
    """In a process of its own, so that nothing is left of the run before."""
    r, w = os.pipe(); pid = os.fork()
    if pid == 0:
        os.close(r)
        try:
            text = json.dumps(one(case, config, rank))
        except BaseException:
            text = json.dumps({"status": "error", "error": traceback.format_exc()[-500:], **case})
        with os.fdopen(w, "w") as f:
            f.write(text)
        os._exit(0)
    os.close(w)
    with os.fdopen(r) as f:
        text = f.read()
    os.waitpid(pid, 0)
    return json.loads(text) if text else {"status": "died", **case}


def main():
    doc = json.load(open(sys.argv[1])); i, n = 0, 1
    if "--part" in sys.argv:
        i, n = map(int, sys.argv[sys.argv.index("--part") + 1].split("/"))
    rank = int(os.environ.get("LOCAL_RANK", 0)); world = int(os.environ.get("WORLD_SIZE", 1))
    with open(sys.argv[2] if rank == 0 else sys.argv[2] + ".%d" % rank, "w") as f:
        for k, case in enumerate(doc["cases"]):
            if k % n != i:
                continue
            row = (one if world > 1 else forked)(case, doc["configs"][case["model"]], rank); row["n"] = k
            f.write(json.dumps(row) + "\n"); f.flush()
            print(k, case["model"], case["method"], row["status"], row.get("peak_alloc"), row.get("took_s"), row.get("error", "")[-200:], flush=True)


if __name__ == "__main__":
    main()
