#!/usr/bin/env python3
"""Records what another implementation forecasts: record_prototype.py FOLDER OUT.json

FOLDER holds memory_prototype.py, closed forms of the peaks of a few families, written before this program and without
it. The test forecast/prototype holds our forecasts against the recorded ones; no Python is needed then.
"""
import json, random, sys

sys.path.insert(0, sys.argv[1])
import memory_prototype as P

KINDS = ("llama", "qwen2", "qwen3", "gemma2", "phi3", "olmo2", "mixtral", "qwen3_moe", "gpt_oss", "gpt2", "gpt_neox")


def config(kind, n):
    rnd = random.Random(1000 * n + KINDS.index(kind))
    head, kv, groups = rnd.choice([64, 96, 128]), rnd.choice([2, 4, 8]), rnd.choice([1, 2, 4])
    heads = kv * groups
    c = dict(model_type=kind, hidden_size=rnd.choice([heads * head, 1024, 1536, 2048]), intermediate_size=rnd.choice([2816, 4096, 5632]),
             num_hidden_layers=4, num_attention_heads=heads, num_key_value_heads=kv, vocab_size=rnd.choice([1000, 1000, 32000, 100000]),
             tie_word_embeddings=rnd.choice([True, False]))
    if kind in ("phi3", "qwen2", "olmo2", "mixtral", "gpt_neox"):
        c["hidden_size"] = heads * head
    else:
        c["head_dim"] = head
    if kind == "phi3":
        c.update(sliding_window=None)
    if kind == "mixtral":
        c.update(num_local_experts=4, num_experts_per_tok=2)
    if kind == "qwen3_moe":
        c.update(num_experts=8, num_experts_per_tok=4, moe_intermediate_size=768, norm_topk_prob=True)
    if kind == "gpt_oss":
        c.update(num_local_experts=8, num_experts_per_tok=2, sliding_window=128)
    if kind == "gemma2":
        c.update(sliding_window=8192)
    if kind == "gpt2":
        c = dict(model_type="gpt2", n_embd=heads * head, n_layer=4, n_head=heads, vocab_size=c["vocab_size"], n_positions=2048,
                 tie_word_embeddings=c["tie_word_embeddings"])
    if kind == "gpt_neox":
        c.pop("num_key_value_heads")
    return c


def main():
    rows, configs, i = [], {}, 0
    for kind in KINDS:
        for n in range(2):
            name = "%s-%d" % (kind, n)
            configs[name] = config(kind, n)
            for method in ("full", "full_fp32", "lora", "lora_attn"):
                if method == "lora" and kind in ("mixtral", "qwen3_moe", "gpt_oss"):
                    continue           # the prototype does not know that PEFT adapts experts
                for checkpointing in (True, False):
                    for trainer in ("torch", "transformers"):
                        i += 1
                        batch, seq = [(1, 1024), (2, 1024), (1, 2048), (2, 2048)][i % 4]
                        attn = "eager" if kind == "gpt_oss" else "sdpa"
                        n_micro = 2 if i % 5 == 0 and trainer == "transformers" else 1
                        p = P.predict(dict(configs[name]), method, seq, batch, checkpointing, attn, trainer, n_micro)
                        rows.append(dict(model=name, method=method, batch=batch, seq=seq, checkpointing=checkpointing, attn=attn, trainer=trainer,
                                         accumulation=n_micro, params=p["params"], peak_alloc=p["peak_alloc"], moment=p["moment"], status="ok"))
    with open(sys.argv[2], "w") as f:
        f.write('{\n "notes": "Forecasts of a closed-form prototype over generated configurations, by tests/support/record_prototype.py. Not measurements.",\n')
        f.write(' "configs": {\n' + ",\n".join("  %s: %s" % (json.dumps(k), json.dumps(v)) for k, v in configs.items()) + "\n },\n")
        f.write(' "rows": [\n' + ",\n".join("  " + json.dumps(r) for r in rows) + "\n ]\n}\n")
    print(len(rows), "rows")


main()
